import { nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { packFaces, unpackFaces, type KeptFace } from './kept-face.ts'
import type { Segment } from './read-video.ts'
import type { VideoState } from './read-video.ts'
import { packEmbeddingTrace, unpackEmbeddingTrace, type EmbeddingTracePoint } from './embedding-trace.ts'

/** Where a video is being read, for those who wait for it. */
export interface VideoPlace {
  importId: string
  ordinal: number
}

/** How far the reading of a video came before the process ended; undefined when it was never begun. */
export async function loadProgress(db: Db, sha256: string): Promise<VideoState | undefined> {
  const row = await db
    .selectFrom('video_progress')
    .select('state')
    .where('sha256', '=', sha256)
    .executeTakeFirst()
  return row === undefined ? undefined : (JSON.parse(Buffer.from(row.state).toString('utf8')) as VideoState)
}

/** Writes down a segment: where reading stands, and the faces that were kept in it. */
export async function saveProgress(
  tx: Tx,
  sha256: string,
  { importId, ordinal }: VideoPlace,
  { state, kept, trace, durationS }: Segment,
): Promise<void> {
  const values = {
    import_id: importId,
    ordinal,
    next_s: state.nextS,
    duration_s: durationS ?? null,
    frames: state.looked,
    faces: state.faces,
    state: Buffer.from(JSON.stringify(state)),
    updated_at: nowIso(),
  }
  await tx
    .insertInto('video_progress')
    .values({ sha256, ...values })
    .onConflict((conflict) => conflict.column('sha256').doUpdateSet(values))
    .execute()
  const number = Math.round(state.nextS)
  const part = { tracks: packFaces(kept), trace: packEmbeddingTrace(trace) }
  await tx
    .insertInto('video_progress_part')
    .values({ sha256, number, ...part })
    .onConflict((conflict) => conflict.columns(['sha256', 'number']).doUpdateSet(part))
    .execute()
}

/** Everything found in the segments that were written down. */
export async function foundInSegments(
  db: Db,
  sha256: string,
): Promise<{ kept: KeptFace[]; trace: EmbeddingTracePoint[] }> {
  const parts = await db
    .selectFrom('video_progress_part')
    .select(['tracks', 'trace'])
    .where('sha256', '=', sha256)
    .orderBy('number')
    .execute()
  return {
    kept: parts.flatMap(({ tracks }) => unpackFaces(tracks)),
    trace: parts.flatMap(({ trace }) => unpackEmbeddingTrace(trace)),
  }
}

/** Forgets how far a video came: it is taken in, or must not be. */
export async function forgetProgress(tx: Tx, sha256: string): Promise<void> {
  await tx.deleteFrom('video_progress_part').where('sha256', '=', sha256).execute()
  await tx.deleteFrom('video_progress').where('sha256', '=', sha256).execute()
}

/** The same for every video of imports into a collection that is emptied. @returns how many there were */
export async function forgetProgressOf(tx: Tx, collectionId: string): Promise<number> {
  const rows = await tx
    .selectFrom('video_progress')
    .innerJoin('import', 'import.id', 'video_progress.import_id')
    .select('sha256')
    .where('import.collection_id', '=', collectionId)
    .execute()
  for (const { sha256 } of rows) await forgetProgress(tx, sha256)
  return rows.length
}
