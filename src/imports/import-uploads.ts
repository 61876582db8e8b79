import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { WorkContext } from '../media/work-context.ts'
import type { Context } from '../context.ts'
import { claimTemplates } from '../store/active-templates.ts'
import { requireRoom } from '../store/vault/storage-quota.ts'
import { newId, nowIso } from '../store/ids.ts'
import { remarksOf, type KeptRemark } from '../store/photo-remarks.ts'
import type { Db, Tx } from '../store/database/db.ts'
import type { ImportTable } from '../store/tables/import-tables.ts'
import type { ImportItemState } from '../store/tables/import-tables.ts'
import { ownCollection } from '../collections/find-collection.ts'
import type { Claims } from '../sources/claims.ts'
import { commitItems } from './commit-items.ts'
import { countStates, type StateCounts } from './import-status.ts'
import { ARCHIVE_OF_ITEM } from './lease.ts'
import { leaseItem, openImport, ownImport } from './open-upload.ts'
import { closeUploads } from './send-in-parts.ts'
import { eraseParts } from '../uploads/upload-parts.ts'
import { endWhenDone } from './upload-queue.ts'
import { workItem } from './work-item.ts'

/** Imports that have not ended, of one agency, as far as they are listed. */
const MAX_RUNNING = 50

/** What came of a file that was sent. */
export interface UploadedItem {
  ordinal: number
  name: string
  state: ImportItemState
  reason: string | null
  detail: string | null
  mediaId: string | null
  /** How its file was read, when not whole. */
  remarks: KeptRemark[]
}

export interface UploadImport {
  id: string
  /** Whether its files are sent one by one, and can be gone on with so. */
  isUpload: boolean
  /** Files that were said to come; null: nobody said. */
  announced: number | null
  /** Files that were announced, or listed when that is more, as web archives turn out to hold; null while nobody knows. */
  total: number | null
  startedAt: string
  startedBy: string
  finishedAt: string | null
  phase: ImportPhase
  counts: StateCounts
  /** Files that were said to come and of which nothing came. */
  notReceived: number
  /** Videos that are being read, and how far they are. */
  videos: VideoOnTheWay[]
}

/**
 * `receiving`: files came a moment ago; `left`: none came for `LEFT_AFTER_MS`, and whoever sends them can go on; `reading`:
 * nothing more comes, and the service reads what came; `ended`.
 */
export type ImportPhase = 'receiving' | 'left' | 'reading' | 'ended'

/** A sender of whom nothing came for so long has left. */
const LEFT_AFTER_MS = 60_000

export interface VideoOnTheWay {
  name: string
  timeS: number
  durationS: number | null
  frames: number
  faces: number
}

/**
 * Begins an import whose files are sent one by one. Nothing waits on the disk in between: a file is either taken in or it
 * is not, and the reply says which.
 * @throws AppError `not_allowed`, `not_found`
 */
export async function startUploads(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { collectionId: string; files: number | undefined },
): Promise<UploadImport> {
  authorize(actor, 'collection.import')
  return ctx.store.db.transaction().execute(async (tx) => {
    const collection = await ownCollection(tx, actor, input.collectionId)
    const now = nowIso()
    const id = newId()
    const row: ImportTable = {
      id,
      collection_id: collection.id,
      source_kind: 'upload',
      location: `upload ${id}`,
      started_by: actor.name,
      started_at: now,
      listing_by: null,
      listing_until: null,
      announced: input.files ?? null,
      // Its files are listed as they come.
      planned_at: now,
      closed_at: null,
      finished_at: null,
    }
    await tx.insertInto('import').values(row).execute()
    await appendAuditEvent(tx, actor, {
      action: 'import.start',
      agencyId: collection.agency_id,
      subject: `import ${id}`,
      details: { collection: collection.id, kind: 'upload' },
    })
    return describeImport(tx, row)
  })
}

/**
 * Takes one file into an import: original, faces, templates and where it comes from, in one transaction with its audit
 * event. The same name sent again, after a reply that was lost or a file that failed, is worked on again as the same item.
 * @throws AppError `not_allowed`, `not_found`, `conflict` for a finished import, `busy`, `limit_exceeded`, `quota_reached`
 */
