import type { Db } from '../store/record.ts'

/**
 * [Note: what counts as a photo, a video, a face]
 * A face of a photo counts as one. Of a video a track counts as one: the record holds a row of `face` for the track and one
 * for each sample that is kept of it, so the samples are taken off. A track is one face as the program followed it, not one
 * person.
 */
export interface Holdings {
  photos: number
  videos: number
  faces: number
}

/** What a collection holds. */
export async function countHoldings(db: Db, collectionId: string): Promise<Holdings> {
  const members = db
    .selectFrom('media_in_collection as member')
    .where('member.collection_id', '=', collectionId)
  const [media, rows, videos, samples] = await Promise.all([
    members.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow(),
    members
      .innerJoin('face', 'face.media_id', 'member.media_id')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow(),
    members
      .innerJoin('video', 'video.media_id', 'member.media_id')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow(),
    members
      .innerJoin('video_face', 'video_face.media_id', 'member.media_id')
      .where('video_face.role', '!=', 'track')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow(),
  ])
  return { photos: media.count - videos.count, videos: videos.count, faces: rows.count - samples.count }
}

/** How many faces the media have, counted as of a collection. */
export async function countFaces(db: Db, mediaIds: readonly string[]): Promise<number> {
  const { count } = await db
    .selectFrom('face')
    .leftJoin('video_face', 'video_face.face_id', 'face.id')
    .where('face.media_id', 'in', mediaIds)
    .where((where) =>
      where.or([where('video_face.role', 'is', null), where('video_face.role', '=', 'track')]),
    )
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}
