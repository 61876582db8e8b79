import type { Actor } from '../actor/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { nowIso } from '../store/ids.ts'
import { isDead, LEASEHOLDER } from '../store/leaseholder.ts'
import type { Db, Tx } from '../store/database/db.ts'
import type { CollectionTable } from '../store/tables/collection-tables.ts'
import type { ImportTable } from '../store/tables/import-tables.ts'
import type { Store } from '../store/store.ts'
import type { UploadTable } from '../store/tables/import-tables.ts'
import { removeArchives, uselessArchives } from '../erasure/remove-archives.ts'
import { countStates } from './import-status.ts'
import { ARCHIVE_OF_ITEM, leaseEnd, type LeasedItem } from './lease.ts'
import { eraseParts, forgetUpload } from '../uploads/upload-parts.ts'

/** Files that are looked at for one that nobody works on: more than there are processes. */
const LOOKED_AT = 100

/** A file that came whole, and the item that stands for it, on lease. */
export interface ClaimedUpload {
  upload: UploadTable
  item: LeasedItem
}

/** Takes the file that waits longest and that nobody works on. */
export async function claimUpload(
  { store }: { store: Store },
  isVideo: boolean,
): Promise<ClaimedUpload | undefined> {
  const waiting = await waitingUploads(store.db, isVideo)
  if (waiting.length === 0) return undefined
  return store.db.transaction().execute(async (tx) => {
    const now = nowIso()
    for (const { id, seq } of waiting) {
      const upload = await tx.selectFrom('upload').selectAll().where('id', '=', id).executeTakeFirst()
      const row = await tx.selectFrom('import_item').selectAll().where('seq', '=', seq).executeTakeFirst()
      if (upload === undefined || row === undefined || row.state !== 'waiting') continue
      const { leased_by: holder, leased_until: until } = row
      if (holder !== null && until !== null && until > now && !isDead(holder)) continue
      const attempts = row.attempts + 1
      const lease = { leased_by: LEASEHOLDER, leased_until: leaseEnd(), attempts }
      await tx.updateTable('import_item').set(lease).where('seq', '=', seq).execute()
      const { ordinal, claims } = row
      return { upload, item: { seq, ordinal, name: upload.name, claims, attempts } }
    }
    return undefined
  })
}

async function waitingUploads(db: Db, isVideo: boolean): Promise<{ id: string; seq: number }[]> {
  return db
    .selectFrom('upload')
    .innerJoin('import_item', (join) =>
      join
        .onRef('import_item.import_id', '=', 'upload.import_id')
        .onRef('import_item.name', '=', 'upload.name'),
    )
    .select(['upload.id', 'import_item.seq'])
    .where('upload.finished_at', 'is not', null)
    .where('upload.is_video', '=', isVideo ? 1 : 0)
    .where('import_item.state', '=', 'waiting')
    .orderBy('upload.id')
    .limit(LOOKED_AT)
    .execute()
}

/** Gives an item back that was begun in vain; that it was counts. */
export async function releaseLease(db: Db, { seq }: Pick<LeasedItem, 'seq'>): Promise<void> {
  const free = { leased_by: null, leased_until: null }
  await db
    .updateTable('import_item')
    .set(free)
    .where('seq', '=', seq)
    .where('leased_by', '=', LEASEHOLDER)
    .execute()
}

/** Writes what came of a file that gave nothing. */
export async function endItem(
  tx: Tx,
  { seq }: Pick<LeasedItem, 'seq'>,
  ended: { state: 'unreadable' | 'failed'; reason: string; detail: string },
): Promise<void> {
  await tx
    .updateTable('import_item')
    .set({ ...ended, finished_at: nowIso(), leased_by: null, leased_until: null })
    .where('seq', '=', seq)
    .execute()
}

/** The same of files in web archives of an import that were listed and will not be read. */
export async function endFilesOfArchives(
  tx: Tx,
  importId: string,
  ended: { state: 'failed'; reason: string; detail: string },
): Promise<void> {
  const others = tx
    .selectFrom('upload')
    .select('archive_sha256')
    .where('import_id', '=', importId)
    .where('archive_sha256', 'is not', null)
  await tx
    .updateTable('import_item')
    .set({ ...ended, finished_at: nowIso(), leased_by: null, leased_until: null })
    .where('import_id', '=', importId)
    .where('state', '=', 'waiting')
    .where(ARCHIVE_OF_ITEM, 'is not', null)
    .where((where) => where.not(where(ARCHIVE_OF_ITEM, 'in', others)))
    .execute()
}

/**
 * Forgets a file that was read or given up, and ends its import when that was asked for and nothing of it waits any more.
 * @param ending what else is written with it, or neither is
 */
export async function endUpload(
  store: Store,
  actor: Actor,
  { id, import_id: importId }: Pick<UploadTable, 'id' | 'import_id'>,
  ending: (tx: Tx) => Promise<void>,
): Promise<void> {
  const needless = await store.db.transaction().execute(async (tx) => {
    const parts = await forgetUpload(tx, id)
    await ending(tx)
    const row = await tx.selectFrom('import').selectAll().where('id', '=', importId).executeTakeFirstOrThrow()
    if ((row.closed_at ?? null) === null) return parts
    const collection = await tx
      .selectFrom('collection')
      .selectAll()
      .where('id', '=', row.collection_id)
      .executeTakeFirstOrThrow()
    await endWhenDone(tx, actor, { row, collection })
    return parts
  })
  await eraseParts(store, needless)
}

/** Ends an import that takes no more files, unless some of it waits. */
export async function endWhenDone(
  tx: Tx,
  actor: Actor,
  { row, collection }: { row: ImportTable; collection: CollectionTable },
): Promise<void> {
  const { waiting, ...counts } = await countStates(tx, row.id)
  if (waiting > 0) return
  await removeArchives(tx, await uselessArchives(tx, row.id), `import ${row.id}`)
  await tx.updateTable('import').set({ finished_at: nowIso() }).where('id', '=', row.id).execute()
  await appendAuditEvent(tx, actor, {
    action: 'import.finish',
    agencyId: collection.agency_id,
    subject: `import ${row.id}`,
    details: counts,
  })
}
