import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { keyId, type SigningKey } from '../audit/signing-key.ts'

/**
 * [Note: report seal]
 * A seal lists parts of a file with their SHA-256 and signs the list with the instance's Ed25519 key. So one changed byte
 * is found, and the part that it stands in is named. It proves that this instance made the file as it is; that the key is
 * this instance's, the reader knows from the agency, not from the file.
 */
export const sealSchema = z.strictObject({
  reportId: z.string(),
  parts: z.array(
    z.strictObject({
      name: z.string(),
      sha256: z.string(),
      /** Where the part stands in the file, as [first byte, byte after the last]; only in PDF. */
      ranges: z.array(z.tuple([z.int(), z.int()])).optional(),
    }),
  ),
  keyId: z.string(),
  /** SPKI, DER, base64. */
  publicKey: z.string(),
  /** Ed25519, base64. */
  signature: z.string(),
})
export type Seal = z.infer<typeof sealSchema>

/** One part of a file. */
export interface SealedPart {
  name: string
  bytes: Uint8Array
  ranges?: [number, number][]
}

/** Signs a list of parts. */
export function makeSeal(reportId: string, parts: readonly SealedPart[], key: SigningKey): Seal {
  const hashed = parts.map(({ name, bytes, ranges }) => ({
    name,
    sha256: hash('sha256', bytes),
    ...(ranges === undefined ? {} : { ranges }),
  }))
  return {
    reportId,
    parts: hashed,
    keyId: key.id,
    publicKey: key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    signature: sign(null, signedBytes(reportId, hashed), key.privateKey).toString('base64'),
  }
}

/** What is wrong with a seal, or with the parts that it lists, in sentences; empty when all holds. */
export function sealFaults(
  seal: Seal,
  parts: readonly SealedPart[],
  trusted: KeyObject | undefined,
): string[] {
  const faults = parts.flatMap(({ name, bytes }) => {
    const listed = seal.parts.find((part) => part.name === name)
    if (listed === undefined) return [`The seal does not know ${name}.`]
    return listed.sha256 === hash('sha256', bytes) ? [] : [`${name} was changed.`]
  })
  for (const { name } of seal.parts) {
    if (!parts.some((part) => part.name === name)) faults.push(`${name} is missing.`)
  }
  return [...faults, ...signatureFaults(seal, trusted)]
}

function signatureFaults(seal: Seal, trusted: KeyObject | undefined): string[] {
  const own = readKey(seal.publicKey)
  if (own === undefined || keyId(own) !== seal.keyId) return ['The key in the seal was changed.']
  // Base64 has spare bits at its end: another text can stand for the same bytes.
  const isAsWritten = [seal.signature, seal.publicKey].every(
    (text) => Buffer.from(text, 'base64').toString('base64') === text,
  )
  if (!isAsWritten) return ['The signature was changed.']
  if (trusted !== undefined && keyId(trusted) !== seal.keyId) {
    return [`The report was signed with the key ${seal.keyId}, not with ${keyId(trusted)}, which was given.`]
  }
  const holds = verify(
    null,
    signedBytes(seal.reportId, seal.parts),
    own,
    Buffer.from(seal.signature, 'base64'),
  )
  return holds ? [] : ['The signature does not hold: the seal was changed.']
}

function readKey(text: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(text, 'base64'), type: 'spki', format: 'der' })
  } catch {
    return undefined
  }
}

function signedBytes(reportId: string, parts: Seal['parts']): Buffer {
  const lines = parts.map(({ name, sha256, ranges }) => `${sha256}  ${name}  ${JSON.stringify(ranges ?? [])}`)
  return Buffer.from(`likeness report seal\n${reportId}\n${lines.join('\n')}\n`)
}
