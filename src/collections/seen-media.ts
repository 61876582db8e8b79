import type { Db } from '../store/database/db.ts'
import { searchableCollections } from './searchable-collections.ts'

/**
 * Of these photos and videos, those that an agency sees now: they stand in a collection of its own, or in one that is
 * granted to it. What was taken over from a collection before (a link, a hit, a lead) is asked with this again.
 */
export async function seenMedia(
  db: Db,
  agencyId: string,
  mediaIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (mediaIds.length === 0) return new Set()
  const collections = await searchableCollections(db, agencyId, undefined)
  const rows = await db
    .selectFrom('media_in_collection')
    .select('media_id')
    .where('media_id', 'in', [...new Set(mediaIds)])
    .where(
      'collection_id',
      'in',
      collections.map(({ id }) => id),
    )
    .execute()
  return new Set(rows.map(({ media_id: id }) => id))
}
