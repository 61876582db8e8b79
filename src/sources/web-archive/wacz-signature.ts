import { createPublicKey, verify, X509Certificate, type KeyObject } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import type { Verdict } from '../../store/tables/archive-tables.ts'
import { parseDigest } from './claimed-digest.ts'

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

/**
 * @param packageHash `sha256:` and hex, of datapackage.json as it is
 * @param roots certificates in PEM that are trusted: those that Node brings
 */
export function checkSignature(
  digestFile: unknown,
  packageHash: string,
  roots: readonly string[] = rootCertificates,
): SignatureReport {
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
  const signedHash = parseDigest(hash)
  if (signedHash?.kind !== 'sha256')
    return {
      verdict: 'unchecked',
      ...facts,
      problems: ['The signature is of a hash of a kind that could not be checked here.'],
    }
  if (!signedHash.bytes.equals(parseDigest(packageHash)!.bytes))
    return {
      verdict: 'invalid',
      ...facts,
      problems: ['The signature is of another data package than this one.'],
    }
  const signature = Buffer.from(textOf(signed['signature']) ?? '', 'base64')
  if (publicKey !== undefined) {
    const signedBy = `anonymous key ${publicKey.slice(0, 200)}`
    const key = keyOf(publicKey)
    if (key === undefined)
      return {
        verdict: 'unchecked',
        signedBy,
        ...facts,
        problems: ['The key of the signature is of a kind that is not read here: it could not be checked.'],
      }
    return holdsFor(key, hash, signature)
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
  return { ...checkDomain(domain, chain, { hash, signature, created, roots }), signedBy: domain, ...facts }
}

function checkDomain(
  domain: string,
  chainText: string,
  {
    hash,
    signature,
    created,
    roots,
  }: { hash: string; signature: Buffer; created: string | undefined; roots: readonly string[] },
): Pick<SignatureReport, 'verdict' | 'problems'> {
  const chain = certificatesOf(chainText)
  const [leaf] = chain
  if (leaf === undefined)
    return { verdict: 'unchecked', problems: ['The certificates of the signature cannot be read.'] }
  if (!holdsFor(leaf.publicKey, hash, signature))
    return { verdict: 'invalid', problems: ['The signature does not fit the certificate of its domain.'] }
  if (leaf.checkHost(domain) === undefined)
    return { verdict: 'invalid', problems: [`The certificate is not of the domain ${domain}.`] }
  const time = Date.parse(created ?? '')
  if (!Number.isNaN(time) && (time < leaf.validFromDate.getTime() || time > leaf.validToDate.getTime()))
    return {
      verdict: 'invalid',
      problems: ['The certificate was not in force when the signature says that it was made.'],
    }
  if (leadsToRoot(leaf, chain, roots)) return { verdict: 'valid', problems: [] }
  return {
    verdict: 'unchecked',
    problems: [
      'The signature fits its certificate, whose issuer is not known here: whose it is could not be checked.',
    ],
  }
}

/**
 * Whether the certificates lead from one to a root that is known here (RFC 5280, section 6, and RFC 4158 on building
 * paths): in whatever order they stand, past those that belong to no path. A root that another one has signed as well
 * (cross-signed) is known by its name and key.
 */
function leadsToRoot(
  leaf: X509Certificate,
  given: readonly X509Certificate[],
  known: readonly string[],
): boolean {
  const roots = known.map((text) => new X509Certificate(text))
  const isKnown = (one: X509Certificate): boolean =>
    roots.some(
      (root) =>
        isIssuedBy(one, root) ||
        (one.subject === root.subject && one.publicKey.equals(root.publicKey) && one !== leaf),
    )
  const reached = new Set([leaf])
  // A set gives what is added to it on the way.
  for (const one of reached) {
    if (isKnown(one)) return true
    for (const issuer of given) if (isIssuedBy(one, issuer)) reached.add(issuer)
  }
  return false
}

function keyOf(publicKey: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

/** ECDSA, RSA or EdDSA over the hash's text, with SHA-256 where a hash is chosen; browsers write r and s bare, others as ASN.1. */
function holdsFor(key: KeyObject, hash: string, signature: Buffer): boolean {
  const algorithm = key.asymmetricKeyType?.startsWith('ed') === true ? null : 'sha256'
  return (['ieee-p1363', 'der'] as const).some((dsaEncoding) => {
    try {
      return verify(algorithm, Buffer.from(hash), { key, dsaEncoding }, signature)
    } catch {
      return false
    }
  })
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
    return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
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
