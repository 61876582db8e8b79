import { sql } from 'kysely'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import type { SuspensionKind, SuspensionTable } from '../store/tables/account-tables.ts'
import type { Actor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'

export interface SuspensionTarget {
  kind: SuspensionKind
  id: string
}

/** In a query over `account`: those that are not suspended themselves. */
export const ACCOUNT_NOT_SUSPENDED = sql<boolean>`not exists (
  select 1 from suspension where suspension.target_id = account.id and suspension.lifted_at is null)`

/** Whether any of these is suspended now. */
export async function isSuspended(db: Db, targets: readonly SuspensionTarget[]): Promise<boolean> {
  const row = await db
    .selectFrom('suspension')
    .selectAll()
    .where('lifted_at', 'is', null)
    .where(
      'target_id',
      'in',
      targets.map(({ id }) => id),
    )
    .executeTakeFirst()
  if (row === undefined) return false
  checkedRow('suspension', row, row.id)
  return targets.some(({ kind, id }) => kind === row.kind && id === row.target_id)
}

/** Nothing is opened to an agency that is cut off. @throws AppError `conflict` */
export async function refuseSuspendedAgency(db: Db, id: string): Promise<void> {
  if (await isSuspended(db, [{ kind: 'agency', id }]))
    throw new AppError('conflict', 'This agency is suspended: nothing can be opened to it.')
}

/**
 * Cuts off an agency, an account, a device, a session or an API key. From the commit on every request of it is refused
 * by every process, and what is under way ends within a second; see [Note: cut-off].
 * @throws AppError `not_allowed`, `not_found`, `conflict` when it already is
 */
export async function suspend(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: SuspensionTarget & { reason: string },
): Promise<SuspensionTable> {
  const agencyId = await authorizeSuspension(ctx.store.db, actor, input)
  return ctx.store.db
    .transaction()
    .execute((tx) => imposeSuspension(tx, actor, input, { reason: input.reason, agencyId }))
}

/** Suspends what the actor was found to have a say over. @throws AppError `conflict` when it is suspended already */
export async function imposeSuspension(
  tx: Tx,
  actor: Actor,
  target: SuspensionTarget,
  { reason, agencyId }: { reason: string; agencyId: string | undefined },
): Promise<SuspensionTable> {
  if (await isSuspended(tx, [target])) throw new AppError('conflict', 'It is suspended already.')
  const row = withDigest('suspension', {
    id: newId(),
    kind: target.kind,
    target_id: target.id,
    reason,
    suspended_by: actor.name,
    suspended_at: nowIso(),
    lifted_by: null,
    lifted_at: null,
    lift_reason: null,
  })
  await tx.insertInto('suspension').values(row).execute()
  await announceCutOff(tx, target)
  if (target.kind === 'agency') await announceSeesLess(tx, await granteesOf(tx, target.id))
  await appendAuditEvent(tx, actor, {
    action: 'suspension.impose',
    agencyId,
    subject: `${target.kind} ${target.id}`,
    details: { reason },
  })
  return row
}

/** Agencies that search collections of an agency; while it is suspended they do not. */
async function granteesOf(tx: Tx, agencyId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('collection_grant')
    .innerJoin('collection', 'collection.id', 'collection_grant.collection_id')
    .select('collection_grant.agency_id')
    .distinct()
    .where('collection.agency_id', '=', agencyId)
    .execute()
  return rows.map(({ agency_id: id }) => id)
}

/** Lets it in again; sessions that were under way stay ended. @throws AppError `not_allowed`, `not_found`, `conflict` */
export async function liftSuspension(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { id: string; reason: string },
): Promise<SuspensionTable> {
  const { db } = ctx.store
  const row = await db.selectFrom('suspension').selectAll().where('id', '=', input.id).executeTakeFirst()
  if (row === undefined) throw notFound()
  const agencyId = await authorizeSuspension(db, actor, { kind: row.kind, id: row.target_id })
  return db.transaction().execute(async (tx) => {
    const current = await tx
      .selectFrom('suspension')
      .select('lifted_at')
      .where('id', '=', row.id)
      .executeTakeFirstOrThrow()
    if (current.lifted_at !== null) throw new AppError('conflict', 'This suspension was lifted already.')
    const lifted = await changeRow(tx, 'suspension', row.id, {
      lifted_by: actor.name,
      lifted_at: nowIso(),
      lift_reason: input.reason,
    })
    await endSessions(tx, { kind: row.kind, id: row.target_id })
    await appendAuditEvent(tx, actor, {
      action: 'suspension.lift',
      agencyId,
      subject: `${row.kind} ${row.target_id}`,
      details: { reason: input.reason },
    })
    return lifted!
  })
}

/** Suspensions that the actor may lift, newest first. */
export async function listSuspensions(ctx: Pick<Context, 'store'>, actor: Actor): Promise<SuspensionTable[]> {
  authorize(actor, 'account.suspend')
  const rows = await ctx.store.db
    .selectFrom('suspension')
    .selectAll()
    .where('lifted_at', 'is', null)
    .orderBy('id', 'desc')
    .execute()
  const visible: SuspensionTable[] = []
  for (const row of rows) {
    const agencyId = await agencyOfTarget(ctx.store.db, { kind: row.kind, id: row.target_id })
    const own = actor.kind === 'account' && actor.agencyId !== undefined && actor.agencyId === agencyId
    const ofInstance = actor.kind === 'operator' || actor.agencyId === undefined
    if (ofInstance || (own && row.kind !== 'agency')) visible.push(checkedRow('suspension', row, row.id))
  }
  return visible
}

/** Tells every process to end what is under way for a target; see [Note: cut-off]. */
export async function announceCutOff(tx: Tx, { kind, id }: SuspensionTarget): Promise<void> {
  await tx.insertInto('cut_off').values({ kind, target_id: id, at: nowIso() }).execute()
}

/** Kind of a cut-off that ends streams only. */
export const SEES_LESS = 'sees_less' as const

/**
 * Tells every process that an account, or everybody of an agency, may no longer see something: their streams end, and are
 * opened anew with what may be seen then. In the transaction that takes it away.
 * @param ids of accounts and agencies
 */
export async function announceSeesLess(tx: Tx, ids: readonly string[]): Promise<void> {
  const rows = ids.map((id) => ({ kind: SEES_LESS, target_id: id, at: nowIso() }))
  if (rows.length > 0) await tx.insertInto('cut_off').values(rows).execute()
}

/** @returns the agency that the target belongs to; undefined for operators' own */
async function authorizeSuspension(
  db: Db,
  actor: Actor,
  target: SuspensionTarget,
): Promise<string | undefined> {
  authorize(actor, target.kind === 'agency' ? 'agency.suspend' : 'account.suspend')
  const agencyId = await agencyOfTarget(db, target)
  if (agencyId === undefined) throw notFound()
  if (actor.kind === 'account') {
    const isSelf =
      (target.kind === 'account' && target.id === actor.accountId) ||
      (target.kind === 'session' && target.id === actor.via.id)
    if (isSelf)
      throw new AppError('conflict', 'Nobody can suspend themselves: another administrator does that.')
    if (actor.agencyId !== undefined && agencyId !== agencyOf(actor)) throw notFound()
  }
  return agencyId ?? undefined
}

function notFound(): AppError {
  return new AppError('not_found', 'There is no such thing to suspend, or it is not of your agency.')
}

/** @returns null for what belongs to an operator, undefined when there is no such thing */
async function agencyOfTarget(db: Db, { kind, id }: SuspensionTarget): Promise<string | null | undefined> {
  if (kind === 'agency') {
    return (await db.selectFrom('agency').select('id').where('id', '=', id).executeTakeFirst())?.id
  }
  const accountId = await accountOfTarget(db, { kind, id })
  if (accountId === undefined) return undefined
  const account = await db
    .selectFrom('account')
    .select('agency_id')
    .where('id', '=', accountId)
    .executeTakeFirst()
  return account?.agency_id
}

async function accountOfTarget(db: Db, { kind, id }: SuspensionTarget): Promise<string | undefined> {
  switch (kind) {
    case 'device':
      return (await db.selectFrom('device').select('account_id').where('id', '=', id).executeTakeFirst())
        ?.account_id
    case 'session':
      return (await db.selectFrom('login_session').select('userId').where('id', '=', id).executeTakeFirst())
        ?.userId
    case 'api_key':
      return (
        await db.selectFrom('login_api_key').select('referenceId').where('id', '=', id).executeTakeFirst()
      )?.referenceId
    case 'account':
    case 'agency':
      return id
  }
  throw new AppError('internal', 'Unknown kind of suspension.')
}

/** Sessions of before are not to come back to life with the lifting. */
async function endSessions(tx: Tx, { kind, id }: SuspensionTarget): Promise<void> {
  const sessions = tx.deleteFrom('login_session')
  switch (kind) {
    case 'session':
      await sessions.where('id', '=', id).execute()
      break
    case 'device':
      await sessions.where('deviceId', '=', id).execute()
      break
    case 'account':
      await sessions.where('userId', '=', id).execute()
      break
    case 'agency':
      await sessions
        .where('userId', 'in', (accounts) =>
          accounts.selectFrom('account').select('account.id').where('agency_id', '=', id),
        )
        .execute()
      break
    case 'api_key':
  }
}
