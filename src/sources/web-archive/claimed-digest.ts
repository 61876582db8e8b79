import { createHash, type Hash } from 'node:crypto'
import type { ClaimedDigest } from './capture.ts'

const DIGEST_BYTES: Record<string, number> = { md5: 16, sha1: 20, sha256: 32, sha384: 48, sha512: 64 }
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** Kinds of hash that a bare hash of this many hex digits is. */
const KIND_BY_HEX_DIGITS: Record<number, string> = {
  32: 'md5',
  40: 'sha1',
  64: 'sha256',
  96: 'sha384',
  128: 'sha512',
}

/** A digest as archives and tools write it: `sha1:` and base32 (WARC), `sha256:` and hex (WACZ), or bare hex. */
export interface ParsedDigest {
  kind: string
  bytes: Buffer
}

/** Undefined when it is no digest of a kind that can be computed here. */
export function parseDigest(text: string): ParsedDigest | undefined {
  const colon = text.indexOf(':')
  const value = text.slice(colon + 1).trim()
  const kind =
    colon < 0 ? KIND_BY_HEX_DIGITS[value.length] : text.slice(0, colon).trim().toLowerCase().replace('-', '')
  const length = kind === undefined ? undefined : DIGEST_BYTES[kind]
  if (kind === undefined || length === undefined) return undefined
  const bytes = [fromHex(value), fromBase32(value), Buffer.from(value, 'base64')].find(
    (candidate) => candidate?.byteLength === length,
  )
  return bytes === undefined ? undefined : { kind, bytes }
}

/** Hashes bytes as they come, of the kind that a digest claims. */
export class DigestCheck {
  readonly #claimed: string | undefined
  readonly #parsed: ParsedDigest | undefined
  readonly #sum: Hash | undefined

  constructor(claimed: string | undefined) {
    this.#claimed = claimed
    this.#parsed = claimed === undefined ? undefined : parseDigest(claimed)
    this.#sum = this.#parsed === undefined ? undefined : createHash(this.#parsed.kind)
  }

  /** Whether there is anything to compute. */
  get isDue(): boolean {
    return this.#sum !== undefined
  }

  update(bytes: Uint8Array): void {
    this.#sum?.update(bytes)
  }

  result(): ClaimedDigest {
    if (this.#claimed === undefined) return { verdict: 'absent' }
    if (this.#parsed === undefined || this.#sum === undefined)
      return { verdict: 'unchecked', claimed: this.#claimed }
    const observed = this.#sum.digest()
    return {
      verdict: observed.equals(this.#parsed.bytes) ? 'valid' : 'invalid',
      claimed: this.#claimed,
      observed: `${this.#parsed.kind}:${isBase32(this.#claimed, this.#parsed) ? toBase32(observed) : observed.toString('hex')}`,
    }
  }
}

/** Checks whole bytes against a claimed digest. */
export function checkDigest(claimed: string | undefined, bytes: Uint8Array): ClaimedDigest {
  const check = new DigestCheck(claimed)
  check.update(bytes)
  return check.result()
}

/** The same kind of writing is used for what was observed, so that people can compare. */
function isBase32(claimed: string, { bytes }: ParsedDigest): boolean {
  return fromHex(claimed.slice(claimed.indexOf(':') + 1).trim())?.byteLength !== bytes.byteLength
}

function fromHex(text: string): Buffer | undefined {
  return /^([0-9a-fA-F]{2})+$/.test(text) ? Buffer.from(text, 'hex') : undefined
}

/** RFC 4648, section 6. */
function fromBase32(text: string): Buffer | undefined {
  const digits = text.toUpperCase().replace(/=+$/, '')
  if (digits === '' || /[^A-Z2-7]/.test(digits)) return undefined
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (const digit of digits) {
    held = ((held << 5) | BASE32.indexOf(digit)) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((held >> bits) & 0xff)
  }
  return Buffer.from(bytes)
}

function toBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += BASE32[(held >> bits) & 31]
    }
  }
  if (bits > 0) text += BASE32[(held << (5 - bits)) & 31]
  return text
}
