import { hash, randomBytes } from 'node:crypto'
import type Libsql from 'libsql'
import { sql } from 'kysely'
import { AppError } from '../errors.ts'
import type { Tx } from './record.ts'
import type { RecordTables } from './schema.ts'

/**
 * [Note: bound rows]
 * Tables whose rows say what people decided and what they may do. Every row of them is bound to the audit log: the
 * event that wrote, changed or removed it carries its hash. Triggers of the connection note which rows a transaction
 * touches, the event takes them (src/audit/append-event.ts), and a transaction that would commit such a row without an
 * event fails. Rows as they stand now are compared with the last event that touched them by src/audit/check-rows.ts.
 *
 * The triggers are temporary: they are of the connection and not in the file, so that nobody can take them out of it.
 * Rows of imports (media, sources, faces, templates) are not here: their number would multiply the log, and what rests
 * on them carries hashes of its own (a search those of its candidates, a report those of its originals).
 */
export const BOUND_TABLES = [
  'agency',
  'collection',
  'collection_grant',
  'legal_hold',
  'account',
  'membership',
  'invitation',
  'suspension',
  'case_file',
  'case_access',
  'case_hold',
  'probe',
  'search',
  'comparison',
  'search_review',
  'identification',
  'verification',
  'examination',
  'examination_item',
  'corroboration',
  'report',
  'transmittal',
  'person_record',
  'person_name',
] as const satisfies readonly (keyof RecordTables)[]

export type BoundTable = (typeof BOUND_TABLES)[number]

/** A row that an event wrote; `row_hash` is null when the event removed it. */
export interface BoundRow {
  table_name: string
  row_id: string
  row_hash: string | null
}

/** A row's own random number, 128 bits as hex; it goes with the row, and what its hash was made of cannot be tried then. */
const SALT_BYTES = 16

/** Columns that say nothing of the row's content. */
const NOT_HASHED = new Set(['digest', 'seq'])

/** Has the connection note every row of a bound table that is written through it. */
export function watchBoundRows(database: Libsql.Database): void {
  database.exec(
    'create temp table touched_row (table_name text not null, row_id text not null, primary key (table_name, row_id)) without rowid',
  )
  for (const table of BOUND_TABLES) {
    for (const [event, row] of [
      ['insert', 'new'],
      ['update', 'new'],
      ['delete', 'old'],
    ]) {
      database.exec(
        `create temp trigger touched_${table}_${event} after ${event} on main.${table} begin
           insert or ignore into touched_row values ('${table}', ${row}.id);
         end`,
      )
    }
  }
}

/**
 * The bound rows that were touched since the transaction's last event, with their hashes as they stand now; they are
 * taken: the next event does not get them again.
 */
export async function takeTouchedRows(tx: Tx): Promise<BoundRow[]> {
  const touched = await sql<{ table_name: BoundTable; row_id: string }>`
    select table_name, row_id from temp.touched_row order by table_name, row_id`.execute(tx)
  const rows: BoundRow[] = []
  for (const { table_name, row_id } of touched.rows) {
    const found = await sql<object>`select * from ${sql.table(table_name)} where id = ${row_id}`.execute(tx)
    const row = found.rows.at(0)
    if (row === undefined) await forgetSalt(tx, table_name, row_id)
    const row_hash =
      row === undefined ? null : boundHash(table_name, row, await saltOf(tx, table_name, row_id))
    rows.push({ table_name, row_id, row_hash })
  }
  if (rows.length > 0) await sql`delete from temp.touched_row`.execute(tx)
  return rows
}

async function saltOf(tx: Tx, table: BoundTable, id: string): Promise<string> {
  const known = await tx
    .selectFrom('row_salt')
    .select('salt')
    .where('table_name', '=', table)
    .where('row_id', '=', id)
    .executeTakeFirst()
  if (known !== undefined) return known.salt
  const salt = randomBytes(SALT_BYTES).toString('hex')
  await tx.insertInto('row_salt').values({ table_name: table, row_id: id, salt }).execute()
  return salt
}

async function forgetSalt(tx: Tx, table: BoundTable, id: string): Promise<void> {
  await tx.deleteFrom('row_salt').where('table_name', '=', table).where('row_id', '=', id).execute()
}

/** @throws AppError `internal` when a transaction is about to commit bound rows that no event of it carries */
export function refuseUnboundRows(database: Libsql.Database): void {
  const left = database.prepare('select table_name, row_id from temp.touched_row limit 1').get() as
    | { table_name: string; row_id: string }
    | undefined
  if (left === undefined) return
  throw new AppError(
    'internal',
    `${left.table_name} ${left.row_id} was written without an event of the audit log after it.`,
  )
}

/**
 * SHA-256, 64 hex digits, over the JSON array of the row's salt, the table's name and [column, value] of each column that
 * is not null, by name; bytes as base64. A column that a later version adds is null in older rows and leaves their hash as it is.
 */
export function boundHash(table: BoundTable, row: object, salt: string): string {
  const cells = Object.entries(row)
    .filter(([name, value]) => value !== null && value !== undefined && !NOT_HASHED.has(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]: [string, unknown]) => [
      name,
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    ])
  return hash('sha256', JSON.stringify([salt, table, ...cells]))
}

/** What an event's `rows_hash` is made of: SHA-256 over the rows that it wrote, by table and id; 64 hex digits. */
export function rowsHash(rows: readonly BoundRow[]): string {
  const sorted = rows.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
  return hash(
    'sha256',
    JSON.stringify(sorted.map(({ table_name, row_id, row_hash }) => [table_name, row_id, row_hash])),
  )
}

function order({ table_name, row_id }: BoundRow): string {
  return `${table_name} ${row_id}`
}
