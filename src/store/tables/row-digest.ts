import { hash } from 'node:crypto'
import { AppError } from '../../errors.ts'
import { TABLES, type RecordTables } from './record-tables.ts'
import type { Cell, Table } from './table.ts'

/**
 * [Note: row digests]
 * SQLite keeps no checksum of its pages outside the write-ahead log, and the encryption of libsql authenticates
 * nothing, so a byte that changes on the disk can come back as an ordinary row. Rows that people's decisions rest on
 * therefore carry the first 8 bytes of a SHA-256 over their table and every other column. Chance of a changed row
 * passing: 2^-64. It protects against damage, not against somebody who can write the file; that is what the audit
 * chain is for.
 */
export const DIGEST_BYTES = 8

/** Tables whose rows carry a digest. */
export type DigestedTable = {
  [Name in keyof RecordTables]: RecordTables[Name] extends { digest: Uint8Array } ? Name : never
}[keyof RecordTables]

export const DIGESTED_TABLES = (Object.keys(TABLES) as (keyof RecordTables)[]).filter(
  (name): name is DigestedTable => 'digest' in TABLES[name].columns,
)

/** Columns that the database numbers itself: they are not known when the digest is made. */
const NOT_DIGESTED = new Set(['digest', 'seq'])

interface DigestedColumn {
  name: string
  addedLater: boolean
}

/** Columns of the last row of each table, as they came, and those of them that are digested, in order. */
const lastColumns = new Map<
  DigestedTable,
  { given: readonly string[]; digested: readonly DigestedColumn[] }
>()

/** Every column that the row has, so that one which is not declared is noticed too. */
function digestedColumns(table: DigestedTable, given: readonly string[]): readonly DigestedColumn[] {
  const last = lastColumns.get(table)
  if (last?.given.length === given.length && last.given.every((name, at) => name === given[at]))
    return last.digested
  const { columns }: Table = TABLES[table]
  const digested = given
    .filter((name) => !NOT_DIGESTED.has(name))
    .toSorted()
    .map((name) => ({ name, addedLater: columns[name]?.addedLater ?? false }))
  lastColumns.set(table, { given, digested })
  return digested
}

/** First `DIGEST_BYTES` bytes of SHA-256 over the table's name and the row's columns in alphabetical order. */
export function rowDigest(table: DigestedTable, row: object): Uint8Array {
  const cells = row as Record<string, Cell | undefined | Uint8Array>
  const parts: Uint8Array[] = []
  // Text is gathered before it becomes bytes: a search digests some 250 rows of 20 columns.
  let text = `${table}\n`
  for (const { name, addedLater } of digestedColumns(table, Object.keys(cells))) {
    const value = cells[name] ?? null
    if (value === null && addedLater) continue
    if (value instanceof Uint8Array) {
      parts.push(Buffer.from(`${text}${name}:bytes ${value.byteLength}\n`), value)
      text = ''
    } else text += `${name}:${Number.isFinite(value) ? String(value) : JSON.stringify(value)}\n`
  }
  const bytes = parts.length === 0 ? text : Buffer.concat([...parts, Buffer.from(text)])
  return hash('sha256', bytes, 'buffer').subarray(0, DIGEST_BYTES)
}

/** The row with its digest, ready to be written. */
export function withDigest<Row extends object>(table: DigestedTable, row: Row): Row & { digest: Uint8Array } {
  return { ...row, digest: rowDigest(table, row) }
}

/** Whether the row is what was written. */
export function digestHolds(table: DigestedTable, row: { digest: Uint8Array }): boolean {
  return Buffer.compare(rowDigest(table, row), row.digest) === 0
}

/**
 * The row, when it is what was written.
 * @throws AppError `corrupt_record` naming table and row
 */
export function checkedRow<Row extends { digest: Uint8Array }>(
  table: DigestedTable,
  row: Row,
  name: string,
): Row {
  if (!digestHolds(table, row)) {
    throw new AppError(
      'corrupt_record',
      `The record's row ${table} ${name} is not what was written: its digest differs. Run \`likeness doctor\`; restore it from a backup.`,
    )
  }
  return row
}
