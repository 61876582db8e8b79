import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { checkGallery } from '../gallery/check-gallery.ts'
import { ROWS_FILE } from '../gallery/row-persistence.ts'
import { compareIds } from '../live-index/follow-record.ts'
import { indexFolder, progressFile, readProgress } from '../live-index/index-folder.ts'
import { activeTemplates, labelOf } from '../store/active-templates.ts'
import { enterInIndex, removalsAfter } from '../store/index-feed.ts'
import { indexRoot, type Store } from '../store/store.ts'
import type { Finding } from './finding.ts'

/** Media whose entries are named, and set right, at once. */
const MEDIA_A_STEP = 100
const REMOVALS_A_STEP = 10_000
const NAMED_ROWS = 5

/**
 * Checks what the index is fed from and what it holds: each template has its entry, in the collections that its media
 * are in; every byte of the index's files is what was written; every row they ought to hold is there, and no other.
 * Repairing sets entries right and makes the files again.
 */
export async function checkIndex(ctx: Pick<Context, 'store' | 'index'>, repair: boolean): Promise<Finding[]> {
  const findings = await checkEntries(ctx.store, repair)
  // This process's own hold on the files would be in the way; its next search takes them again.
  await ctx.index.release()
  findings.push(...(await checkOtherIndexes(ctx.store, repair)))
  const inFiles = await checkFiles(ctx.store)
  if (repair && inFiles.some(({ severity }) => severity === 'derived')) {
    await ctx.index.rebuild()
    for (const finding of inFiles) finding.repaired = true
  }
  return [...findings, ...inFiles]
}

async function checkEntries(store: Store, repair: boolean): Promise<Finding[]> {
  const findings: Finding[] = []
  for (;;) {
    const { rows } = await sql<{ media_id: string }>`
      select distinct media_id from (
        select template.media_id from template
        join media_in_collection on media_in_collection.media_id = template.media_id
        where not exists (select 1 from index_entry where index_entry.template_seq = template.seq)
        and not exists (
          select 1 from video_face where video_face.face_id = template.face_id and video_face.role = 'kept'
        )
        union all
        select entry.media_id from index_entry as entry
        join media_in_collection as member on member.media_id = entry.media_id
        where not exists (
          select 1 from collection_set_member as part
          where part.set_number = entry.set_number and part.collection_id = member.collection_id
        )
        union all
        select entry.media_id from index_entry as entry
        join collection_set_member as part on part.set_number = entry.set_number
        where not exists (
          select 1 from media_in_collection as member
          where member.media_id = entry.media_id and member.collection_id = part.collection_id
        )
      ) limit ${MEDIA_A_STEP}
    `.execute(store.db)
    const wrong = rows.map(({ media_id: id }) => id)
    const detail = 'Its faces are not entered in the index as its collections say.'
    findings.push(
      ...wrong.map((id): Finding => ({
        severity: 'derived',
        where: `index_entry of media ${id}`,
        detail,
        repaired: repair,
      })),
    )
    if (!repair || wrong.length === 0) return findings
    await store.db.transaction().execute((tx) => enterInIndex(tx, wrong))
  }
}

async function checkOtherIndexes({ dataFolder, db }: Store, repair: boolean): Promise<Finding[]> {
  const root = indexRoot(dataFolder)
  const kind = await activeTemplates(db)
  const names = existsSync(root) ? await readdir(root) : []
  const others = names
    .map((name) => path.join(root, name))
    .filter((folder) => kind === undefined || folder !== indexFolder(dataFolder, kind))
  if (repair) for (const folder of others) await rm(folder, { recursive: true, force: true })
  const detail = 'It is an index of templates that are no longer searched.'
  return others.map((folder) => ({
    severity: 'leftover',
    where: path.relative(dataFolder, folder),
    detail,
    repaired: repair,
  }))
}

async function checkFiles(store: Store): Promise<Finding[]> {
  const kind = await activeTemplates(store.db)
  const folder = kind && indexFolder(store.dataFolder, kind)
  if (kind === undefined || folder === undefined || !existsSync(folder)) return []
  const findings: Finding[] = []
  const add = (severity: Finding['severity'], file: string, detail: string): void => {
    findings.push({ severity, where: path.relative(store.dataFolder, file), detail, repaired: false })
  }
  if (existsSync(progressFile(folder)) && readProgress(folder) === undefined) {
    add('derived', progressFile(folder), 'It is not what was written.')
  }
  const rowsFile = path.join(folder, ROWS_FILE)
  try {
    const check = await checkGallery(folder, store.indexKey)
    for (const { file, offsetBytes, reason } of check.faults) {
      add('derived', file, `At byte ${offsetBytes}: ${reason}.`)
    }
    if (check.faults.length > 0) return findings
    const lastId = check.ids.at(-1) ?? 0
    const { missing, unknown } = await compareIds(store.db, labelOf(kind), check.ids, lastId)
    if (missing.length > 0) add('derived', rowsFile, `It lacks ${named(missing)}.`)
    const left = await withoutPending(store, unknown, readProgress(folder))
    if (left.length > 0) add('derived', rowsFile, `It holds ${named(left)}, which the record has not.`)
    else if (unknown.length > 0) {
      add(
        'leftover',
        rowsFile,
        `It still holds ${named(unknown)} that the record has removed since; the next search drops them.`,
      )
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (error.code === 'conflict')
      add('unchecked', rowsFile, 'Another process has it open, so it was not checked.')
    else if (error.code === 'wrong_key') add('derived', rowsFile, 'It is encrypted with another key.')
    else throw error
  }
  return findings
}

/** Rows that the next opening drops are no fault; without a note of how far that went, it compares them all. */
async function withoutPending(
  store: Store,
  unknown: readonly number[],
  removedThrough: number | undefined,
): Promise<number[]> {
  if (removedThrough === undefined) return []
  const left = new Set(unknown)
  for (let after = removedThrough; left.size > 0;) {
    const removals = await removalsAfter(store.db, after, REMOVALS_A_STEP)
    if (removals.length === 0) break
    for (const { entryId } of removals) left.delete(entryId)
    after = removals[removals.length - 1].seq
  }
  return [...left]
}

function named(ids: readonly number[]): string {
  const first = ids.slice(0, NAMED_ROWS).join(', ')
  return `${ids.length} ${ids.length === 1 ? 'row' : 'rows'} (${first}${ids.length > NAMED_ROWS ? ', …' : ''})`
}
