import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { newId, nowIso } from '../store/ids.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import type { ArchiveFacts, IndexedRecord } from '../sources/web-archive/capture.ts'

/**
 * Keeps a web archive as the original that it is: its bytes go into the media vault, streamed; then its row and the index
 * by which its pages are replayed. Called before any of its media is taken in; called again, after it was cut off, it writes
 * the index anew.
 * @returns whether the import had it before
 * @throws AppError `conflict` when the file changed meanwhile, or the same bytes are just being erased
 */
export async function keepArchive(
  ctx: Pick<Context, 'store'>,
  { importId, collectionId }: { importId: string; collectionId: string },
  facts: ArchiveFacts & { file?: string },
  records: AsyncIterable<IndexedRecord[]>,
): Promise<boolean> {
  const { db, vault } = ctx.store
  const { sha256 } = facts
  if (facts.file !== undefined && !(await vault.has(sha256)))
    await vault.publish([await vault.stageFile(facts.file, sha256, facts.byteLength)])
  const { id, isAgain } = await db.transaction().execute(async (tx) => {
    // [Note: import and erasure] in commit-items.ts says why none may be pending here.
    const pending = await tx
      .selectFrom('pending_erasure')
      .select('sha256')
      .where('sha256', '=', sha256)
      .executeTakeFirst()
    if (pending !== undefined || !(await vault.has(sha256)))
      throw new AppError('conflict', `${facts.name} is just being erased; import it again in a moment.`)
    const known = await tx
      .selectFrom('archive_file')
      .select('id')
      .where('import_id', '=', importId)
      .where('sha256', '=', sha256)
      .executeTakeFirst()
    if (known !== undefined) {
      await tx.deleteFrom('archive_record').where('archive_id', '=', known.id).execute()
      return { id: known.id, isAgain: true }
    }
    const row = withDigest('archive_file', {
      id: newId(),
      import_id: importId,
      collection_id: collectionId,
      kind: facts.kind,
      name: facts.name,
      sha256,
      byte_length: facts.byteLength,
      records: facts.records,
      pages: facts.pages,
      package_verdict: facts.packageVerdict,
      signature_verdict: facts.signatureVerdict,
      signed_by: facts.signedBy ?? null,
      signed_at: facts.signedAt ?? null,
      software: facts.software ?? null,
      problems: JSON.stringify(facts.problems),
      kept: 1,
      imported_at: nowIso(),
    })
    await tx.insertInto('archive_file').values(row).execute()
    return { id: row.id, isAgain: false }
  })
  for await (const batch of records) {
    const rows = batch.map(({ url, capturedAt, mime, place }) => ({
      archive_id: id,
      url,
      captured_at: capturedAt,
      mime,
      place: JSON.stringify(place),
    }))
    await db.insertInto('archive_record').values(rows).execute()
  }
  return isAgain
}

/** Takes away what an earlier listing of the same import wrote, which was cut off; the bytes stay for the one that follows. */
export async function forgetArchives(ctx: Pick<Context, 'store'>, importId: string): Promise<void> {
  await ctx.store.db.transaction().execute(async (tx) => {
    const own = tx.selectFrom('archive_file').select('id').where('import_id', '=', importId)
    await tx.deleteFrom('archive_record').where('archive_id', 'in', own).execute()
    await tx.deleteFrom('archive_file').where('import_id', '=', importId).execute()
  })
}
