import { createHmac } from 'node:crypto'
import { requireAllowed, type AllowedHosts } from './webhooks.ts'

/** A receiver that has not answered by then is tried again later. */
const ANSWER_WITHIN_MS = 10_000

/** Headers of a message; see docs/watching.md for how receivers check them. */
export const TIMESTAMP_HEADER = 'likeness-timestamp'
export const SIGNATURE_HEADER = 'likeness-signature'
const ID_HEADER = 'likeness-id'

/** `v1=` and the HMAC-SHA256, in hex, of the timestamp (Unix seconds), a full stop and the body. */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}

/**
 * Sends one message. The address is checked against the operator's list again: it may have grown shorter. Redirects are not
 * followed: they could lead elsewhere.
 * @throws whatever kept it from being taken: no answer, or one other than 2xx
 */
export async function sendWebhook(
  { url, secret }: { url: string; secret: string },
  message: { id: string; body: string },
  { hosts, nowMs, signal }: { hosts: AllowedHosts; nowMs: number; signal: AbortSignal },
): Promise<void> {
  const target = requireAllowed(url, hosts)
  const timestamp = String(Math.floor(nowMs / 1000))
  const response = await fetch(target, {
    method: 'POST',
    redirect: 'error',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'likeness',
      [ID_HEADER]: message.id,
      [TIMESTAMP_HEADER]: timestamp,
      [SIGNATURE_HEADER]: signatureOf(secret, timestamp, message.body),
    },
    body: message.body,
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
  })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`The receiver answered ${response.status}.`)
}
