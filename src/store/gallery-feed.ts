import type { Db } from './record.ts'
import { checkedRow } from './row-digest.ts'

/**
 * What a derived index needs to catch up with the record. Sequence numbers grow with every row, follow the order of
 * commits (SQLite has one writer at a time) and are never used twice, so 'everything after N' misses nothing.
 */
export interface FeedTemplate {
  /** Id of the face's template in indexes. */
  seq: number
  faceId: string
  mediaId: string
  /** Unit vector. */
  vector: Float32Array
}

/** Templates of a pack after a sequence number, in order. @throws AppError `corrupt_record` naming a damaged template */
export async function templatesAfter(
  db: Db,
  packId: string,
  after: number,
  limit: number,
): Promise<FeedTemplate[]> {
  const rows = await db
    .selectFrom('template')
    .selectAll()
    .where('seq', '>', after)
    .where('pack_id', '=', packId)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map((row) => {
    checkedRow('template', row, String(row.seq))
    return { seq: row.seq, faceId: row.face_id, mediaId: row.media_id, vector: floats(row.vector) }
  })
}

/** Templates erased after a sequence number of erasures, in order. */
export async function erasedAfter(
  db: Db,
  after: number,
  limit: number,
): Promise<{ seq: number; templateSeq: number; packId: string }[]> {
  const rows = await db
    .selectFrom('erased_template')
    .selectAll()
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ seq: row.seq, templateSeq: row.template_seq, packId: row.pack_id }))
}

/** The vector of little-endian float32 bytes; machines that Node runs on here are little-endian. */
export function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer)
}