export async function takeUpload(
  ctx: WorkContext,
  actor: AccountActor,
  input: { importId: string; name: string; photo: Uint8Array; claims: Claims; signal: AbortSignal },
): Promise<UploadedItem> {
  authorize(actor, 'collection.import')
  const { store } = ctx
  const { row, collection } = await openImport(store.db, actor, input.importId)
  const engine = await ctx.engine()
  return ctx.readings.run(async () => {
    await claimTemplates(store.db, engine)
    const item = await store.db.transaction().execute(async (tx) => {
      await openImport(tx, actor, row.id)
      const leased = await leaseItem(tx, row.id, input.name, input.claims)
      const room = { agencyId: collection.agency_id, bytes: input.photo.byteLength }
      if (leased !== undefined) await requireRoom(tx, ctx.agencyQuotaBytes, room)
      return leased
    })
    if (item === undefined) return findItem(store.db, row.id, input.name)
    const videos = { importId: row.id, signal: input.signal }
    const reader = {
      read: async () => ({ ok: true as const, bytes: input.photo }),
      close: async () => undefined,
    }
    const worked = await workItem({ store, engine, exif: ctx.exif, reader, videos }, item)
    await commitItems({ store, engine, actor, row, collection }, [worked])
    return findItem(store.db, row.id, input.name)
  }, input.signal)
}

/** A file that was not sent, or whose answer was lost, as whoever sends it says. */
export interface UnsentFile {
  name: string
  state: 'unreadable' | 'failed'
  detail: string
}

/**
 * Ends an import; what was begun and not taken in stays listed as failed, and so do files that were not sent, with the
 * sender's reason: what was chosen and what came of it add up.
 */
export async function finishUploads(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { importId: string; unsent?: readonly UnsentFile[] | undefined },
): Promise<UploadImport> {
  authorize(actor, 'collection.import')
  const givenUp: string[] = []
  const ended = await ctx.store.db.transaction().execute(async (tx) => {
    const { row, collection } = await openImport(tx, actor, input.importId)
    for (const unsent of input.unsent ?? []) await listUnsent(tx, row.id, unsent)
    // Files that came whole are still read; those that did not are given up.
    const { isReading, parts } = await closeUploads(tx, row.id)
    givenUp.push(...parts)
    await tx
      .updateTable('import_item')
      .set({
        state: 'failed',
        reason: 'broken_off',
        detail: 'It was not sent to its end, or the service stopped while it was worked on.',
        finished_at: nowIso(),
        leased_by: null,
        leased_until: null,
      })
      .where('import_id', '=', row.id)
      .where('state', '=', 'waiting')
      .where((item) =>
        item.not(
          item.exists(
            item
              .selectFrom('upload')
              .select('upload.id')
              .whereRef('upload.import_id', '=', 'import_item.import_id')
              .where((upload) =>
                upload.or([
                  upload('upload.name', '=', upload.ref('import_item.name')),
                  // It stands in an archive; those on their way list their files.
                  upload(ARCHIVE_OF_ITEM, 'is not', null),
                ]),
              ),
          ),
        ),
      )
      .execute()
    if (isReading) {
      const closed_at = nowIso()
      await tx.updateTable('import').set({ closed_at }).where('id', '=', row.id).execute()
      return describeImport(tx, { ...row, closed_at })
    }
    await endWhenDone(tx, actor, { row, collection })
    const finished = await tx
      .selectFrom('import')
      .selectAll()
      .where('id', '=', row.id)
      .executeTakeFirstOrThrow()
    return describeImport(tx, finished)
  })
  await eraseParts(ctx.store, givenUp)
  return ended
}

/** Lists a file that never came; one of that name that did stays as it is. */
async function listUnsent(tx: Tx, importId: string, { name, state, detail }: UnsentFile): Promise<void> {
  const item = await leaseItem(tx, importId, name, {})
  if (item === undefined) return
  const ended = { state, reason: 'not_sent', detail, finished_at: nowIso() }
  await tx
    .updateTable('import_item')
    .set({ ...ended, leased_by: null, leased_until: null })
    .where('seq', '=', item.seq)
    .execute()
}

/** Imports into an own collection, newest first. @throws AppError `not_allowed`, `not_found` */
export async function listImports(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { collectionId: string; limit: number },
): Promise<UploadImport[]> {
  authorize(actor, 'collection.import')
  const { db } = ctx.store
  await ownCollection(db, actor, input.collectionId)
  const rows = await db
    .selectFrom('import')
    .selectAll()
    .where('collection_id', '=', input.collectionId)
    .orderBy('id', 'desc')
    .limit(input.limit)
    .execute()
  return Promise.all(rows.map((row) => describeImport(db, row)))
}

export interface RunningImport extends UploadImport {
  collectionId: string
  collectionTitle: string
}

/** Imports into the agency's collections that have not ended, newest first. */
export async function listRunningImports(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
): Promise<RunningImport[]> {
  authorize(actor, 'collection.import')
  return runningImports(ctx.store.db, agencyOf(actor))
}

