import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { newId } from '../store/ids.ts'
import { ownCollection } from '../collections/find-collection.ts'
import { isHeld } from '../collections/legal-hold.ts'
import { finishErasures } from './finish-erasures.ts'
import { ERASE_BATCH, leaveTombstone } from './remove-rows.ts'
import { takeOutOfCollection, type TakenOut } from './take-out-of-collection.ts'

export interface EraseFromCollectionInput {
  collectionId: string
  /** Ids of photos of the collection, at most `ERASE_BATCH`. */
  media: readonly string[]
  /** Why, in words; stays in the tombstone. Must not say who or what is erased. */
  reason: string
}

/**
 * Erases photos of an own collection with all that was made of them; what another collection holds too stays there. All
 * of it in one transaction with the tombstone and the audit event; then the index drops the faces and the originals are
 * overwritten, as in erase-media.ts.
 * @returns what went, and the tombstone that remains
 * @throws AppError `not_allowed`, `not_found` when a photo is not of the collection, `conflict` under a legal hold
 */
export async function eraseFromCollection(
  ctx: Pick<Context, 'store' | 'index'>,
  actor: AccountActor,
  input: EraseFromCollectionInput,
): Promise<TakenOut & { tombstoneId: string }> {
  authorize(actor, 'collection.erase')
  const media = [...new Set(input.media)]
  if (media.length === 0 || media.length > ERASE_BATCH)
    throw new AppError('bad_input', `Expected 1 to ${ERASE_BATCH} photos, received ${media.length}.`)
  const tombstoneId = newId()
  const taken = await ctx.store.db.transaction().execute(async (tx) => {
    const collection = await ownCollection(tx, actor, input.collectionId)
    if (await isHeld(tx, collection.id)) {
      throw new AppError(
        'conflict',
        'The collection is under legal hold. Nothing was erased; a supervisor can lift the hold.',
      )
    }
    const members = await tx
      .selectFrom('media_in_collection')
      .select('media_id')
      .where('collection_id', '=', collection.id)
      .where('media_id', 'in', media)
      .execute()
    if (members.length < media.length)
      throw new AppError(
        'not_found',
        'The collection does not hold every one of these photos. Nothing was erased.',
      )
    const gone = await takeOutOfCollection(tx, collection.id, media, tombstoneId)
    await leaveTombstone(tx, actor, {
      id: tombstoneId,
      kind: 'media',
      reason: input.reason,
      agencyId: collection.agency_id,
      action: 'media.erase',
      ...gone,
    })
    return gone
  })
  await ctx.index.dropRemoved()
  await finishErasures(ctx)
  return { ...taken, tombstoneId }
}
