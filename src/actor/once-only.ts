import { isDead, LEASEHOLDER } from '../store/leaseholder.ts'
import { AppError } from '../errors.ts'
import { nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import type { AccountActor } from './actor.ts'

/** Keys are remembered this long. */
const KEPT_MS = 24 * 60 * 60 * 1000
/** A process of another machine that has made nothing for this long is taken for dead. */
const ABANDONED_MS = 60 * 1000

/** What is known of a request with a key: it may be done now, or it made this. */
export type Claim = { may: 'begin' } | { may: 'repeat'; made: string }

/**
 * [Note: once only]
 * A request with an Idempotency-Key takes the key before it begins, and the id of what it makes is written beside the key in
 * the transaction that makes it, by the audit event that every action writes there. So a process killed at any moment
 * leaves either a key that made nothing, which the next request takes over, or a key with what it made. A request whose
 * key was taken over meanwhile cannot commit.
 * @throws AppError `conflict` when the key is of another request, or its first request is still under way
 */
export async function claimKey(
  db: Db,
  { accountId, requestId }: AccountActor,
  key: string,
  requestHash: string,
): Promise<Claim> {
  return db.transaction().execute(async (tx) => {
    await tx.deleteFrom('request_once').where('begun_at', '<', ago(KEPT_MS)).execute()
    const row = await tx
      .selectFrom('request_once')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('key', '=', key)
      .executeTakeFirst()
    const mine = { request_id: requestId, holder: LEASEHOLDER, begun_at: nowIso() }
    if (row === undefined) {
      const fresh = { account_id: accountId, key, request_hash: requestHash, made: null, ...mine }
      await tx.insertInto('request_once').values(fresh).execute()
      return { may: 'begin' }
    }
    if (row.request_hash !== requestHash) {
      throw new AppError('conflict', 'This Idempotency-Key was used for another request.')
    }
    if (row.made !== null) return { may: 'repeat', made: row.made }
    if (!isDead(row.holder) && row.begun_at > ago(ABANDONED_MS)) {
      throw new AppError('conflict', 'The first request with this Idempotency-Key is still under way.')
    }
    await tx
      .updateTable('request_once')
      .set(mine)
      .where('account_id', '=', accountId)
      .where('key', '=', key)
      .execute()
    return { may: 'begin' }
  })
}

/** Lets a key go whose request made nothing: it may be tried again. */
export async function releaseKey(db: Db, { accountId, requestId }: AccountActor, key: string): Promise<void> {
  await db
    .deleteFrom('request_once')
    .where('account_id', '=', accountId)
    .where('key', '=', key)
    .where('request_id', '=', requestId)
    .where('made', 'is', null)
    .execute()
}

/**
 * Writes down what a request with a key made: the subject of its first event. Called with every event.
 * @throws AppError `conflict` when another request has taken the key over; nothing of this one may then be kept
 */
export async function noteMade(
  tx: Tx,
  { accountId, requestId, onceKey }: AccountActor,
  subject: string | undefined,
): Promise<void> {
  if (onceKey === undefined) return
  const row = await tx
    .selectFrom('request_once')
    .select(['request_id', 'made'])
    .where('account_id', '=', accountId)
    .where('key', '=', onceKey)
    .executeTakeFirst()
  if (row?.request_id !== requestId) {
    throw new AppError('conflict', 'Another request with this Idempotency-Key has taken over.')
  }
  if (row.made !== null || subject === undefined) return
  await tx
    .updateTable('request_once')
    .set({ made: subject.slice(subject.indexOf(' ') + 1) })
    .where('account_id', '=', accountId)
    .where('key', '=', onceKey)
    .execute()
}

function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString()
}
