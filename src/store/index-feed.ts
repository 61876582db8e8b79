import { AppError } from '../errors.ts'
import type { Db, Tx } from './database/db.ts'
import { checkedRow } from './tables/row-digest.ts'
import { collectionSetNumber } from './collection-sets.ts'
import { dayOf } from '../contract/dates.ts'

/**
 * [Note: index feed]
 * What a derived index of faces holds is written down in the record as entries: one for each template, with the
 * combination of collections that its media are in and the day of capture. An entry is never changed. Whenever any of
 * it changes (media enter or leave a collection, a source gives another date, a face is erased) the entry goes, its id
 * is noted as removed, and where the template lives on a new entry with a new id takes its place, in the same
 * transaction. Ids grow, follow the order of commits (SQLite has one writer at a time) and are never used twice. So
 * 'entries after N' and 'removals after M' are all that an index needs to be exactly what the record says.
 * Of the faces of a video only those that stand for a track, and its best ones, have entries.
 */
export interface FeedEntry {
  /** Id of the face's row in indexes. */
  id: number
  /** Number of the combination of collections. */
  setNumber: number
  /** Day of capture, counted from 1970-01-01; undefined when unknown. */
  day: number | undefined
  /** Unit vector. */
  vector: Float32Array
}

/** How far the record has come: the last entry of a label, and the last removal. */
export interface FeedEnd {
  lastEntry: number
  lastRemoval: number
}

/** Media whose entries are looked up at once. */
const MEDIA_A_STEP = 100

/** Brings the entries of these media in line with their templates, collections and dates; call it after changing any. */
export async function enterInIndex(tx: Tx, mediaIds: readonly string[]): Promise<void> {
  for (const mediaId of mediaIds) {
    const templates = await tx
      .selectFrom('template')
      .leftJoin('index_entry', 'index_entry.template_seq', 'template.seq')
      .leftJoin('video_face', 'video_face.face_id', 'template.face_id')
      .select([
        'template.seq',
        'template.pack_id',
        'template.pipeline_version',
        'index_entry.id',
        'index_entry.set_number',
        'index_entry.day',
      ])
      .where('template.media_id', '=', mediaId)
      .where((where) =>
        where.or([where('video_face.role', 'is', null), where('video_face.role', '!=', 'kept')]),
      )
      .orderBy('template.seq')
      .execute()
    if (templates.length === 0) continue
    const { setNumber, day } = await placeOf(tx, mediaId)
    const stale = templates.flatMap(({ id, ...entry }) =>
      id !== null && (entry.set_number !== setNumber || entry.day !== day) ? [id] : [],
    )
    await removeEntries(tx, stale)
    const missing = templates.filter(({ id }) => id === null || stale.includes(id))
    if (missing.length === 0 || setNumber === undefined) continue
    const rows = missing.map((template) => ({
      template_seq: template.seq,
      media_id: mediaId,
      label: `${template.pack_id}/${template.pipeline_version}`,
      set_number: setNumber,
      day,
    }))
    await tx.insertInto('index_entry').values(rows).execute()
  }
}

/** Removes every entry of these media, whose templates are about to be deleted. */
export async function leaveIndex(tx: Tx, mediaIds: readonly string[]): Promise<void> {
  for (let at = 0; at < mediaIds.length; at += MEDIA_A_STEP) {
    const entries = await tx
      .selectFrom('index_entry')
      .select('id')
      .where('media_id', 'in', mediaIds.slice(at, at + MEDIA_A_STEP))
      .execute()
    await removeEntries(
      tx,
      entries.map(({ id }) => id),
    )
  }
}

/** Entries of a label after an id, in order. @throws AppError `corrupt_record` naming a damaged template */
export async function entriesAfter(
  db: Db,
  label: string,
  after: number,
  limit: number,
): Promise<FeedEntry[]> {
  const rows = await entries(db)
    .where('index_entry.label', '=', label)
    .where('index_entry.id', '>', after)
    .orderBy('index_entry.id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    setNumber: row.set_number,
    day: row.day ?? undefined,
    vector: checkedVector(row),
  }))
}

