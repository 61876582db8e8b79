import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { recordEvent } from '../audit/append-event.ts'
import type { WorkContext } from './work-context.ts'
import { replayPage } from './replay.ts'
import type { Context } from '../context.ts'
import type { Box, FaceQuality } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { aroundFace } from '../pictures/around-face.ts'
import { describeMedia, type FoundMedia } from './describe-candidates.ts'
import { momentsOf, type FoundMoment } from './video-moments.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { CollectionTable } from '../store/tables/collection-tables.ts'
import { pictureOfMedia } from './picture-of-media.ts'
import { listMembers, type MemberSieve } from './list-members.ts'

/** A face of media as curators see it. */
export interface BrowsedFace {
  id: string
  number: number
  origin: 'detector' | 'examiner'
  /** Pixels of the upright original. */
  box: Box
  quality: FaceQuality
  /** When it is to be seen best, of a track of a video. */
  moment: FoundMoment | undefined
}

export interface BrowsedMedia extends Omit<FoundMedia, 'faces'> {
  addedAt: string
  faces: BrowsedFace[]
}

export interface BrowsedPage {
  items: BrowsedMedia[]
  /** Place of the last one; undefined on the last page. */
  next: number | undefined
}

/**
 * Media of an own collection, what came last first. That somebody looked through it is written into the audit log.
 * @throws AppError `not_allowed`, `not_found`, `bad_input`
 */
export async function browseCollection(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: MemberSieve,
): Promise<BrowsedPage> {
  authorize(actor, 'collection.browse')
  const { db } = ctx.store
  const collection = await ownCollection(db, actor, input.collectionId)
  const page = await listMembers(db, { ...input, collectionId: collection.id })
  const items = await browsed(db, actor, collection, page.members)
  await recordEvent(db, actor, {
    action: 'collection.browse',
    agencyId: collection.agency_id,
    subject: `collection ${collection.id}`,
    details: { media: items.length },
  })
  return { items, next: page.next }
}

/** One photo of an own collection with every fact of its provenance. @throws AppError `not_found` */
export async function showMedia(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { collectionId: string; mediaId: string },
): Promise<BrowsedMedia> {
  authorize(actor, 'collection.browse')
  const { db } = ctx.store
  const { collection, media } = await findMedia(db, actor, input)
  await recordEvent(db, actor, {
    action: 'media.look',
    agencyId: collection.agency_id,
    subject: `media ${media.mediaId}`,
    details: { collection: collection.id },
  })
  return media
}

export interface MediaPictureInput {
  collectionId: string
  mediaId: string
  longSidePx: number
  /** Number of a face, to see it with its surroundings; the whole photo otherwise. */
  face: number | undefined
  /** Shows a sensitive picture unblurred; written into the audit log as such. */
  reveal: boolean
  signal: AbortSignal
}

/** A picture for people: sensitive ones blurred, unless asked for. @throws AppError `not_found` */
export async function showMediaPicture(
  ctx: WorkContext,
  actor: AccountActor,
  input: MediaPictureInput,
): Promise<Uint8Array> {
  authorize(actor, 'collection.browse')
  const { db } = ctx.store
  const { collection, media } = await findMedia(db, actor, input)
  const face = media.faces.find(({ number }) => number === input.face)
  if (input.face !== undefined && face === undefined)
    throw new AppError('not_found', `This photo has no face ${input.face}.`)
  const blurred = media.sensitive && !input.reveal
  const { bytes } = await ctx.pictures.make(
    {
      want: 'shown',
      photo: await pictureOfMedia(ctx, media, face?.id, input.signal),
      steps: [],
      longSidePx: input.longSidePx,
      part: face === undefined ? undefined : aroundFace(face.box),
      blurred,
    },
    input.signal,
  )
  await recordEvent(db, actor, {
    action: media.sensitive && input.reveal ? 'media.reveal' : 'media.look',
    agencyId: collection.agency_id,
    subject: `media ${media.mediaId}`,
    details: { collection: collection.id, face: input.face ?? null, blurred },
  })
  return bytes
}

