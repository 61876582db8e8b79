import { createHmac } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

const STEP_MS = 30_000
/** A code of the step before is taken as long as this one lasts; not begun with when that is nearly over. */
const SAFE_MS = 10_000
/** Last step that was used, by secret: each code signs in once. */
const used = new Map<string, number>()

/** RFC 6238 with SHA-1, 6 digits, 30 s, as apps do it. @param secret base32 */
export function totpCode(secret: string, atMs: number): string {
  const bits = secret
    .replaceAll('=', '')
    .split('')
    .map((character) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(character).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / STEP_MS)))
  const mac = createHmac('sha1', key).update(counter).digest()
  const offset = mac[19] & 15
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/**
 * A code that was not used yet: of the step before, of this one or of the next, which are all taken; when those are used up
 * it waits for the clock, as people do.
 */
export async function freshTotpCode(secret: string): Promise<string> {
  const last = used.get(secret) ?? 0
  const now = Date.now()
  const current = Math.floor(now / STEP_MS)
  const first = STEP_MS - (now % STEP_MS) > SAFE_MS ? current - 1 : current
  const step = Math.max(first, last + 1)
  used.set(secret, step)
  if (step > current + 1) await delay((step - 1) * STEP_MS - now + 1)
  return totpCode(secret, step * STEP_MS)
}
