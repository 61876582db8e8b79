import type { Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { announceSeesLess, refuseSuspendedAgency } from '../access/suspensions.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { newId, nowIso } from '../store/ids.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import type { CollectionGrantTable } from '../store/tables/collection-tables.ts'
import { ownCollection } from './find-collection.ts'

export interface GrantInput {
  collectionId: string
  agencyId: string
}

/** Lets another agency search a collection; again is no error. @throws AppError `not_allowed`, `not_found`, `bad_input` */
export async function grantCollection(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: GrantInput,
): Promise<void> {
  authorize(actor, 'collection.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    const collection = await ownCollection(tx, actor, input.collectionId)
    const agency = await tx
      .selectFrom('agency')
      .select('id')
      .where('id', '=', input.agencyId)
      .executeTakeFirst()
    if (agency === undefined) throw new AppError('not_found', 'There is no such agency.')
    await refuseSuspendedAgency(tx, agency.id)
    if (agency.id === collection.agency_id)
      throw new AppError('bad_input', 'An agency needs no grant of its own.')
    const row = withDigest('collection_grant', {
      id: newId(),
      collection_id: collection.id,
      agency_id: agency.id,
      granted_by: actor.name,
      granted_at: nowIso(),
    })
    await tx
      .insertInto('collection_grant')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    await appendAuditEvent(tx, actor, {
      action: 'collection.grant',
      agencyId: collection.agency_id,
      subject: `collection ${collection.id}`,
      details: { to: agency.id },
    })
  })
}

/** Ends a grant: from now on the other agency neither searches the collection nor sees what it found there. */
export async function revokeCollection(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: GrantInput,
): Promise<void> {
  authorize(actor, 'collection.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    const collection = await ownCollection(tx, actor, input.collectionId)
    const { numDeletedRows } = await tx
      .deleteFrom('collection_grant')
      .where('collection_id', '=', collection.id)
      .where('agency_id', '=', input.agencyId)
      .executeTakeFirst()
    if (numDeletedRows === 0n) throw new AppError('not_found', 'This agency has no grant.')
    await announceSeesLess(tx, [input.agencyId])
    await appendAuditEvent(tx, actor, {
      action: 'collection.revoke',
      agencyId: collection.agency_id,
      subject: `collection ${collection.id}`,
      details: { from: input.agencyId },
    })
  })
}

/** Grants of an own collection. */
export async function listGrants(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { collectionId: string },
): Promise<(CollectionGrantTable & { agency: string })[]> {
  authorize(actor, 'collection.read')
  const collection = await ownCollection(ctx.store.db, actor, input.collectionId)
  const rows = await ctx.store.db
    .selectFrom('collection_grant')
    .innerJoin('agency', 'agency.id', 'collection_grant.agency_id')
    .selectAll('collection_grant')
    .select('agency.name as agency')
    .where('collection_id', '=', collection.id)
    .execute()
  return rows.map(({ agency, ...row }) => ({ ...checkedRow('collection_grant', row, row.id), agency }))
}
