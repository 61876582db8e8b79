import { createPublicKey, verify, X509Certificate, type KeyObject } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import type { Verdict } from '../../../store/archive-schema.ts'

/**
 * What `datapackage-digest.json` says of who made a package (WACZ Signing and Verification 0.1.0): either an anonymous
 * key, or a domain with its certificates and a time stamp.
 */
export interface SignatureReport {
  verdict: Verdict
  signedBy?: string
  signedAt?: string
  software?: string
  problems: string[]
}

/** Certificates that a chain may have. */
const MAX_CHAIN = 8

/** @param packageHash `sha256:` and hex, of datapackage.json as it is */
export function checkSignature(digestFile: unknown, packageHash: string): SignatureReport {
  const signed = recordOf(recordOf(digestFile)?.['signedData'])
  if (signed === undefined || textOf(signed['signature']) === undefined)
    return { verdict: 'absent', problems: [] }
  const created = textOf(signed['created'])
  const software = textOf(signed['software'])
  const domain = textOf(signed['domain'])
  const publicKey = textOf(signed['publicKey'])
  const facts = {
    ...(created === undefined ? {} : { signedAt: created }),
    ...(software === undefined ? {} : { software }),
  }
  const hash = textOf(signed['hash']) ?? ''
  if (hash !== packageHash)
    return {
      verdict: 'invalid',
      ...facts,
      problems: ['The signature is of another data package than this one.'],
    }
  const signature = Buffer.from(textOf(signed['signature']) ?? '', 'base64')
  if (publicKey !== undefined) {
    const holds = holdsFor(
      () => createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' }),
      hash,
      signature,
    )
    const signedBy = `anonymous key ${publicKey.slice(0, 200)}`
    return holds
      ? { verdict: 'valid', signedBy, ...facts, problems: [] }
      : { verdict: 'invalid', signedBy, ...facts, problems: ['The signature does not fit its key.'] }
  }
  const chain = textOf(signed['domainCert'])
  if (domain === undefined || chain === undefined)
    return {
      verdict: 'unchecked',
      ...facts,
      problems: ['The signature names neither a key nor a certificate.'],
    }
  return { ...checkDomain(domain, chain, hash, signature, created), signedBy: domain, ...facts }
}

function checkDomain(
  domain: string,
  chainText: string,
  hash: string,
  signature: Buffer,
  created: string | undefined,
): Pick<SignatureReport, 'verdict' | 'problems'> {
  const chain = certificatesOf(chainText)
  const [leaf] = chain
  if (leaf === undefined)
    return { verdict: 'unchecked', problems: ['The certificates of the signature cannot be read.'] }
  if (!holdsFor(() => leaf.publicKey, hash, signature))
    return { verdict: 'invalid', problems: ['The signature does not fit the certificate of its domain.'] }
  if (leaf.checkHost(domain) === undefined)
    return { verdict: 'invalid', problems: [`The certificate is not of the domain ${domain}.`] }
  const time = Date.parse(created ?? '')
  if (!Number.isNaN(time) && (time < leaf.validFromDate.getTime() || time > leaf.validToDate.getTime()))
    return {
      verdict: 'invalid',
      problems: ['The certificate was not in force when the signature says that it was made.'],
    }
  for (let at = 0; at + 1 < chain.length; at++) {
    if (!isIssuedBy(chain[at], chain[at + 1]))
      return { verdict: 'invalid', problems: ['The certificates do not follow from one another.'] }
  }
  const last = chain[chain.length - 1]
  const isKnown = rootCertificates.some((text) => {
    const root = new X509Certificate(text)
    return root.fingerprint256 === last.fingerprint256 || isIssuedBy(last, root)
  })
  if (isKnown) return { verdict: 'valid', problems: [] }
  return {
    verdict: 'unchecked',
    problems: [
      'The signature fits its certificate, whose issuer is not known here: whose it is could not be checked.',
    ],
  }
}

/** ECDSA or RSA over the hash's text, with SHA-256; browsers write r and s bare, others as ASN.1. */
function holdsFor(keyOf: () => KeyObject, hash: string, signature: Buffer): boolean {
  try {
    const key = keyOf()
    return (['ieee-p1363', 'der'] as const).some((dsaEncoding) => {
      try {
        return verify('sha256', Buffer.from(hash), { key, dsaEncoding }, signature)
      } catch {
        return false
      }
    })
  } catch {
    return false
  }
}

function certificatesOf(text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.slice(0, MAX_CHAIN).map((block) => new X509Certificate(block))
  } catch {
    return []
  }
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
  } catch {
    return false
  }
}

export function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
