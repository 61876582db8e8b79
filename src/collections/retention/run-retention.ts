import type { Actor } from '../../access/actor.ts'
import type { Context } from '../../context.ts'
import { newId, nowIso } from '../../store/ids.ts'
import type { Db, Tx } from '../../store/record.ts'
import { checkedRow } from '../../store/row-digest.ts'
import type { CollectionTable } from '../../store/schema.ts'
import { finishErasures } from '../erase/erase-media.ts'
import { ERASE_BATCH, leaveTombstone } from '../erase/remove-rows.ts'
import { takeOutOfCollection } from '../erase/take-out-of-collection.ts'
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
  const tombstoneId = newId()
  const taken = await takeOutOfCollection(tx, due.id, batch, tombstoneId)
  await leaveTombstone(tx, actor, {
    id: tombstoneId,
    kind: 'retention',
    reason: `retention date ${until} passed`,
    agencyId,
    action: 'retention.erase',
    ...taken,
  })
  due.media += taken.media
  due.faces += taken.faces
  due.sources += taken.sources
  return true
}

async function nextMedia(tx: Tx, collectionId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('media_in_collection')
    .select('media_id')
    .where('collection_id', '=', collectionId)
    .limit(ERASE_BATCH)
    .execute()
  return rows.map((row) => row.media_id)
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
