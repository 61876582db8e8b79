import type { Actor } from '../../access/actor.ts'
import type { Context } from '../../context.ts'
import { newId, nowIso } from '../../store/ids.ts'
import type { Db, Tx } from '../../store/record.ts'
import { checkedRow } from '../../store/row-digest.ts'
import type { CollectionTable } from '../../store/schema.ts'
import { finishErasures } from '../erase/erase-media.ts'
import {
  ERASE_BATCH,
  leaveTombstone,
  removeMediaRows,
  removeSources,
  removePerson,
} from '../erase/remove-rows.ts'
import { isHeld } from './legal-hold.ts'

export interface RetentionInput {
  /** Counts what would be erased and changes nothing. */
  dryRun: boolean
  /** Ends the run after the transaction under way; the next run goes on. */
  signal?: AbortSignal
}

export interface DueCollection {
  id: string
  title: string
  retentionUntil: string
  /** A legal hold keeps it. */
  held: boolean
  /** Media erased; in a dry run, media that would go or lose a source. */
  media: number
  faces: number
  /** Sources taken away from media that stay because another collection holds them too. */
  sources: number
}

export interface RetentionReport {
  /** Every collection whose date has passed and that holds something, by id. */
  collections: DueCollection[]
  /** As in an erasure by hand, see erase-media.ts. */
  logEmptied: boolean
  indexCleared: boolean
}

/**
 * Erases what stands in collections whose retention date has passed (UTC: it is kept to the end of that day), unless a
 * legal hold keeps it. Media that stand in another collection too stay there; they lose this collection's sources. Dates
 * and holds are read again in each transaction, with the tombstone and the audit event of what it erases, so a hold
 * stops a run under way, and a run that is killed leaves nothing erased without a trace.
 */
export async function runRetention(
  ctx: Pick<Context, 'store' | 'index'>,
  actor: Actor,
  input: RetentionInput,
): Promise<RetentionReport> {
  const { db } = ctx.store
  const report: RetentionReport = { collections: [], logEmptied: true, indexCleared: true }
  let erased = false
  const rows = await db
    .selectFrom('collection')
    .selectAll()
    .where('retention_until', '<', today())
    .orderBy('id')
    .execute()
  for (const row of rows) {
    const due = await dueCollection(db, checkedRow('collection', row, row.id))
    if (due === undefined) continue
    report.collections.push(due)
    if (input.dryRun || due.held) continue
    due.media = 0
    while (input.signal?.aborted !== true) {
      const more = await db.transaction().execute((tx) => eraseBatch(tx, actor, due))
      if (!more) break
      erased = true
    }
  }
  if (!erased) return report
  report.indexCleared = await ctx.index.dropRemoved()
  report.logEmptied = await finishErasures(ctx)
  return report
}

/** What a collection past its date holds; undefined when nothing. */
async function dueCollection(db: Db, row: CollectionTable): Promise<DueCollection | undefined> {
  const { count: media } = await db
    .selectFrom('media_in_collection')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('collection_id', '=', row.id)
    .executeTakeFirstOrThrow()
  if (media === 0 && (await namedItems(db, row.id)).length === 0) return undefined
  return {
    id: row.id,
    title: row.title,
    retentionUntil: row.retention_until!,
    held: await isHeld(db, row.id),
    media,
    faces: 0,
    sources: 0,
  }
}

/** Erases up to `ERASE_BATCH` media, then what imports say of files that gave none. @returns whether there may be more */
async function eraseBatch(tx: Tx, actor: Actor, due: DueCollection): Promise<boolean> {
  const row = await tx.selectFrom('collection').selectAll().where('id', '=', due.id).executeTakeFirst()
  if (row === undefined) return false
  const { retention_until: until, agency_id: agencyId } = checkedRow('collection', row, row.id)
  due.held = await isHeld(tx, due.id)
  if (until === null || until >= today() || due.held) return false
  const batch = await nextMedia(tx, due.id)
  if (batch.length === 0) return forgetItems(tx, due.id)
  const going = batch.filter(({ elsewhere }) => elsewhere === 0).map(({ id }) => id)
  const staying = batch.filter(({ elsewhere }) => elsewhere === 1).map(({ id }) => id)
  const tombstoneId = newId()
  const persons = await personsOn(tx, going)
  const faces = await removeMediaRows(tx, going, tombstoneId)
  await removeUnlinked(tx, persons)
  const sources = await sourcesOf(tx, due.id, staying)
  await removeSources(tx, sources)
  await tx
    .deleteFrom('media_in_collection')
    .where('collection_id', '=', due.id)
    .where(
      'media_id',
      'in',
      batch.map(({ id }) => id),
    )
    .execute()
  await leaveTombstone(tx, actor, {
    id: tombstoneId,
    kind: 'retention',
    reason: `retention date ${until} passed`,
    agencyId,
    action: 'retention.erase',
    media: going.length,
    faces,
    sources: sources.length,
  })
  due.media += going.length
  due.faces += faces
  due.sources += sources.length
  return true
}

