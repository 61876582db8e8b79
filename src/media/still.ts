import { hash } from 'node:crypto'
import sharp from 'sharp'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { VideoFaceTable, VideoTable } from '../store/tables/video-tables.ts'
import { findDerivative, keepDerivative } from '../video/derivatives.ts'
import { pixelsHash } from '../video/frame-picture.ts'
import { readFrames, type Frame, type FrameRequest } from '../video/read-frames.ts'
import { decoderVersion } from '../video/run-decoder.ts'
import type { Container } from '../video/sniff-container.ts'

/**
 * [Note: stills]
 * A still is one frame of a video, named by its presentation time in the stream's own units. It is made from the original
 * whenever it is wanted, by steps that are written down beside it (its recipe): demuxer, stream, time, turn to upright, size
 * with square pixels, 8-bit RGB; then PNG. The same FFmpeg gives the same bytes, and what was seen when the faces were found
 * is known by the SHA-256 of its pixels. Decoding starts a little before the frame; where that gives other pixels (a
 * stream that cannot be entered in its middle) it is done again from the beginning. When even that differs, another version
 * of FFmpeg decodes differently, and the recipe says so.
 */
export interface Still {
  /** PNG. */
  bytes: Uint8Array
  timeS: number
  /** Whether the pixels are the very ones in which the face was found; undefined when no face was. */
  isExact: boolean | undefined
}

type StillContext = Pick<Context, 'store' | 'videos'>

/** Which frame: that of a face, or the first one at or after a moment. */
export type Moment = { pts: number; timeS: number; pixelsSha256: string } | { timeS: number }

/** Where decoding starts before the frame that is wanted: key frames of cameras lie closer. */
const ENTER_BEFORE_S = 2
const AFTER_S = 1
/** PNG level 2 is three times faster than the standard and a tenth larger. */
const PNG_LEVEL = 2

/**
 * One frame of a video, out of what was kept or made anew.
 * @throws AppError `not_found` when there is no frame at that time, `corrupt_record`, `video_decoder_missing`
 */
export async function makeStill(
  ctx: StillContext,
  media: { id: string; sha256: string },
  moment: Moment,
  signal?: AbortSignal,
): Promise<Still> {
  const name = 'pts' in moment ? String(moment.pts) : `at ${moment.timeS.toFixed(3)}`
  const place = { media_id: media.id, kind: 'still' as const, name }
  const kept = await findDerivative(ctx.store, place)
  if (kept !== undefined) {
    const { timeS, isExact } = JSON.parse(kept.recipe) as { timeS: number; isExact?: boolean }
    return { bytes: await ctx.store.derived.read(kept.sha256), timeS, isExact }
  }
  const { video, facts } = await videoFacts(ctx, media.id)
  const { frame, isExact } = await ctx.videos.use(
    media.sha256,
    (inputFd) => findFrame({ inputFd, facts, signal }, moment),
    signal,
  )
  const { widthPx: width, heightPx: height } = facts
  const bytes = await sharp(frame.pixels, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: PNG_LEVEL })
    .toBuffer()
  const recipe = {
    timeS: frame.timeS,
    isExact,
    steps: [
      { kind: 'frame', stream: video.stream_index, pts: frame.pts, timeS: frame.timeS },
      { kind: 'upright', rotationDegrees: video.rotation_degrees, widthPx: width, heightPx: height },
      { kind: 'png', level: PNG_LEVEL },
    ],
    pixelsSha256: pixelsHash(frame.pixels),
    decoder: decoderVersion(),
  }
  const staged = await ctx.store.derived.stage(bytes, hash('sha256', bytes))
  await keepDerivative(ctx.store, place, { staged, byteLength: bytes.byteLength, recipe })
  return { bytes, timeS: frame.timeS, isExact }
}

/** The frame that a face of a video was found in; undefined for a face of a photo. */
export async function frameOfFace(
  { store: { db } }: Pick<Context, 'store'>,
  faceId: string,
): Promise<VideoFaceTable | undefined> {
  const row = await db.selectFrom('video_face').selectAll().where('face_id', '=', faceId).executeTakeFirst()
  return row === undefined ? undefined : checkedRow('video_face', row, faceId)
}

async function videoFacts(
  { store: { db } }: StillContext,
  mediaId: string,
): Promise<{ video: VideoTable; facts: FrameRequest['facts'] }> {
  const row = await db.selectFrom('video').selectAll().where('media_id', '=', mediaId).executeTakeFirst()
  const media = await db.selectFrom('media').selectAll().where('id', '=', mediaId).executeTakeFirst()
  if (row === undefined || media === undefined)
    throw new AppError('not_found', 'There is no such video, or it was erased.')
  const video = checkedRow('video', row, mediaId)
  const { width_px: widthPx, height_px: heightPx } = checkedRow('media', media, mediaId)
  const facts = {
    container: video.container as Container,
    streamIndex: video.stream_index,
    widthPx,
    heightPx,
  }
  return { video, facts }
}

type Source = Pick<FrameRequest, 'inputFd' | 'facts' | 'signal'>

async function findFrame(
  source: Source,
  moment: Moment,
): Promise<{ frame: Frame; isExact: boolean | undefined }> {
  const near = await frameAt(source, moment, Math.max(0, moment.timeS - ENTER_BEFORE_S))
  if (!('pts' in moment)) {
    const frame = near ?? (await frameAt(source, { timeS: 0 }, 0))
    if (frame === undefined) throw noFrame(moment.timeS)
    return { frame, isExact: undefined }
  }
  const isExact = (frame: Frame | undefined): frame is Frame =>
    frame !== undefined && pixelsHash(frame.pixels) === moment.pixelsSha256
  if (isExact(near)) return { frame: near, isExact: true }
  const whole = await frameAt(source, moment, 0)
  const frame = whole ?? near
  if (frame === undefined) throw noFrame(moment.timeS)
  return { frame, isExact: isExact(frame) }
}

function noFrame(timeS: number): AppError {
  return new AppError('not_found', `The video has no picture at ${timeS.toFixed(1)} s that can be decoded.`)
}

async function frameAt(source: Source, moment: Moment, fromS: number): Promise<Frame | undefined> {
  const take = 'pts' in moment ? { pts: moment.pts } : { atS: moment.timeS }
  const frames = readFrames({ ...source, fromS, toS: moment.timeS + AFTER_S, take })
  const first = await frames.next()
  await frames.return({ how: 'stopped', complaint: '' })
  return first.done === true ? undefined : first.value
}
