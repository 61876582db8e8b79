import { sql, type SelectQueryBuilder } from 'kysely'
import type { AccountActor } from '../access/actor.ts'
import { agencyOf, authorize } from '../access/policy.ts'
import { recordEvent } from '../audit/append-event.ts'
import type { WorkContext } from '../cases/work-context.ts'
import { replayPage } from '../collections/provenance/replay.ts'
import type { Context } from '../context.ts'
import type { Box, FaceQuality } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { aroundFace } from '../pictures/around-face.ts'
import { describeMedia, type FoundMedia } from '../search/describe-candidates.ts'
import type { Db } from '../store/record.ts'
import { checkedRow } from '../store/row-digest.ts'
import type { CollectionTable, RecordTables } from '../store/schema.ts'

/** A face of media as curators see it. */
export interface BrowsedFace {
  id: string
  number: number
  origin: 'detector' | 'examiner'
  /** Pixels of the upright original. */
  box: Box
  quality: FaceQuality
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

export interface BrowseInput {
  collectionId: string
  /** Only media with faces, or without any. */
  faces: 'any' | 'with' | 'without'
  /** Words that stand in a source's name, address, collector or note; capitals do not matter in ASCII. */
  words: string | undefined
  /** First and last day (UTC, YYYY-MM-DD) on which they were taken in. */
  since: string | undefined
  until: string | undefined
  /** Place to go on before. */
  before: number | undefined
  limit: number
}

/**
 * Media of an own collection, what came last first. That somebody looked through it is written into the audit log.
 * @throws AppError `not_allowed`, `not_found`
 */
export async function browseCollection(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: BrowseInput,
): Promise<BrowsedPage> {
  authorize(actor, 'collection.browse')
  const { db } = ctx.store
  const collection = await ownCollection(db, actor, input.collectionId)
  let query = db
    .selectFrom('media_in_collection')
    .select(['seq', 'media_id', 'added_at'])
    .where('collection_id', '=', collection.id)
    .orderBy('seq', 'desc')
    .limit(input.limit)
  if (input.before !== undefined) query = query.where('seq', '<', input.before)
  if (input.faces !== 'any') {
    const wanted = input.faces === 'with'
    query = query.where((where) => {
      const face = where
        .selectFrom('face')
        .select('face.id')
        .whereRef('face.media_id', '=', 'media_in_collection.media_id')
      return wanted ? where.exists(face) : where.not(where.exists(face))
    })
  }
  query = sifted(query, input)
  const members = await query.execute()
  const items = await browsed(db, actor, collection, members)
  await recordEvent(db, actor, {
    action: 'collection.browse',
    agencyId: collection.agency_id,
    subject: `collection ${collection.id}`,
    details: { media: items.length },
  })
  const last = members.at(-1)
  return { items, next: members.length < input.limit ? undefined : last?.seq }
}

/** By words of the source and by day of taking in. */
function sifted<Row>(
  query: SelectQueryBuilder<RecordTables, 'media_in_collection', Row>,
  { collectionId, words, since, until }: BrowseInput,
): SelectQueryBuilder<RecordTables, 'media_in_collection', Row> {
  let sieve = query
  if (since !== undefined) sieve = sieve.where('added_at', '>=', since)
  // Times of that day sort before this, and those of the next after.
  if (until !== undefined) sieve = sieve.where('added_at', '<', `${until}U`)
  if (words === undefined || words === '') return sieve
  const pattern = `%${words.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  return sieve.where((where) =>
    where.exists(
      where
        .selectFrom('source')
        .select('source.id')
        .whereRef('source.media_id', '=', 'media_in_collection.media_id')
        .where('source.collection_id', '=', collectionId)
        .where(
          sql<boolean>`concat_ws(char(10), name, source_url, collector, note) like ${pattern} escape '\\'`,
        ),
    ),
  )
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
  const { db, vault } = ctx.store
  const { collection, media } = await findMedia(db, actor, input)
  const face = media.faces.find(({ number }) => number === input.face)
  if (input.face !== undefined && face === undefined)
    throw new AppError('not_found', `This photo has no face ${input.face}.`)
  const blurred = media.sensitive && !input.reveal
  const { bytes } = await ctx.pictures.make(
    {
      want: 'shown',
      photo: await vault.read(media.sha256),
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

async function findMedia(
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
    .selectAll()
    .where('media_id', 'in', ids)
    .orderBy('number')
    .execute()
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
