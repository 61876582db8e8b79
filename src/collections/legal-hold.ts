import type { Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import type { LegalHoldTable } from '../store/tables/collection-tables.ts'
import { ownCollection } from './find-collection.ts'

/**
 * Holds a collection of the own agency: from the commit on, nothing of it is erased. Several holds of one collection
 * stand side by side; each is lifted by itself.
 * @throws AppError `not_allowed`, `not_found`, `bad_input` without a reason
 */
export async function imposeHold(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { collectionId: string; reason: string },
): Promise<LegalHoldTable> {
  authorize(actor, 'collection.hold')
  const reason = requireReason(input.reason)
  return ctx.store.db.transaction().execute(async (tx) => {
    const collection = await ownCollection(tx, actor, input.collectionId)
    const row = withDigest('legal_hold', {
      id: newId(),
      collection_id: collection.id,
      reason,
      imposed_by: actor.name,
      imposed_at: nowIso(),
      lifted_by: null,
      lifted_at: null,
      lift_reason: null,
    })
    await tx.insertInto('legal_hold').values(row).execute()
    await appendAuditEvent(tx, actor, {
      action: 'hold.impose',
      agencyId: collection.agency_id,
      subject: `hold ${row.id}`,
      details: { collection: collection.id, reason },
    })
    return row
  })
}

/** Ends a hold. @throws AppError `not_allowed`, `not_found`, `bad_input` without a reason, `conflict` when it is lifted */
export async function liftHold(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { id: string; reason: string },
): Promise<LegalHoldTable> {
  authorize(actor, 'collection.hold')
  const reason = requireReason(input.reason)
  return ctx.store.db.transaction().execute(async (tx) => {
    const row = await tx.selectFrom('legal_hold').selectAll().where('id', '=', input.id).executeTakeFirst()
    if (row === undefined) throw new AppError('not_found', 'Your agency has no such legal hold.')
    const collection = await ownCollection(tx, actor, row.collection_id)
    if (row.lifted_at !== null) throw new AppError('conflict', 'This legal hold is lifted already.')
    const changes = { lifted_by: actor.name, lifted_at: nowIso(), lift_reason: reason }
    const lifted = await changeRow(tx, 'legal_hold', row.id, changes)
    await appendAuditEvent(tx, actor, {
      action: 'hold.lift',
      agencyId: collection.agency_id,
      subject: `hold ${row.id}`,
      details: { collection: collection.id, reason },
    })
    return lifted!
  })
}

/** Holds of an own collection, newest first; lifted ones too. @throws AppError `not_allowed`, `not_found` */
export async function listHolds(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { collectionId: string },
): Promise<LegalHoldTable[]> {
  authorize(actor, 'collection.read')
  const collection = await ownCollection(ctx.store.db, actor, input.collectionId)
  const rows = await ctx.store.db
    .selectFrom('legal_hold')
    .selectAll()
    .where('collection_id', '=', collection.id)
    .orderBy('id', 'desc')
    .execute()
  return rows.map((row) => checkedRow('legal_hold', row, row.id))
}

/** Whether a collection has a hold that is not lifted. @throws AppError `corrupt_record`: in doubt nothing is erased */
export async function isHeld(db: Db, collectionId: string): Promise<boolean> {
  const rows = await db
    .selectFrom('legal_hold')
    .selectAll()
    .where('collection_id', '=', collectionId)
    .execute()
  return rows.map((row) => checkedRow('legal_hold', row, row.id)).some((row) => row.lifted_at === null)
}

/** Collections with a hold that is not lifted. @throws AppError `corrupt_record`: in doubt nothing is erased */
export async function heldCollections(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('legal_hold').selectAll().execute()
  const standing = rows
    .map((row) => checkedRow('legal_hold', row, row.id))
    .filter((row) => row.lifted_at === null)
  return [...new Set(standing.map((row) => row.collection_id))]
}

function requireReason(text: string): string {
  const reason = text.trim()
  if (reason === '') throw new AppError('bad_input', 'Expected a reason; it stays with the legal hold.')
  return reason
}