/** Templates of these entries, in their order; undefined for entries that are no more. @throws AppError `corrupt_record` */
export async function entryVectors(db: Db, ids: readonly number[]): Promise<(Float32Array | undefined)[]> {
  const rows = await entries(db).where('index_entry.id', 'in', ids).execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => {
    const row = byId.get(id)
    return row === undefined ? undefined : checkedVector(row)
  })
}

/** Ids of a label's entries after one, in order. */
export async function entryIdsAfter(db: Db, label: string, after: number, limit: number): Promise<number[]> {
  const rows = await db
    .selectFrom('index_entry')
    .select('id')
    .where('label', '=', label)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** Removals after one, in order. */
export async function removalsAfter(
  db: Db,
  after: number,
  limit: number,
): Promise<{ seq: number; entryId: number }[]> {
  const rows = await db
    .selectFrom('removed_entry')
    .selectAll()
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map(({ seq, entry_id: entryId }) => ({ seq, entryId }))
}

export async function feedEnd(db: Db, label: string): Promise<FeedEnd> {
  const entry = await db
    .selectFrom('index_entry')
    .select(({ fn }) => fn.max('id').as('last'))
    .where('label', '=', label)
    .executeTakeFirst()
  const removal = await db
    .selectFrom('removed_entry')
    .select(({ fn }) => fn.max('seq').as('last'))
    .executeTakeFirst()
  return { lastEntry: entry?.last ?? 0, lastRemoval: removal?.last ?? 0 }
}

/** How many entries of a label there are up to an id. */
export async function countEntries(db: Db, label: string, upTo: number): Promise<number> {
  const { count } = await db
    .selectFrom('index_entry')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('label', '=', label)
    .where('id', '<=', upTo)
    .executeTakeFirstOrThrow()
  return count
}

/** How many entries of a label in these combinations of collections have no day. */
export async function countUndated(db: Db, label: string, setNumbers: readonly number[]): Promise<number> {
  if (setNumbers.length === 0) return 0
  const { count } = await db
    .selectFrom('index_entry')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('label', '=', label)
    .where('set_number', 'in', setNumbers)
    .where('day', 'is', null)
    .executeTakeFirstOrThrow()
  return count
}

/** The vector of little-endian float32 bytes; machines that Node runs on here are little-endian. */
export function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer)
}

function entries(db: Db) {
  return db
    .selectFrom('index_entry')
    .innerJoin('template', 'template.seq', 'index_entry.template_seq')
    .selectAll('template')
    .select(['index_entry.id', 'index_entry.set_number', 'index_entry.day'])
}

type EntryRow = Awaited<ReturnType<ReturnType<typeof entries>['execute']>>[number]

function checkedVector({ id: _id, set_number: _set, day: _day, ...template }: EntryRow): Float32Array {
  return floats(checkedRow('template', template, String(template.seq)).vector)
}

async function removeEntries(tx: Tx, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  await tx.deleteFrom('index_entry').where('id', 'in', ids).execute()
  await tx
    .insertInto('removed_entry')
    .values(ids.map((id) => ({ entry_id: id })))
    .execute()
}

/**
 * In which combination of collections media are, and their day of capture: what a source says of them, the earliest
 * when several do, else what the camera wrote.
 */
async function placeOf(
  tx: Tx,
  mediaId: string,
): Promise<{ setNumber: number | undefined; day: number | null }> {
  const collections = await tx
    .selectFrom('media_in_collection')
    .select('collection_id')
    .where('media_id', '=', mediaId)
    .execute()
  const sources = await tx
    .selectFrom('source')
    .select('captured_at')
    .where('media_id', '=', mediaId)
    .where('captured_at', 'is not', null)
    .execute()
  const media = await tx
    .selectFrom('media')
    .select('exif_captured_at')
    .where('id', '=', mediaId)
    .executeTakeFirst()
  if (media === undefined) throw new AppError('internal', `There is no media ${mediaId} to enter.`)
  const claimed = sources.flatMap(({ captured_at: at }) => dayOf(at) ?? [])
  const day = claimed.length > 0 ? Math.min(...claimed) : (dayOf(media.exif_captured_at) ?? null)
  const ids = collections.map(({ collection_id: id }) => id)
  return { setNumber: ids.length === 0 ? undefined : await collectionSetNumber(tx, ids), day }
}
