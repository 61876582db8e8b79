import { newId } from '../../src/store/ids.ts'
import { withDigest } from '../../src/store/tables/row-digest.ts'
import type { Store } from '../../src/store/store.ts'

/**
 * Makes a photo that was enrolled into a video: its faces, in their order, are the entries of tracks, so many each: the
 * face that stands for the track, then its best frames.
 */
export async function makeVideoOf(store: Store, mediaId: string, entriesATrack: number): Promise<void> {
  await store.db.transaction().execute(async (tx) => {
    const faces = await tx
      .selectFrom('face')
      .select('id')
      .where('media_id', '=', mediaId)
      .orderBy('number')
      .execute()
    const tracks = Math.ceil(faces.length / entriesATrack)
    const media = await tx.selectFrom('media').selectAll().where('id', '=', mediaId).executeTakeFirstOrThrow()
    const { digest: _digest, ...facts } = media
    const { digest } = withDigest('media', { ...facts, kind: 'video' as const })
    await tx.updateTable('media').set({ kind: 'video', digest }).where('id', '=', mediaId).execute()
    const video = {
      media_id: mediaId,
      container: 'mp4',
      duration_s: tracks * 10,
      codec: 'h264',
      stream_index: 0,
      rotation_degrees: 0,
      frames_a_second: 25,
      is_variable: 0,
      streams: '[]',
      sampled_a_second: 4,
      frames_looked_at: 1,
      frames_read: 1,
      track_count: tracks,
      note: null,
      ffmpeg_version: '0',
    }
    await tx.insertInto('video').values(withDigest('video', video)).execute()
    for (let track = 0; track < tracks; track++) {
      const id = newId()
      const own = faces.slice(track * entriesATrack, (track + 1) * entriesATrack)
      const row = {
        id,
        media_id: mediaId,
        number: track + 1,
        first_s: track * 10,
        last_s: track * 10 + 9,
        sightings: own.length,
      }
      await tx.insertInto('video_track').values(withDigest('video_track', row)).execute()
      const rows = own.map(({ id: faceId }, at) =>
        withDigest('video_face', {
          face_id: faceId,
          media_id: mediaId,
          track_id: id,
          role: at === 0 ? ('track' as const) : ('best' as const),
          time_s: track * 10 + at,
          pts: at,
          pixels_sha256: '0'.repeat(64),
          others: '[]',
          fused_from: null,
        }),
      )
      await tx.insertInto('video_face').values(rows).execute()
    }
  })
}
