import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { ownCollection } from '../collections/find-collection.ts'
import { isHeld } from '../collections/legal-hold.ts'
import type { Context } from '../context.ts'
import type { JobState } from '../contract/job-endpoints.ts'
import { AppError } from '../errors.ts'
import { newId, nowIso } from '../store/ids.ts'
import { isDead, LEASEHOLDER } from '../store/leaseholder.ts'
import type { Db } from '../store/database/db.ts'
import type { JobTable } from '../store/tables/setting-tables.ts'

/**
 * [Note: jobs]
 * A job is a row; any process of the service takes the longest waiting one, or one whose process died or let its lease
 * end, and works on it in short transactions that each make sure that the job is still this process's, and not cancelled.
 * So it goes on after a crash where it was, two processes never do the same twice, and a stop hands it back. It acts as
 * the account that asked for it, with what that account may do at each start; its suspension ends the job.
 */
export interface ListedJob extends JobTable {
  collectionTitle: string
}

const LEASE_MS = 30_000
const JUST_ENDED_MS = 10_000

/** @throws AppError `not_allowed`, `not_found`, `conflict` under a legal hold or while another job empties it */
export async function askToEmpty(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { collectionId: string; reason: string },
): Promise<ListedJob> {
  authorize(actor, 'collection.erase')
  return ctx.store.db.transaction().execute(async (tx) => {
    const collection = await ownCollection(tx, actor, input.collectionId)
    if (await isHeld(tx, collection.id)) throw underHold()
    const open = await tx
      .selectFrom('job')
      .select('id')
      .where('collection_id', '=', collection.id)
      .where('state', 'in', ['waiting', 'running'])
      .executeTakeFirst()
    if (open !== undefined) throw new AppError('conflict', 'This collection is being emptied already.')
    const { total } = await tx
      .selectFrom('media_in_collection')
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .where('collection_id', '=', collection.id)
      .executeTakeFirstOrThrow()
    const row: JobTable = {
      id: newId(),
      kind: 'empty_collection',
      agency_id: collection.agency_id,
      collection_id: collection.id,
      reason: input.reason,
      account_id: actor.accountId,
      asked_by: actor.name,
      asked_at: nowIso(),
      request_id: actor.requestId,
      address: actor.address,
      state: 'waiting',
      started_at: null,
      ended_at: null,
      leased_by: null,
      leased_until: null,
      done: 0,
      total,
      media: 0,
      faces: 0,
      cancelled_by: null,
      error_code: null,
      error_detail: null,
    }
    await tx.insertInto('job').values(row).execute()
    await appendAuditEvent(tx, actor, {
      action: 'job.ask',
      agencyId: collection.agency_id,
      subject: `job ${row.id}`,
      details: { kind: row.kind, collection: collection.id, total },
    })
    return { ...row, collectionTitle: collection.title }
  })
}

export function underHold(): AppError {
  return new AppError(
    'conflict',
    'The collection is under legal hold. Nothing more is erased; a supervisor can lift the hold.',
  )
}

/** Jobs of the actor's agency, newest first. */
export async function listJobs(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { state: JobState | undefined; before: string | undefined; limit: number },
): Promise<ListedJob[]> {
  authorize(actor, 'collection.erase')
  let query = jobsOf(ctx.store.db, agencyOf(actor)).limit(input.limit)
  if (input.state !== undefined) query = query.where('job.state', '=', input.state)
  if (input.before !== undefined) query = query.where('job.id', '<', input.before)
  return query.execute()
}

/** Those that have not ended, or only just, for the stream of events: how a short one ended is told too. */
export function currentJobs(db: Db, agencyId: string): Promise<ListedJob[]> {
  const justNow = new Date(Date.now() - JUST_ENDED_MS).toISOString()
  return jobsOf(db, agencyId)
    .where((where) =>
      where.or([where('job.state', 'in', ['waiting', 'running']), where('job.ended_at', '>', justNow)]),
    )
    .execute()
}

/** One of them, again, after a reply that was lost. @throws AppError `not_found` */
export async function showJob(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  id: string,
): Promise<ListedJob> {
  const row = await jobsOf(ctx.store.db, agencyOf(actor)).where('job.id', '=', id).executeTakeFirst()
  if (row === undefined) throw new AppError('not_found', 'Your agency has no such job.')
  return row
}

function jobsOf(db: Db, agencyId: string) {
  return db
    .selectFrom('job')
    .innerJoin('collection', 'collection.id', 'job.collection_id')
    .selectAll('job')
    .select('collection.title as collectionTitle')
    .where('job.agency_id', '=', agencyId)
    .orderBy('job.id', 'desc')
}

/** Ends a job; one that runs ends after what is under way. @throws AppError `not_found`, `conflict` when it has ended */
export async function cancelJob(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<ListedJob> {
  authorize(actor, 'collection.erase')
  const row = await showJob(ctx, actor, input.id)
  await ctx.store.db.transaction().execute(async (tx) => {
    const ended = { state: 'cancelled' as const, cancelled_by: actor.name, ended_at: nowIso() }
    const { numUpdatedRows } = await tx
      .updateTable('job')
      .set({ ...ended, leased_by: null, leased_until: null })
      .where('id', '=', row.id)
      .where('state', 'in', ['waiting', 'running'])
      .executeTakeFirstOrThrow()
    if (numUpdatedRows === 0n) throw new AppError('conflict', 'This job has ended already.')
    await appendAuditEvent(tx, actor, {
      action: 'job.cancel',
      agencyId: row.agency_id,
      subject: `job ${row.id}`,
      details: { done: row.done, total: row.total },
    })
  })
  return showJob(ctx, actor, row.id)
}

/** Takes the longest waiting job, or one that nobody works on any more; undefined when there is none. */
export async function claimJob(db: Db): Promise<JobTable | undefined> {
  return db.transaction().execute(async (tx) => {
    const open = await tx
      .selectFrom('job')
      .selectAll()
      .where('state', 'in', ['waiting', 'running'])
      .orderBy('id')
      .execute()
    const now = nowIso()
    const free = open.find(
      ({ state, leased_by: holder, leased_until: until }) =>
        state === 'waiting' || until === null || until < now || (holder !== null && isDead(holder)),
    )
    if (free === undefined) return undefined
    const taken = {
      state: 'running' as const,
      started_at: free.started_at ?? now,
      leased_by: LEASEHOLDER,
      leased_until: leaseEnd(),
    }
    await tx.updateTable('job').set(taken).where('id', '=', free.id).execute()
    return { ...free, ...taken }
  })
}

/** Whether the job is this process's, and goes on. */
export async function isStillOurs(db: Db, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('job')
    .select(['state', 'leased_by'])
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.state === 'running' && row.leased_by === LEASEHOLDER
}

/** Ends a job that is still this process's, or gives it back with `waiting`. */
export async function releaseJob(
  db: Db,
  id: string,
  state: 'waiting' | 'done' | 'failed',
  error?: AppError,
): Promise<void> {
  await db
    .updateTable('job')
    .set({
      state,
      leased_by: null,
      leased_until: null,
      ended_at: state === 'waiting' ? null : nowIso(),
      error_code: error?.code ?? null,
      error_detail: error?.message ?? null,
    })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .where('leased_by', '=', LEASEHOLDER)
    .execute()
}

export function leaseEnd(): string {
  return new Date(Date.now() + LEASE_MS).toISOString()
}