/** Media of a collection, with whether another collection holds them too. */
async function nextMedia(tx: Tx, collectionId: string): Promise<{ id: string; elsewhere: number }[]> {
  const rows = await tx
    .selectFrom('media_in_collection as member')
    .select(['member.media_id as id'])
    .select((select) =>
      select
        .exists(
          select
            .selectFrom('media_in_collection as other')
            .select('other.seq')
            .whereRef('other.media_id', '=', 'member.media_id')
            .where('other.collection_id', '!=', collectionId),
        )
        .as('elsewhere'),
    )
    .where('member.collection_id', '=', collectionId)
    .limit(ERASE_BATCH)
    .execute()
  return rows.map(({ id, elsewhere }) => ({ id, elsewhere: Number(elsewhere) }))
}

async function sourcesOf(tx: Tx, collectionId: string, mediaIds: readonly string[]): Promise<string[]> {
  if (mediaIds.length === 0) return []
  const rows = await tx
    .selectFrom('source')
    .select('id')
    .where('collection_id', '=', collectionId)
    .where('media_id', 'in', mediaIds)
    .execute()
  return rows.map(({ id }) => id)
}

async function personsOn(tx: Tx, mediaIds: readonly string[]): Promise<string[]> {
  if (mediaIds.length === 0) return []
  const rows = await tx
    .selectFrom('person_face')
    .innerJoin('face', 'face.id', 'person_face.face_id')
    .select('person_face.person_id')
    .distinct()
    .where('face.media_id', 'in', mediaIds)
    .execute()
  return rows.map((row) => row.person_id)
}

/**
 * Names that imports brought go with the last photo that is linked with them. A record that people keep of a person does
 * not rest on this collection, and stays.
 */
async function removeUnlinked(tx: Tx, personIds: readonly string[]): Promise<void> {
  if (personIds.length === 0) return
  const unlinked = await tx
    .selectFrom('person')
    .select('id')
    .where('id', 'in', personIds)
    .where('id', 'not in', tx.selectFrom('person_face').select('person_id'))
    .where('id', 'not in', tx.selectFrom('person_record').select('id'))
    .execute()
  for (const { id } of unlinked) await removePerson(tx, id)
}

/**
 * Takes names and claims from items that gave no media. Those that still wait are not taken in any more. The items stay,
 * so that the import still adds up.
 */
async function forgetItems(tx: Tx, collectionId: string): Promise<boolean> {
  const seqs = await namedItems(tx, collectionId)
  if (seqs.length === 0) return false
  const erased = { name: null, claims: null, reason: 'erased', detail: null, leased_by: null }
  await tx.updateTable('import_item').set(erased).where('seq', 'in', seqs).execute()
  await tx
    .updateTable('import_item')
    .set({ state: 'unreadable', finished_at: nowIso() })
    .where('seq', 'in', seqs)
    .where('state', 'in', ['waiting', 'failed'])
    .execute()
  return true
}

async function namedItems(db: Db, collectionId: string): Promise<number[]> {
  const rows = await db
    .selectFrom('import_item')
    .select('seq')
    .where('import_id', 'in', db.selectFrom('import').select('id').where('collection_id', '=', collectionId))
    .where('name', 'is not', null)
    .limit(ERASE_BATCH)
    .execute()
  return rows.map(({ seq }) => seq)
}

function today(): string {
  return nowIso().slice(0, 10)
}
