import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import type { Context } from '../context.ts'
import type { ArchiveKind, Verdict } from '../store/tables/archive-tables.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { ARCHIVE_OF_ITEM } from './lease.ts'
import { ownImport } from './open-upload.ts'

/** A web archive out of which an import took files, and what checking it came to. */
export interface ImportedArchive {
  name: string
  kind: ArchiveKind
  sha256: string
  /** Pictures and videos that were listed out of it. */
  files: number
  /** Responses and resources in it, whatever they are. */
  records: number
  pages: number
  packageVerdict: Verdict
  signatureVerdict: Verdict
  /** Sentences that say what is wrong. */
  problems: string[]
}

/** Web archives of an import of one's own agency, as they were opened. @throws AppError `not_allowed`, `not_found` */
export async function listImportArchives(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { importId: string; limit: number },
): Promise<ImportedArchive[]> {
  authorize(actor, 'collection.import')
  const { db } = ctx.store
  const { row } = await ownImport(db, actor, input.importId)
  const archives = await db
    .selectFrom('archive_file')
    .selectAll()
    .where('import_id', '=', row.id)
    .orderBy('id')
    .limit(input.limit)
    .execute()
  const counts = await db
    .selectFrom('import_item')
    .select(({ fn }) => [ARCHIVE_OF_ITEM.as('sha256'), fn.countAll<number>().as('files')])
    .where('import_id', '=', row.id)
    .where(ARCHIVE_OF_ITEM, 'is not', null)
    .groupBy(ARCHIVE_OF_ITEM)
    .execute()
  const files = new Map(counts.map((one) => [one.sha256, one.files]))
  return archives.map((unchecked) => {
    const archive = checkedRow('archive_file', unchecked, unchecked.id)
    const { name, kind, sha256, records, pages } = archive
    return {
      name,
      kind,
      sha256,
      files: files.get(sha256) ?? 0,
      records,
      pages,
      packageVerdict: archive.package_verdict,
      signatureVerdict: archive.signature_verdict,
      problems: JSON.parse(archive.problems) as string[],
    }
  })
}
