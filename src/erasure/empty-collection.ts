import type { Actor } from '../actor/actor.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { forgetUploadsOf } from '../uploads/upload-parts.ts'
import { forgetProgressOf } from '../video/video-progress.ts'
import { ERASE_BATCH, leaveTombstone, type Erased } from './remove-rows.ts'
import { takeOutOfCollection, type TakenOut } from './take-out-of-collection.ts'

/**
 * Erases up to `ERASE_BATCH` media of a collection, with their tombstone and audit event, and once there are none, what
 * imports say of files that gave none. Called again and again it empties the collection; what was erased stays erased
 * whenever it ends.
 */
export async function eraseNext(
  tx: Tx,
  actor: Actor,
  {
    collectionId,
    ...erased
  }: Pick<Erased, 'kind' | 'reason' | 'agencyId' | 'action'> & { collectionId: string },
): Promise<{ taken: TakenOut; more: boolean }> {
  const id = newId()
  const batch = await nextMedia(tx, collectionId)
  if (batch.length === 0) {
    const taken = { media: 0, faces: 0, sources: 0 }
    const more = await forgetItems(tx, collectionId)
    if (more) await leaveTombstone(tx, actor, { id, ...erased, ...taken })
    return { taken, more }
  }
  const taken = await takeOutOfCollection(tx, collectionId, batch, id)
  await leaveTombstone(tx, actor, { id, ...erased, ...taken })
  return { taken, more: true }
}

/** Whether imports of the collection still name files. */
export async function hasNamedItems(db: Db, collectionId: string): Promise<boolean> {
  return (await namedItems(db, collectionId)).length > 0
}

async function nextMedia(tx: Tx, collectionId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('media_in_collection')
    .select('media_id')
    .where('collection_id', '=', collectionId)
    .limit(ERASE_BATCH)
    .execute()
  return rows.map((row) => row.media_id)
}

/**
 * Takes names and claims from items that gave no media. Those that still wait are not taken in any more. The items stay,
 * so that the import still adds up.
 */
async function forgetItems(tx: Tx, collectionId: string): Promise<boolean> {
  await forgetProgressOf(tx, collectionId)
  await forgetUploadsOf(tx, collectionId)
  const seqs = await namedItems(tx, collectionId)
  if (seqs.length === 0) return false
  const erased = { name: null, claims: null, reason: 'erased', detail: null, leased_by: null }
  await tx.updateTable('import_item').set(erased).where('seq', 'in', seqs).execute()
  await tx
    .updateTable('import_item')
    .set({ state: 'unreadable', finished_at: nowIso() })
    .where('seq', 'in', seqs)
    .where('state', 'in', ['waiting', 'failed'])
    .execute()
  return true
}

async function namedItems(db: Db, collectionId: string): Promise<number[]> {
  const rows = await db
    .selectFrom('import_item')
    .select('seq')
    .where('import_id', 'in', db.selectFrom('import').select('id').where('collection_id', '=', collectionId))
    .where('name', 'is not', null)
    .limit(ERASE_BATCH)
    .execute()
  return rows.map(({ seq }) => seq)
}
