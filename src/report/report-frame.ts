import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { ReportFrame } from './report-content.ts'

/** Which frame of which video a candidate's face is; nothing for a face of a photo. */
export async function frameOfCandidate(
  db: Db,
  faceId: string,
  videoSha256: string,
): Promise<{ frame?: ReportFrame }> {
  const row = await db.selectFrom('video_face').selectAll().where('face_id', '=', faceId).executeTakeFirst()
  if (row === undefined) return {}
  const face = checkedRow('video_face', row, faceId)
  const track = await db
    .selectFrom('video_track')
    .selectAll()
    .where('id', '=', face.track_id)
    .executeTakeFirstOrThrow()
  const video = await db
    .selectFrom('video')
    .selectAll()
    .where('media_id', '=', face.media_id)
    .executeTakeFirstOrThrow()
  const { stream_index: streamIndex, ffmpeg_version: ffmpeg } = checkedRow('video', video, video.media_id)
  return {
    frame: {
      videoSha256,
      timeS: face.time_s,
      pts: face.pts,
      streamIndex,
      pixelsSha256: face.pixels_sha256,
      track: checkedRow('video_track', track, track.id).number,
      ffmpeg,
    },
  }
}

/** Which frame of which video a probe was taken from, itself or by steps; nothing for other probes. */
export async function frameOfProbe(db: Db, probeId: string): Promise<{ frame?: ReportFrame }> {
  const row = await db
    .selectFrom('probe_frame')
    .innerJoin('probe as taken', 'taken.id', 'probe_frame.probe_id')
    .innerJoin('probe as own', (join) =>
      join.onRef('own.sha256', '=', 'taken.sha256').onRef('own.case_id', '=', 'taken.case_id'),
    )
    .selectAll('probe_frame')
    .where('own.id', '=', probeId)
    .executeTakeFirst()
  if (row === undefined) return {}
  const frame = checkedRow('probe_frame', row, probeId)
  return {
    frame: {
      videoSha256: frame.media_sha256,
      timeS: frame.time_s,
      pts: frame.pts,
      streamIndex: frame.stream_index,
      pixelsSha256: frame.pixels_sha256,
      ffmpeg: frame.ffmpeg_version,
    },
  }
}
