import type { Db } from '../store/database/db.ts'

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
  // Triggers keep how many media and rows of `face` there are; what is taken off is read from the videos alone.
  const [kept, videos, samples] = await Promise.all([
    db
      .selectFrom('collection_count')
      .select(['media', 'faces'])
      .where('collection_id', '=', collectionId)
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
  return {
    photos: kept.media - videos.count,
    videos: videos.count,
    faces: kept.faces - samples.count,
  }
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
