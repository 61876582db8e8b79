import type { Context } from '../context.ts'
import { makeStill, frameOfFace } from './still.ts'

/**
 * The picture that a face stands in, as bytes that the picture makers open: a photo's original, or the still of a video.
 * Whoever shows media to people asks here instead of the vault.
 * @param faceId undefined: of a video the best still of its first track, or its first picture when it has no face
 * @throws AppError `corrupt_record`, `not_found`, `video_decoder_missing`
 */
export async function pictureOfMedia(
  ctx: Pick<Context, 'store' | 'videos'>,
  media: { sha256: string },
  faceId: string | undefined,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { db, vault } = ctx.store
  const row = await db
    .selectFrom('media')
    .select(['id', 'kind'])
    .where('sha256', '=', media.sha256)
    .executeTakeFirst()
  if (row?.kind !== 'video') return vault.read(media.sha256)
  const video = { id: row.id, sha256: media.sha256 }
  const shown = faceId ?? (await firstFace(ctx, row.id))
  const frame = shown === undefined ? undefined : await frameOfFace(ctx, shown)
  const moment =
    frame === undefined
      ? { timeS: 0 }
      : { pts: frame.pts, timeS: frame.time_s, pixelsSha256: frame.pixels_sha256 }
  return (await makeStill(ctx, video, moment, signal)).bytes
}

async function firstFace(
  { store: { db } }: Pick<Context, 'store'>,
  mediaId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('video_face')
    .innerJoin('face', 'face.id', 'video_face.face_id')
    .select('face.id')
    .where('video_face.media_id', '=', mediaId)
    .where('video_face.role', '=', 'track')
    .orderBy('face.number')
    .limit(1)
    .executeTakeFirst()
  return row?.id
}
