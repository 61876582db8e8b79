import type { Actor } from '../actor/actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { shortId } from '../store/ids.ts'
import type { ArchiveKind, Verdict } from '../store/tables/archive-tables.ts'
import type { Db } from '../store/database/db.ts'
import type { ImportTable } from '../store/tables/import-tables.ts'
import type { ImportItemState } from '../store/tables/import-tables.ts'

export type StateCounts = Record<ImportItemState, number>

/** Archives of one import that its status names. */
const MAX_NAMED_ARCHIVES = 100

export interface ImportStatus {
  id: string
  collection: string
  kind: string
  location: string
  startedAt: string
  startedBy: string
  /** Whether every item of the source is listed. */
  listed: boolean
  finishedAt: string | null
  counts: StateCounts
  /** Web archives among what is imported, with what checking them came to. */
  archives: ImportedArchive[]
  /** Items that were taken though their bytes are not what their archive or tool says. */
  differing: number
  /** Items that were taken though their file was not read whole: cut short, more pictures in it, a raw's preview. */
  remarked: number
}

export interface ImportedArchive {
  name: string
  kind: ArchiveKind
  pages: number
  records: number
  packageVerdict: Verdict
  signatureVerdict: Verdict
  problems: string[]
}

/** Items of an import by state. */
export async function countStates(db: Db, importId: string): Promise<StateCounts> {
  const rows = await db
    .selectFrom('import_count')
    .select(['state', 'items'])
    .where('import_id', '=', importId)
    .execute()
  const counts: StateCounts = { waiting: 0, done: 0, duplicate: 0, no_face: 0, unreadable: 0, failed: 0 }
  for (const { state, items } of rows) counts[state] = items
  return counts
}

/** The newest imports, newest first, or one of them. @param input.importId its id or the short form of it */
export async function importStatus(
  ctx: Pick<Context, 'store'>,
  _actor: Actor,
  input: { importId: string | undefined; limit: number },
): Promise<ImportStatus[]> {
  const { db } = ctx.store
  const rows =
    input.importId === undefined
      ? await db.selectFrom('import').selectAll().orderBy('id', 'desc').limit(input.limit).execute()
      : [await findImport(db, input.importId)]
  return Promise.all(
    rows.map(async (row) => {
      const collection = await db
        .selectFrom('collection')
        .select('title')
        .where('id', '=', row.collection_id)
        .executeTakeFirstOrThrow()
      return {
        id: row.id,
        collection: collection.title,
        kind: row.source_kind,
        location: row.location,
        startedAt: row.started_at,
        startedBy: row.started_by,
        listed: row.planned_at !== null,
        finishedAt: row.finished_at,
        counts: await countStates(db, row.id),
        archives: await archivesOfImport(db, row.id),
        differing: await countDiffering(db, row.id),
        remarked: await countRemarked(db, row.id),
      }
    }),
  )
}

async function archivesOfImport(db: Db, importId: string): Promise<ImportedArchive[]> {
  const rows = await db
    .selectFrom('archive_file')
    .selectAll()
    .where('import_id', '=', importId)
    .orderBy('id')
    .limit(MAX_NAMED_ARCHIVES)
    .execute()
  return rows.map((row) => ({
    name: row.name,
    kind: row.kind,
    pages: row.pages,
    records: row.records,
    packageVerdict: row.package_verdict,
    signatureVerdict: row.signature_verdict,
    problems: JSON.parse(row.problems) as string[],
  }))
}

async function countDiffering(db: Db, importId: string): Promise<number> {
  const { count } = await db
    .selectFrom('import_item')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('import_id', '=', importId)
    .where('reason', '=', 'digest_differs')
    .where('state', '!=', 'unreadable')
    .executeTakeFirstOrThrow()
  return count
}

/** Items of an import whose files were not read whole. */
export async function countRemarked(db: Db, importId: string): Promise<number> {
  const { count } = await db
    .selectFrom('import_item')
    .innerJoin('media', 'media.id', 'import_item.media_id')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('import_id', '=', importId)
    .where('media.sha256', 'in', db.selectFrom('photo_remark').select('sha256'))
    .executeTakeFirstOrThrow()
  return count
}

/** The import of that id or short id. @throws AppError `not_found` */
export async function findImport(db: Db, id: string): Promise<ImportTable> {
  const row = await db
    .selectFrom('import')
    .selectAll()
    .where((where) => where.or([where('id', '=', id), where('id', 'like', `%${id.replaceAll(/[%_]/g, '')}`)]))
    .executeTakeFirst()
  if (row !== undefined) return row
  throw new AppError('not_found', `There is no import ${shortId(id)}; \`likeness import status\` lists them.`)
}

export interface ImportError {
  ordinal: number
  name: string | null
  state: ImportItemState
  attempts: number
  reason: string | null
  detail: string | null
}

/** Items that could not be taken, and those taken whose bytes are not what their archive or tool says or whose file was not read whole, in the source's order, with their reasons. @param input.after ordinal to go on after */
export async function listImportErrors(
  ctx: Pick<Context, 'store'>,
  _actor: Actor,
  input: { importId: string; after: number; limit: number },
): Promise<ImportError[]> {
  const row = await findImport(ctx.store.db, input.importId)
  return ctx.store.db
    .selectFrom('import_item')
    .select(['ordinal', 'name', 'state', 'attempts', 'reason', 'detail'])
    .where('import_id', '=', row.id)
    .where((where) =>
      where.or([
        where('state', 'in', ['unreadable', 'failed']),
        where('reason', '=', 'digest_differs'),
        where.exists(
          where
            .selectFrom('media')
            .innerJoin('photo_remark', 'photo_remark.sha256', 'media.sha256')
            .select('media.id')
            .whereRef('media.id', '=', 'import_item.media_id'),
        ),
      ]),
    )
    .where('ordinal', '>', input.after)
    .orderBy('ordinal')
    .limit(input.limit)
    .execute()
}
