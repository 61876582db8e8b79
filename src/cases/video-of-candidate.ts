import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import type { Context } from '../context.ts'
import { MAX_STRIP } from '../contract/video-endpoints.ts'
import type { Box, FaceQuality } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { aroundFace } from '../pictures/around-face.ts'
import type { FoundMoment } from '../media/video-moments.ts'
import type { SearchTable } from '../store/tables/search-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { pictureOfMedia } from '../media/picture-of-media.ts'
import type { Copy } from '../media/playable-copy.ts'
import { findCandidate, findSearch, noteLook, type VisibleCandidate } from './show-search.ts'
import type { WorkContext } from '../media/work-context.ts'

/** One face of a track, as strips show it. */
export interface TrackFace {
  id: string
  timeS: number
  box: Box
  quality: FaceQuality
  isBest: boolean
}

export interface ShownTrack {
  mediaId: string
  /** The face that stands in the candidate list. */
  shown: string
  moment: FoundMoment
  /** In the order of time. */
  faces: TrackFace[]
}

interface Place {
  searchId: string
  rank: number
}

/** The track that a candidate stands for. The look is written down. @throws AppError `not_found` for a photo */
export async function showCandidateTrack(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: Place,
): Promise<ShownTrack> {
  authorize(actor, 'search.read')
  const { db } = ctx.store
  const { search, candidate, moment } = await videoCandidate(db, actor, input)
  const faces = await trackFaces(db, moment.trackId)
  const step = Math.max(1, Math.ceil(faces.length / MAX_STRIP))
  await noteLook(db, actor, search, {
    action: 'search.look',
    subject: `video_track ${moment.trackId}`,
    details: { search: search.id, rank: input.rank },
  })
  return {
    mediaId: candidate.media_id,
    shown: candidate.face_id,
    moment,
    faces: faces.filter((_face, at) => at % step === 0),
  }
}

/** The picture of one face of that track, or of the whole frame: sensitive ones blurred, unless asked for. */
export async function showTrackPicture(
  ctx: WorkContext,
  actor: AccountActor,
  input: Place & {
    faceId: string
    longSidePx: number
    faceOnly: boolean
    reveal: boolean
    signal: AbortSignal
  },
): Promise<Uint8Array> {
  authorize(actor, 'search.read')
  const { db } = ctx.store
  const { search, candidate, moment } = await videoCandidate(db, actor, input)
  const face = (await trackFaces(db, moment.trackId)).find(({ id }) => id === input.faceId)
  if (face === undefined) throw new AppError('not_found', 'The track has no such face.')
  const { sensitive } = candidate.media
  const blurred = sensitive && !input.reveal
  const { bytes } = await ctx.pictures.make(
    {
      want: 'shown',
      photo: await pictureOfMedia(ctx, candidate.media, face.id, input.signal),
      steps: [],
      longSidePx: input.longSidePx,
      part: input.faceOnly ? aroundFace(face.box) : undefined,
      blurred,
    },
    input.signal,
  )
  await noteLook(db, actor, search, {
    action: sensitive && input.reveal ? 'face.reveal' : 'face.look',
    subject: `face ${face.id}`,
    details: { search: search.id, rank: input.rank, blurred },
  })
  return bytes
}

/**
 * A copy of the candidate's video to be played: sensitive ones blurred, unless asked for. The look is written down; the pieces
 * that a player asks for in the next minutes are part of it.
 */
export async function playCandidateVideo(
  ctx: WorkContext,
  actor: AccountActor,
  input: Place & { reveal: boolean },
): Promise<Copy> {
  authorize(actor, 'search.read')
  const { db } = ctx.store
  const { search, candidate } = await videoCandidate(db, actor, input)
  const { sensitive } = candidate.media
  const blurred = sensitive && !input.reveal
  const copy = await ctx.copies.copyOf(ctx, candidate.media_id, blurred)
  if (ctx.copies.isNewLook(actor.accountId, candidate.media_id, blurred)) {
    await noteLook(db, actor, search, {
      action: sensitive && input.reveal ? 'video.reveal' : 'video.play',
      subject: `media ${candidate.media_id}`,
      details: { search: search.id, rank: input.rank, blurred },
    })
  }
  return copy
}

/** A candidate that is a face of a video. @throws AppError `not_found` */
export async function videoCandidate(
  db: Db,
  actor: AccountActor,
  { searchId, rank }: Place,
): Promise<{ search: SearchTable; candidate: VisibleCandidate; moment: FoundMoment }> {
  const search = await findSearch(db, actor, searchId)
  const candidate = await findCandidate(db, actor, search, rank)
  const { moment } = candidate.face
  if (moment === undefined) throw new AppError('not_found', 'This candidate is a photo, not a video.')
  return { search, candidate, moment }
}

/** The faces of a track that are frames of their own, in the order of time. */
export async function trackFaces(db: Db, trackId: string): Promise<TrackFace[]> {
  const frames = await db
    .selectFrom('video_face')
    .selectAll()
    .where('track_id', '=', trackId)
    .where('role', '!=', 'track')
    .orderBy('time_s')
    .execute()
  const rows = await db
    .selectFrom('face')
    .selectAll()
    .where(
      'id',
      'in',
      db
        .selectFrom('video_face')
        .select('face_id')
        .where('track_id', '=', trackId)
        .where('role', '!=', 'track'),
    )
    .execute()
  const faces = new Map(rows.map((row) => [row.id, row]))
  return frames.flatMap((row) => {
    const face = faces.get(row.face_id)
    if (face === undefined) return []
    const frame = checkedRow('video_face', row, row.face_id)
    return [
      {
        id: face.id,
        timeS: frame.time_s,
        box: { x: face.box_x_px, y: face.box_y_px, width: face.box_width_px, height: face.box_height_px },
        quality: JSON.parse(checkedRow('face', face, face.id).quality) as FaceQuality,
        isBest: frame.role === 'best',
      },
    ]
  })
}
