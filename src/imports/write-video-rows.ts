import { setImmediate as nextTurn } from 'node:timers/promises'
import { faceRow, templateRow } from './face-rows.ts'
import type { Engine } from '../engine/types.ts'
import { fuseProbes } from '../gallery/fusion.ts'
import { newId } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import type { VideoFaceRole } from '../store/tables/video-tables.ts'
import type { KeptFace } from '../video/kept-face.ts'
import { BEST_FRAMES } from '../video/limits.ts'
import type { ReadVideo } from '../video/read-video.ts'
import { embeddingTraceBlobs, type EmbeddingTracePoint } from '../video/embedding-trace.ts'

/** Sightings that are fused into a track's template: its best ones. More change it by less than a thousandth. */
const MAX_FUSED = 16
/** They lie at least this far apart, or they would be one picture three times. */
const BEST_APART_S = 2
/** Faces written before the event loop gets a turn. */
const FACES_A_TURN = 16

interface Writing {
  tx: Tx
  mediaId: string
  engine: Pick<Engine, 'packId' | 'pipelineVersion'>
  createdBy: string
}

/**
 * Writes what was found in a video: its facts, its tracks, and of each track the face that stands for it (number of the
 * face = number of the track), its best frames and the best of each second.
 * @param kept every kept face, in any order
 * @param trace how the tracks looked from moment to moment, in any order
 * @returns tracks
 */
export async function writeVideoRows(
  writing: Writing,
  video: ReadVideo,
  kept: readonly KeptFace[],
  trace: readonly EmbeddingTracePoint[],
): Promise<number> {
  const points = Map.groupBy(trace, ({ track }) => track)
  const tracks = Map.groupBy(kept, ({ track }) => track)
  await writeFacts(writing, video, tracks.size)
  let lastNumber = tracks.size
  let written = 0
  const ordered = [...tracks.values()]
    .map((faces) => faces.toSorted((a, b) => a.timeS - b.timeS))
    .toSorted((a, b) => a[0].timeS - b[0].timeS)
  for (const [at, faces] of ordered.entries()) {
    const trackId = newId()
    const row = {
      id: trackId,
      media_id: writing.mediaId,
      number: at + 1,
      first_s: faces[0].timeS,
      last_s: faces[faces.length - 1].timeS,
      sightings: faces.length,
    }
    await writing.tx.insertInto('video_track').values(withDigest('video_track', row)).execute()
    await writeTrace(writing, trackId, points.get(faces[0].track) ?? [])
    const best = bestOf(faces)
    const ids = new Map<KeptFace, string>()
    for (const face of faces) {
      const role = faces.length > 1 && best.includes(face) ? 'best' : 'kept'
      ids.set(
        face,
        await writeFace(writing, { trackId, role, kept: face, number: ++lastNumber, fusedFrom: null }),
      )
      if (++written % FACES_A_TURN === 0) await nextTurn()
    }
    const fused = byQuality(faces).slice(0, MAX_FUSED)
    const template = fuseProbes(
      fused.map(({ face }) => ({ template: face.template, quality: face.quality.unifiedScore })),
    )
    await writeFace(writing, {
      trackId,
      role: 'track',
      kept: { ...best[0], face: { ...best[0].face, template } },
      number: at + 1,
      fusedFrom: JSON.stringify(fused.map((face) => ids.get(face))),
    })
  }
  return tracks.size
}

/** Points of one row: a minute at the standard rate. */
const POINTS_A_ROW = 240

async function writeTrace(
  { tx, mediaId, engine }: Writing,
  trackId: string,
  points: readonly EmbeddingTracePoint[],
): Promise<void> {
  const ordered = points.toSorted((a, b) => a.timeS - b.timeS)
  for (let at = 0; at < ordered.length; at += POINTS_A_ROW) {
    const row = {
      id: newId(),
      media_id: mediaId,
      track_id: trackId,
      pack_id: engine.packId,
      pipeline_version: engine.pipelineVersion,
      ...embeddingTraceBlobs(ordered.slice(at, at + POINTS_A_ROW)),
    }
    await tx.insertInto('video_trace').values(withDigest('video_trace', row)).execute()
    await nextTurn()
  }
}

async function writeFacts({ tx, mediaId }: Writing, video: ReadVideo, tracks: number): Promise<void> {
  const { facts, state } = video
  const row = {
    media_id: mediaId,
    container: facts.container,
    duration_s: facts.durationS ?? state.lastS,
    codec: facts.codec,
    stream_index: facts.streamIndex,
    rotation_degrees: facts.rotationDegrees,
    frames_a_second: facts.framesASecond,
    is_variable: facts.isVariable ? 1 : 0,
    streams: JSON.stringify(facts.streams),
    sampled_a_second: video.sampledASecond,
    frames_looked_at: state.looked,
    frames_read: state.read,
    track_count: tracks,
    note: state.note ?? null,
    ffmpeg_version: video.ffmpegVersion,
  }
  await tx.insertInto('video').values(withDigest('video', row)).execute()
}

function byQuality(faces: readonly KeptFace[]): KeptFace[] {
  return faces.toSorted((a, b) => b.face.quality.unifiedScore - a.face.quality.unifiedScore)
}

function bestOf(faces: readonly KeptFace[]): KeptFace[] {
  const best: KeptFace[] = []
  for (const face of byQuality(faces)) {
    if (best.length >= BEST_FRAMES) break
    if (best.every(({ timeS }) => Math.abs(timeS - face.timeS) >= BEST_APART_S)) best.push(face)
  }
  return best
}

async function writeFace(
  { tx, mediaId, engine, createdBy }: Writing,
  input: { trackId: string; role: VideoFaceRole; kept: KeptFace; number: number; fusedFrom: string | null },
): Promise<string> {
  const { trackId, role, kept, number, fusedFrom } = input
  const face = faceRow(mediaId, { ...kept.face, number }, createdBy)
  await tx.insertInto('face').values(face).execute()
  await tx
    .insertInto('template')
    .values(templateRow(face, kept.face.template, engine))
    .execute()
  const row = {
    face_id: face.id,
    media_id: mediaId,
    track_id: trackId,
    role,
    time_s: kept.timeS,
    pts: kept.pts,
    pixels_sha256: kept.pixelsSha256,
    others: JSON.stringify(kept.others),
    fused_from: fusedFrom,
  }
  await tx.insertInto('video_face').values(withDigest('video_face', row)).execute()
  return face.id
}
