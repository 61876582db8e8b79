import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { AccountActor } from '../actor/actor.ts'
import { claimKey, releaseKey } from '../actor/once-only.ts'
import { AppError } from '../errors.ts'
import type { HttpContext } from './http-context.ts'

const KEY = /^[\x21-\x7e]{8,100}$/

/** How a request that makes something is done the first time, and answered when it comes again. */
export interface Once {
  first: (actor: AccountActor) => Promise<unknown>
  /** @param made id of what the first one made */
  again: (made: string) => Promise<unknown>
}

/**
 * Does what the request asks once for each Idempotency-Key of an account (draft-ietf-httpapi-idempotency-key-header):
 * the same request again gets what the first one made, as it is now; another request with the same key is refused.
 * Without a key it is simply done. Failures may be tried again. See [Note: once only].
 */
export async function onceOnly(
  ctx: HttpContext,
  actor: AccountActor,
  request: FastifyRequest,
  { first, again }: Once,
): Promise<unknown> {
  const key = request.headers['idempotency-key']
  if (key === undefined) return first(actor)
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw new AppError('bad_input', 'Expected an Idempotency-Key of 8 to 100 visible characters.')
  }
  const { db } = ctx.store
  const claim = await claimKey(db, actor, key, hashOf(request))
  if (claim.may === 'repeat') return again(claim.made)
  try {
    return await first({ ...actor, onceKey: key })
  } catch (error) {
    await releaseKey(db, actor, key)
    throw error
  }
}

function hashOf({ method, url, body }: FastifyRequest): string {
  const sum = createHash('sha256').update(`${method} ${url}\n`)
  return sum.update(Buffer.isBuffer(body) ? body : JSON.stringify(body ?? null)).digest('hex')
}
