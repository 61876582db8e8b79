import type { Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { ownCollection } from './find-collection.ts'

export interface ChangeCollectionInput {
  id: string
  title: string | undefined
  /** YYYY-MM-DD; null: no date any more. */
  retentionUntil: string | null | undefined
  /** Why, in words; written into the audit log. */
  reason: string
}

/**
 * Changes title or retention date of an own collection. Lawful basis and sensitivity stay: what is held rests on them.
 * @throws AppError `not_allowed`, `not_found`, `conflict` when another collection has the title
 */
export async function changeCollection(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  { id, title, retentionUntil, reason }: ChangeCollectionInput,
): Promise<void> {
  authorize(actor, 'collection.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    const before = await ownCollection(tx, actor, id)
    if (title !== undefined) {
      const same = await tx
        .selectFrom('collection')
        .select('id')
        .where('title', '=', title)
        .where('id', '!=', id)
        .executeTakeFirst()
      if (same !== undefined) throw new AppError('conflict', `There is a collection called '${title}'.`)
    }
    await changeRow(tx, 'collection', id, {
      ...(title === undefined ? {} : { title }),
      ...(retentionUntil === undefined ? {} : { retention_until: retentionUntil }),
    })
    await appendAuditEvent(tx, actor, {
      action: 'collection.change',
      agencyId: before.agency_id,
      subject: `collection ${id}`,
      details: {
        reason,
        ...(title === undefined ? {} : { title: 'changed' }),
        ...(retentionUntil === undefined
          ? {}
          : { retentionBefore: before.retention_until, retentionUntil: retentionUntil }),
      },
    })
  })
}
