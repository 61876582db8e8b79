import { randomBytes } from 'node:crypto'

let lastMs = 0
let counter = 0

/**
 * A new UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then a 12-bit counter that keeps ids of one
 * process in the order of their making, then 62 random bits.
 */
export function newId(nowMs: number = Date.now()): string {
  const bytes = randomBytes(16)
  if (nowMs > lastMs) {
    lastMs = nowMs
    counter = bytes.readUInt16BE(6) & 0x07ff
  } else {
    counter += 1
    if (counter > 0x0fff) {
      lastMs += 1
      counter = 0
    }
  }
  bytes.writeUIntBE(lastMs, 0, 6)
  bytes.writeUInt16BE(0x7000 | counter, 6)
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The short form that people read: the last 8 characters, which differ between ids made in the same second. */
export function shortId(id: string): string {
  return id.slice(-8)
}

/** Now as a UTC ISO string, the only form of time in the record. */
export function nowIso(): string {
  return new Date().toISOString()
}
