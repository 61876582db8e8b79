import type { Actor } from '../actor/actor.ts'
import type { Context } from '../context.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { CollectionTable } from '../store/tables/collection-tables.ts'
import { finishErasures, isErasureUnfinished } from '../erasure/finish-erasures.ts'
import { eraseNext, hasNamedItems } from '../erasure/empty-collection.ts'
import { dueCases, emptyDueCases, type DueCase } from './empty-expired-cases.ts'
import { eraseExpiredPeople, expiredPeople } from './expired-people.ts'
import { isHeld } from '../collections/legal-hold.ts'
import { today } from '../contract/dates.ts'

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
  /** Records of persons past the date until which they may be kept; erased, unless in a dry run. */
  people: number
  /** Every case whose date has passed; emptied, unless held or in a dry run. */
  cases: DueCase[]
  /** As in an erasure by hand, see erase-media.ts. */
  logEmptied: boolean
  indexCleared: boolean
}

/**
 * Erases what stands in collections whose retention date has passed (UTC: it is kept to the end of that day), unless a
 * legal hold keeps it. Media that stand in another collection too stay there; they lose this collection's sources. Dates
 * and holds are read again in each transaction, with the tombstone and the audit event of what it erases, so a hold
 * stops a run under way, and a run that is killed leaves nothing erased without a trace. Records of persons who may be kept
 * until a date only are erased after it; photos of collections that show them stay where they are. Cases past their date
 * lose their material, see [Note: emptied cases].
 */
export async function runRetention(
  ctx: Pick<Context, 'store' | 'index'>,
  actor: Actor,
  input: RetentionInput,
): Promise<RetentionReport> {
  const { db } = ctx.store
  const report: RetentionReport = {
    collections: [],
    people: 0,
    cases: [],
    logEmptied: true,
    indexCleared: true,
  }
  // Also what an erasure that was killed left on the disk.
  let erased = !input.dryRun && (await isErasureUnfinished(db))
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
  const people = await expiredPeople(db, today())
  report.people = input.dryRun ? people.length : await eraseExpiredPeople(ctx, actor, today(), input.signal)
  if (!input.dryRun && report.people > 0) erased = true
  report.cases = await dueCases(db, today())
  if (!input.dryRun && (await emptyDueCases(ctx, actor, report.cases, today(), input.signal))) erased = true
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
  if (media === 0 && !(await hasNamedItems(db, row.id))) return undefined
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
  const { taken, more } = await eraseNext(tx, actor, {
    collectionId: due.id,
    agencyId,
    kind: 'retention',
    reason: `retention date ${until} passed`,
    action: 'retention.erase',
  })
  due.media += taken.media
  due.faces += taken.faces
  due.sources += taken.sources
  return more
}
