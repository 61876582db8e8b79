import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import type { Db } from '../store/database/db.ts'
import type { UploadTable } from '../store/tables/import-tables.ts'
import { ArchiveThread } from '../sources/web-archive/archive-thread.ts'
import { ArchiveFault } from '../sources/web-archive/capture.ts'
import { surveyedItems, surveyedRecords } from '../sources/web-archive/web-archive-source.ts'
import type { ListedItem } from '../sources/source-item.ts'
import type { Claims } from '../sources/claims.ts'
import type { CommitTarget } from './commit-target.ts'
import { keepArchive } from './keep-archive.ts'
import { MAX_UPLOADS, nextOrdinal } from './open-upload.ts'
import { LIST_ROWS } from './pace.ts'
import { itemRow } from './start-import.ts'
import { eraseParts, forgetParts, uploadedChunks, uploadedRanges } from '../uploads/upload-parts.ts'

/**
 * Surveys a web archive that came whole, in a thread of its own, out of its parts; only when it can be read does it become
 * an original, like those that the command keeps, and are its files listed as items that wait. Cut off at any moment, it
 * begins again and lists nothing twice.
 * @returns the archive's SHA-256
 * @throws ArchiveFault naming what is wrong with it; anything, when the signal fires
 */
export async function openUploadedArchive(
  ctx: Pick<Context, 'store'>,
  { row, collection, actor }: Pick<CommitTarget, 'row' | 'collection' | 'actor'>,
  upload: UploadTable,
  signal: AbortSignal,
): Promise<string> {
  const { store } = ctx
  const { byte_length: byteLength } = upload
  const thread = new ArchiveThread()
  const onStop = (): void => void thread.close()
  signal.addEventListener('abort', onStop)
  try {
    signal.throwIfAborted()
    const location = { vault: thread.offer(await uploadedRanges(store, upload.id)), byteLength }
    const kind = await thread.ask('detect', { location })
    if (kind === undefined)
      throw new ArchiveFault('damaged_archive', 'it is no video, and no WARC, WACZ, MHTML or saved page')
    const facts = await thread.ask('survey', { location, kind, name: upload.name })
    const { sha256 } = facts
    if (!(await store.vault.has(sha256))) {
      const chunks = uploadedChunks(store, upload.id)
      await store.vault.publish([await store.vault.stageChunks({ sha256, byteLength, chunks })])
    }
    const into = { importId: row.id, collectionId: collection.id }
    const isAgain = await keepArchive(ctx, into, facts, surveyedRecords(thread))
    const files = await listItems(ctx, upload, surveyedItems(thread), isAgain)
    const parts = await store.db.transaction().execute(async (tx) => {
      await tx.updateTable('upload').set({ archive_sha256: sha256 }).where('id', '=', upload.id).execute()
      const { records, pages, packageVerdict, signatureVerdict } = facts
      await appendAuditEvent(tx, actor, {
        action: 'import.archive',
        agencyId: collection.agency_id,
        subject: `import ${row.id}`,
        details: { kind, sha256, records, pages, files, packageVerdict, signatureVerdict },
      })
      return forgetParts(tx, upload.id)
    })
    await eraseParts(store, parts)
    return sha256
  } finally {
    signal.removeEventListener('abort', onStop)
    await thread.close()
  }
}

/** @param isAgain an earlier listing may have been cut off: what it listed stays, and is not listed twice */
async function listItems(
  ctx: Pick<Context, 'store'>,
  { import_id: importId, claims }: UploadTable,
  items: AsyncGenerator<ListedItem>,
  isAgain: boolean,
): Promise<number> {
  const { db } = ctx.store
  const said = ofEach((claims === null ? {} : JSON.parse(claims)) as Claims)
  let files = 0
  let batch: ListedItem[] = []
  const flush = async (): Promise<void> => {
    await db.transaction().execute(async (tx) => {
      const first = await nextOrdinal(tx, importId)
      const rows = batch.map((item, at) => itemRow(importId, first + at, item))
      const missing = isAgain ? await notListed(tx, rows) : rows
      if (first + missing.length > MAX_UPLOADS)
        throw new ArchiveFault('too_many_entries', `an import has at most ${MAX_UPLOADS} files`)
      if (missing.length > 0) await tx.insertInto('import_item').values(missing).execute()
    })
    batch = []
  }
  for await (const item of items) {
    batch.push({ ...item, claims: { ...said, ...item.claims } })
    files += 1
    if (batch.length >= LIST_ROWS) await flush()
  }
  if (batch.length > 0) await flush()
  return files
}

/** What the importer says of the archive that holds for each of its files; their addresses and times are the archive's to say. */
function ofEach({ collector, licence, note }: Claims): Claims {
  return {
    ...(collector === undefined ? {} : { collector }),
    ...(licence === undefined ? {} : { licence }),
    ...(note === undefined ? {} : { note }),
  }
}

async function notListed(db: Db, rows: ReturnType<typeof itemRow>[]): Promise<ReturnType<typeof itemRow>[]> {
  const missing = []
  for (const row of rows) {
    const known = await db
      .selectFrom('import_item')
      .select('claims')
      .where('import_id', '=', row.import_id)
      .where('name', '=', row.name)
      .execute()
    if (!known.some(({ claims }) => claims === row.claims)) missing.push(row)
  }
  return missing
}