/** The same without a question whether one may, for the stream of events. */
export async function runningImports(db: Db, agencyId: string): Promise<RunningImport[]> {
  const rows = await db
    .selectFrom('import')
    .innerJoin('collection', 'collection.id', 'import.collection_id')
    .selectAll('import')
    .select('collection.title as collectionTitle')
    .where('collection.agency_id', '=', agencyId)
    .where('import.finished_at', 'is', null)
    .orderBy('import.id', 'desc')
    .limit(MAX_RUNNING)
    .execute()
  return Promise.all(
    rows.map(async ({ collectionTitle, ...row }) => ({
      ...(await describeImport(db, row)),
      collectionId: row.collection_id,
      collectionTitle,
    })),
  )
}

/** Files of an import of one's own agency, in order. @param input.after ordinal to go on after */
export async function listImportItems(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { importId: string; state: ImportItemState | undefined; after: number; limit: number },
): Promise<UploadedItem[]> {
  authorize(actor, 'collection.import')
  const { db } = ctx.store
  const { row } = await ownImport(db, actor, input.importId)
  let query = itemsOf(db, row.id).where('ordinal', '>', input.after).orderBy('ordinal').limit(input.limit)
  if (input.state !== undefined) query = query.where('state', '=', input.state)
  return uploaded(db, await query.execute())
}

function itemsOf(db: Db, importId: string) {
  return db
    .selectFrom('import_item')
    .leftJoin('media', 'media.id', 'import_item.media_id')
    .select(['ordinal', 'name', 'state', 'reason', 'detail', 'media_id', 'media.sha256'])
    .where('import_id', '=', importId)
}

async function findItem(db: Db, importId: string, name: string): Promise<UploadedItem> {
  const row = await itemsOf(db, importId).where('name', '=', name).executeTakeFirstOrThrow()
  return (await uploaded(db, [row]))[0]
}

async function uploaded(
  db: Db,
  rows: readonly Awaited<ReturnType<ReturnType<typeof itemsOf>['executeTakeFirstOrThrow']>>[],
): Promise<UploadedItem[]> {
  const remarks = await remarksOf(
    db,
    rows.flatMap(({ sha256 }) => sha256 ?? []),
  )
  return rows.map(({ media_id: mediaId, name, sha256, ...item }) => ({
    ...item,
    name: name ?? '',
    mediaId,
    remarks: remarks.get(sha256 ?? '') ?? [],
  }))
}

async function videosOnTheWay(db: Db, importId: string): Promise<VideoOnTheWay[]> {
  const rows = await db
    .selectFrom('video_progress')
    .innerJoin('import_item', (join) =>
      join
        .onRef('import_item.import_id', '=', 'video_progress.import_id')
        .onRef('import_item.ordinal', '=', 'video_progress.ordinal'),
    )
    .select(['name', 'next_s', 'duration_s', 'frames', 'faces'])
    .where('video_progress.import_id', '=', importId)
    .where('import_item.state', '=', 'waiting')
    .execute()
  return rows.map(({ name, next_s: timeS, duration_s: durationS, frames, faces }) => ({
    name: name ?? '',
    timeS,
    durationS,
    frames,
    faces,
  }))
}

function totalOf(
  { source_kind: kind, announced, planned_at: planned }: ImportTable,
  listed: number,
): number | null {
  if (kind !== 'upload') return planned === null ? null : listed
  return announced === null ? null : Math.max(announced, listed)
}

async function phaseOf(db: Db, row: ImportTable): Promise<ImportPhase> {
  if (row.finished_at !== null) return 'ended'
  if (row.source_kind !== 'upload' || (row.closed_at ?? null) !== null) return 'reading'
  const last = await db
    .selectFrom('import_item')
    .select(({ fn }) => [fn.max('finished_at').as('finished'), fn.max('leased_until').as('leased')])
    .where('import_id', '=', row.id)
    .executeTakeFirstOrThrow()
  const begun = await db
    .selectFrom('upload')
    .select(({ fn }) => fn.max('started_at').as('at'))
    .where('import_id', '=', row.id)
    .executeTakeFirstOrThrow()
  const ago = new Date(Date.now() - LEFT_AFTER_MS).toISOString()
  const signs = [row.started_at, last.finished, last.leased, begun.at]
  return signs.some((at) => at !== null && at > ago) ? 'receiving' : 'left'
}

export async function describeImport(db: Db, row: ImportTable): Promise<UploadImport> {
  const counts = await countStates(db, row.id)
  const isUpload = row.source_kind === 'upload'
  const listed = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return {
    id: row.id,
    isUpload,
    announced: row.announced,
    total: totalOf(row, listed),
    startedAt: row.started_at,
    startedBy: row.started_by,
    finishedAt: row.finished_at,
    phase: await phaseOf(db, row),
    counts,
    notReceived: isUpload ? Math.max(0, (row.announced ?? 0) - listed) : 0,
    videos: row.finished_at === null ? await videosOnTheWay(db, row.id) : [],
  }
}