export interface ReplayMediaInput {
  collectionId: string
  mediaId: string
  /** One of its sources, which came from a web archive. */
  sourceId: string
  page: number
  /** Shows the pictures of the page of a sensitive source too; written into the audit log as such. */
  reveal: boolean
  signal: AbortSignal
}

/** The archived page on which a photo of an own collection stood. @throws AppError `not_found`, as `replayPage` */
export async function replayMediaPage(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  { collectionId, mediaId, sourceId, page, reveal, signal }: ReplayMediaInput,
): Promise<string> {
  authorize(actor, 'collection.browse')
  const { db } = ctx.store
  const { collection, media } = await findMedia(db, actor, { collectionId, mediaId })
  const source = media.sources.find((one) => one.sourceId === sourceId)
  if (source === undefined)
    throw new AppError('not_found', 'The photo has no such source in this collection.')
  const showsPictures = !media.sensitive || reveal
  const { html, archiveId } = await replayPage(ctx, { sourceId, page, showsPictures, signal })
  await recordEvent(db, actor, {
    action: media.sensitive && reveal ? 'media.reveal' : 'archive.replay',
    agencyId: collection.agency_id,
    subject: `media ${media.mediaId}`,
    details: { collection: collection.id, archive: archiveId, page, showsPictures },
  })
  return html
}

export async function findMedia(
  db: Db,
  actor: AccountActor,
  input: { collectionId: string; mediaId: string },
): Promise<{ collection: CollectionTable; media: BrowsedMedia }> {
  const collection = await ownCollection(db, actor, input.collectionId)
  const members = await db
    .selectFrom('media_in_collection')
    .select(['media_id', 'added_at'])
    .where('collection_id', '=', collection.id)
    .where('media_id', '=', input.mediaId)
    .execute()
  const [media] = await browsed(db, actor, collection, members)
  if (media === undefined) throw new AppError('not_found', 'The collection holds no such photo.')
  return { collection, media }
}

async function browsed(
  db: Db,
  actor: AccountActor,
  collection: CollectionTable,
  members: readonly { media_id: string; added_at: string }[],
): Promise<BrowsedMedia[]> {
  if (members.length === 0) return []
  const ids = members.map(({ media_id: id }) => id)
  const described = await describeMedia(db, new Map(ids.map((id) => [id, null])), {
    collections: [collection],
    agencyId: actor.agencyId,
  })
  const faces = await db
    .selectFrom('face')
    .leftJoin('video_face', 'video_face.face_id', 'face.id')
    .selectAll('face')
    .where('face.media_id', 'in', ids)
    // Of a video, the face that stands for each track: its number is the track's.
    .where((where) =>
      where.or([where('video_face.role', 'is', null), where('video_face.role', '=', 'track')]),
    )
    .orderBy('face.number')
    .execute()
  const moments = await momentsOf(
    db,
    faces.map(({ id }) => id),
  )
  return members.flatMap(({ media_id: id, added_at: addedAt }) => {
    const media = described.get(id)
    if (media === undefined) return []
    const own = faces.filter((face) => face.media_id === id).map((row) => checkedRow('face', row, row.id))
    return [
      {
        ...media,
        addedAt,
        faces: own.map((face) => ({
          id: face.id,
          number: face.number,
          origin: face.origin,
          box: {
            x: face.box_x_px,
            y: face.box_y_px,
            width: face.box_width_px,
            height: face.box_height_px,
          },
          quality: JSON.parse(face.quality) as FaceQuality,
          moment: moments.get(face.id),
        })),
      },
    ]
  })
}

/** Only the agency that owns a collection looks through it; others see of it what their searches find. */
async function ownCollection(db: Db, actor: AccountActor, id: string): Promise<CollectionTable> {
  const row = await db
    .selectFrom('collection')
    .selectAll()
    .where('id', '=', id)
    .where('agency_id', '=', agencyOf(actor))
    .executeTakeFirst()
  if (row === undefined) throw new AppError('not_found', 'Your agency has no such collection.')
  return checkedRow('collection', row, id)
}
