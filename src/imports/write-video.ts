import { newId, nowIso } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import { forgetProgress, foundInSegments } from '../video/video-progress.ts'
import { writeVideoRows } from './write-video-rows.ts'
import type { CommitTarget, Tally } from './commit-target.ts'
import type { WorkedVideo } from './worked-item.ts'

/** A video has no one picture whose near duplicates could be looked for; this hash says nothing, see near-duplicates.ts. */
const NO_PERCEPTUAL_HASH = '0000000000000000'

/** Writes a video's media row with everything found in it, and forgets the notes of how far its reading was. */
export async function writeVideo(
  tx: Tx,
  target: CommitTarget,
  { sha256, byteLength, video }: Omit<WorkedVideo, 'item'>,
  tally: Tally,
): Promise<{ id: string; faces: number }> {
  const { facts } = video
  const id = newId()
  const row = {
    id,
    sha256,
    kind: 'video' as const,
    format: facts.container,
    byte_length: byteLength,
    width_px: facts.widthPx,
    height_px: facts.heightPx,
    perceptual_hash: NO_PERCEPTUAL_HASH,
    exif_captured_at: facts.capturedAt ?? null,
    exif_latitude: facts.latitude ?? null,
    exif_longitude: facts.longitude ?? null,
    exif_device: facts.device ?? null,
    created_at: nowIso(),
  }
  await tx.insertInto('media').values(withDigest('media', row)).execute()
  const earlier = await foundInSegments(tx, sha256)
  const kept = [...earlier.kept, ...video.rest.kept]
  const trace = [...earlier.trace, ...video.rest.trace]
  const writing = { tx, mediaId: id, engine: target.engine, createdBy: target.actor.name }
  const tracks = await writeVideoRows(writing, video, kept, trace)
  await forgetProgress(tx, sha256)
  tally.faces += tracks
  return { id, faces: tracks }
}
