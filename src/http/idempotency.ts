import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { AccountActor } from '../access/actor.ts'
import { AppError } from '../errors.ts'
import { nowIso } from '../store/ids.ts'
import type { HttpContext } from './http-context.ts'

/** Replies are kept this long. */
const KEPT_MS = 24 * 60 * 60 * 1000
/** A first request that has said nothing for this long died with its process: the key may be used again. */
const ABANDONED_MS = 60 * 1000
const KEY = /^[\x21-\x7e]{8,100}$/

export interface KeptReply {
  status: number
  body: unknown
}

/**
 * Does what the request asks once for each Idempotency-Key of an account (draft-ietf-httpapi-idempotency-key-header):
 * the same request again gets the first one's reply, another request with the same key is refused. Without a key it is
 * simply done. Failures are not kept: what failed may be tried again.
 */
export async function onceOnly(
  ctx: HttpContext,
  actor: AccountActor,
  request: FastifyRequest,
  work: () => Promise<KeptReply>,
): Promise<KeptReply> {
  const key = request.headers['idempotency-key']
  if (key === undefined) return work()
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw new AppError('bad_input', 'Expected an Idempotency-Key of 8 to 100 visible characters.')
  }
  const request_hash = hashOf(request)
  const { db } = ctx.store
  const earlier = await reserve(ctx, actor.accountId, key, request_hash)
  if (earlier !== undefined) return earlier
  const own = db
    .updateTable('idempotent_reply')
    .where('account_id', '=', actor.accountId)
    .where('key', '=', key)
  try {
    const reply = await work()
    await own.set({ status: reply.status, body: JSON.stringify(reply.body) }).execute()
    return reply
  } catch (error) {
    await db
      .deleteFrom('idempotent_reply')
      .where('account_id', '=', actor.accountId)
      .where('key', '=', key)
      .where('status', 'is', null)
      .execute()
    throw error
  }
}

async function reserve(
  ctx: HttpContext,
  account_id: string,
  key: string,
  request_hash: string,
): Promise<KeptReply | undefined> {
  return ctx.store.db.transaction().execute(async (tx) => {
    await tx
      .deleteFrom('idempotent_reply')
      .where((where) =>
        where.or([
          where('created_at', '<', ago(KEPT_MS)),
          where.and([where('status', 'is', null), where('created_at', '<', ago(ABANDONED_MS))]),
        ]),
      )
      .execute()
    const row = await tx
      .selectFrom('idempotent_reply')
      .selectAll()
      .where('account_id', '=', account_id)
      .where('key', '=', key)
      .executeTakeFirst()
    if (row === undefined) {
      const fresh = { account_id, key, request_hash, status: null, body: null, created_at: nowIso() }
      await tx.insertInto('idempotent_reply').values(fresh).execute()
      return undefined
    }
    if (row.request_hash !== request_hash) {
      throw new AppError('conflict', 'This Idempotency-Key was used for another request.')
    }
    if (row.status === null) {
      throw new AppError('conflict', 'The first request with this Idempotency-Key is still under way.')
    }
    return { status: row.status, body: JSON.parse(row.body!) as unknown }
  })
}

function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString()
}

function hashOf({ method, url, body }: FastifyRequest): string {
  const sum = createHash('sha256').update(`${method} ${url}\n`)
  return sum.update(Buffer.isBuffer(body) ? body : JSON.stringify(body ?? null)).digest('hex')
}
