import type { Tx } from '../store/database/db.ts'
import { removeMediaAndSources } from './remove-media-and-sources.ts'

export interface TakenOut {
  /** Media that no other collection holds: erased. */
  media: number
  faces: number
  /** Sources taken away from media that another collection holds too. */
  sources: number
}

/**
 * Takes media out of one collection, inside a transaction: those that no other collection holds are erased with all that was
 * made of them; others stay there and lose this collection's sources.
 * @param mediaIds of the collection, at most `ERASE_BATCH`
 */
export async function takeOutOfCollection(
  tx: Tx,
  collectionId: string,
  mediaIds: readonly string[],
  tombstoneId: string,
): Promise<TakenOut> {
  const elsewhere = await tx
    .selectFrom('media_in_collection')
    .select('media_id')
    .distinct()
    .where('media_id', 'in', mediaIds)
    .where('collection_id', '!=', collectionId)
    .execute()
  const staying = elsewhere.map((row) => row.media_id)
  const going = mediaIds.filter((id) => !staying.includes(id))
  const sources = await sourcesOf(tx, collectionId, staying)
  const faces = await removeMediaAndSources(tx, { mediaIds: going, sourceIds: sources }, tombstoneId)
  await tx
    .deleteFrom('media_in_collection')
    .where('collection_id', '=', collectionId)
    .where('media_id', 'in', mediaIds)
    .execute()
  return { media: going.length, faces, sources: sources.length }
}

async function sourcesOf(tx: Tx, collectionId: string, mediaIds: readonly string[]): Promise<string[]> {
  if (mediaIds.length === 0) return []
  const rows = await tx
    .selectFrom('source')
    .select('id')
    .where('collection_id', '=', collectionId)
    .where('media_id', 'in', mediaIds)
    .execute()
  return rows.map(({ id }) => id)
}
