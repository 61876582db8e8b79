import type { Finding } from './finding.ts'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import type { Actor } from '../actor/actor.ts'
import { rowFaults } from '../audit/check-rows.ts'
import { finishErasures } from '../erasure/finish-erasures.ts'
import type { Context } from '../context.ts'
import { AppError, reasonOf } from '../errors.ts'
import { checkKeyFiles } from '../store/vault/keyring.ts'
import { isOriginalInUse, originalsAfter } from '../store/vault/originals.ts'
import { digestHolds, DIGESTED_TABLES, type DigestedTable } from '../store/tables/row-digest.ts'
import type { Store } from '../store/store.ts'
import { readMark } from '../store/database/behind-mark.ts'
import { checkDerived } from './check-derived.ts'
import { checkIndex } from './check-index.ts'
import { checkLists } from './check-lists.ts'

export interface ExamineInput {
  /** Makes derived things again and removes leftovers; never touches the record itself. */
  repair: boolean
  onProgress?: (step: string, done: number, of: number) => void
}

export interface Examination {
  findings: Finding[]
  mediaChecked: number
  rowsChecked: number
}

/** Rows read at once. */
const PAGE_ROWS = 500
/** A file in the vault without a row may belong to an import that is about to commit it; after this long it does not. */
const LEFTOVER_AGE_MS = 60 * 60 * 1000

/**
 * Examines the whole data folder: key files, pages of the database against their checksums, its structure, every reference,
 * every row's digest, decisions against the audit log, every original's hash, then the index, byte by byte and row by row. Every finding names the file or row.
 */
export async function examine(
  ctx: Pick<Context, 'store' | 'index'>,
  _actor: Actor,
  input: ExamineInput,
): Promise<Examination> {
  const { store } = ctx
  const examination: Examination = { findings: [], mediaChecked: 0, rowsChecked: 0 }
  const { findings } = examination
  for (const { file, detail, repaired } of checkKeyFiles(store.dataFolder, input.repair)) {
    findings.push({ severity: 'fault', where: file, detail, repaired })
  }
  if (store.record.openedWithDamage !== undefined) {
    findings.push({
      severity: 'fault',
      where: 'record.db-wal',
      detail: store.record.openedWithDamage,
      repaired: false,
    })
  }
  if (input.repair) {
    await ctx.index.dropRemoved()
    await finishErasures(ctx)
  }
  await checkPages(store, findings, input)
  await checkStructure(store, findings)
  for (const table of DIGESTED_TABLES)
    examination.rowsChecked += await checkRows(store, table, findings, input)
  for await (const { detail } of rowFaults(store.db, () => undefined))
    findings.push({ severity: 'fault', where: 'record.db', detail, repaired: false })
  examination.mediaChecked = await checkMedia(store, findings, input)
  await checkLeftovers(store, findings, input)
  findings.push(...(await checkDerived(store, input.repair)))
  findings.push(...(await checkLists(store, input.repair)))
  findings.push(...(await checkIndex(ctx, input.repair)))
  return examination
}

async function checkPages(store: Store, findings: Finding[], { repair }: ExamineInput): Promise<void> {
  const mark = readMark(store.record.files.mark)
  try {
    const broken = await store.record.checkPages()
    if (mark !== 'current' || broken === undefined) {
      if (repair && (broken === undefined || broken.length === 0)) await store.record.renewChecksums()
      const where = mark === 'current' ? 'record.seal' : 'record.mark'
      const detail =
        mark === 'behind'
          ? 'The page checksums are behind: a process ended before it could write those of its last pages, as on a full disk.'
          : 'It is missing or damaged.'
      findings.push({ severity: 'derived', where, detail, repaired: repair })
    }
    if (broken === undefined) return
    for (const page of broken) {
      const detail = page === 0 ? 'It was cut short.' : `Page ${page} does not fit its checksum.`
      findings.push({ severity: 'fault', where: 'record.db', detail, repaired: false })
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'corrupt_record') throw error
    if (repair) await store.record.renewChecksums()
    findings.push({ severity: 'derived', where: 'record.seal', detail: error.message, repaired: repair })
  }
}

async function checkStructure(store: Store, findings: Finding[]): Promise<void> {
  try {
    const lines = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(store.db)
    for (const { integrity_check: detail } of lines.rows) {
      if (detail !== 'ok') findings.push({ severity: 'fault', where: 'record.db', detail, repaired: false })
    }
    const orphans = await sql<{
      table: string
      rowid: number
      parent: string
    }>`pragma foreign_key_check`.execute(store.db)
    for (const { table, rowid, parent } of orphans.rows) {
      const detail = `It refers to a row of ${parent} that does not exist.`
      findings.push({ severity: 'fault', where: `${table} ${rowid}`, detail, repaired: false })
    }
  } catch (error) {
    findings.push({ severity: 'fault', where: 'record.db', detail: reasonOf(error), repaired: false })
  }
}

async function checkRows(
  store: Store,
  table: DigestedTable,
  findings: Finding[],
  { onProgress }: ExamineInput,
): Promise<number> {
  let checked = 0
  let after = 0
  try {
    for (;;) {
      const page = await sql<{ rowid_: number; digest: Uint8Array; id?: string; seq?: number }>`
        select rowid as rowid_, * from ${sql.table(table)} where rowid > ${after} order by rowid limit ${PAGE_ROWS}
      `.execute(store.db)
      if (page.rows.length === 0) return checked
      for (const { rowid_: rowid, ...row } of page.rows) {
        after = rowid
        checked += 1
        if (digestHolds(table, row)) continue
        const where = `${table} ${row.id ?? row.seq ?? rowid}`
        findings.push({
          severity: 'fault',
          where,
          detail: 'The row is not what was written.',
          repaired: false,
        })
      }
      onProgress?.(table, checked, 0)
    }
  } catch (error) {
    findings.push({ severity: 'fault', where: table, detail: reasonOf(error), repaired: false })
    return checked
  }
}

async function checkMedia(store: Store, findings: Finding[], { onProgress }: ExamineInput): Promise<number> {
  let checked = 0
  let after = ''
  for (;;) {
    const page = await originalsAfter(store.db, after, PAGE_ROWS)
    if (page.length === 0) return checked
    for (const sha256 of page) {
      const result = await store.vault.check(sha256)
      checked += 1
      after = sha256
      onProgress?.('media', checked, 0)
      if (result.state === 'good') continue
      const detail =
        result.state === 'missing' ? 'The original is missing.' : `The original is damaged: ${result.detail}.`
      const where = path.relative(store.dataFolder, store.vault.fileOf(sha256))
      findings.push({ severity: 'fault', where, detail, repaired: false })
    }
  }
}

async function checkLeftovers(store: Store, findings: Finding[], { repair }: ExamineInput): Promise<void> {
  for await (const entry of store.vault.entries()) {
    if (entry.kind === 'media' && (await isOriginalInUse(store.db, entry.sha256))) continue
    const isReadable = entry.kind !== 'unreadable'
    const old = isReadable && Date.now() - entry.modifiedMs > LEFTOVER_AGE_MS
    if (repair && old) await rm(entry.file, { force: true })
    findings.push({
      severity: isReadable ? 'leftover' : 'fault',
      where: path.relative(store.dataFolder, entry.file),
      detail: isReadable
        ? 'No row refers to it: an import was cut off before it was acknowledged.'
        : 'Its header is damaged, so that nobody can say which original it is. It is kept.',
      repaired: repair && old,
    })
  }
}
