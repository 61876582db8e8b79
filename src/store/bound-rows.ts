import { hash, randomBytes } from 'node:crypto'
import type Libsql from 'libsql'
import { sql } from 'kysely'
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
  'unblinding',
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

/**
 * Has the connection note every row of a bound table that is written through it. Each note refers to an event that does
 * not exist, and SQLite checks that at commit: a transaction commits only when its last event has taken all notes.
 */
export function watchBoundRows(database: Libsql.Database): void {
  database.exec(`
    create temp table event_of_rows (seq integer primary key);
    create temp table touched_row (
      table_name text not null, row_id text not null,
      event_seq integer not null default 0 references event_of_rows (seq) deferrable initially deferred,
      primary key (table_name, row_id)
    ) without rowid;`)
  for (const table of BOUND_TABLES) {
    for (const [event, row] of [
      ['insert', 'new'],
      ['update', 'new'],
      ['delete', 'old'],
    ]) {
      database.exec(
        `create temp trigger touched_${table}_${event} after ${event} on main.${table} begin
           insert or ignore into touched_row (table_name, row_id) values ('${table}', ${row}.id);
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
  const touched = await readTouched(tx)
  if (touched.length === 0) return []
  if (touched.some(({ salt }) => salt === null)) await writeSalts(tx, touched)
  const rows: BoundRow[] = []
  for (const [table, group] of Map.groupBy(touched, ({ table_name }) => table_name)) {
    const present = await readRows(tx, table, group)
    for (const { table_name, row_id, salt } of group) {
      const row = present.get(row_id)
      rows.push({ table_name, row_id, row_hash: row === undefined ? null : boundHash(table, row, salt!) })
    }
  }
  if (rows.some(({ row_hash }) => row_hash === null)) await forgetSalts(tx, rows)
  await sql`delete from temp.touched_row`.execute(tx)
  return rows
}

/** Gives a salt to those that have none. */
async function writeSalts(
  tx: Tx,
  touched: { table_name: string; row_id: string; salt: string | null }[],
): Promise<void> {
  const fresh = touched.filter(({ salt }) => salt === null)
  for (const row of fresh) row.salt = randomBytes(SALT_BYTES).toString('hex')
  const salts = JSON.stringify(fresh.map(({ table_name, row_id, salt }) => [table_name, row_id, salt]))
  await sql`
    insert into row_salt (table_name, row_id, salt)
    select value ->> 0, value ->> 1, value ->> 2 from json_each(${salts})`.execute(tx)
}

async function readTouched(
  tx: Tx,
): Promise<{ table_name: BoundTable; row_id: string; salt: string | null }[]> {
  const touched = await sql<{ table_name: BoundTable; row_id: string; salt: string | null }>`
    select t.table_name, t.row_id, s.salt from temp.touched_row t
    left join row_salt s on s.table_name = t.table_name and s.row_id = t.row_id
    order by t.table_name, t.row_id`.execute(tx)
  return touched.rows
}

async function readRows(
  tx: Tx,
  table: BoundTable,
  touched: readonly { row_id: string }[],
): Promise<Map<string, { id: string }>> {
  const ids = JSON.stringify(touched.map(({ row_id }) => row_id))
  const { rows } = await sql<{ id: string }>`
    select * from ${sql.table(table)} where id in (select value from json_each(${ids}))`.execute(tx)
  return new Map(rows.map((row) => [row.id, row]))
}

async function forgetSalts(tx: Tx, rows: readonly BoundRow[]): Promise<void> {
  for (const { table_name, row_id, row_hash } of rows) {
    if (row_hash !== null) continue
    await tx
      .deleteFrom('row_salt')
      .where('table_name', '=', table_name)
      .where('row_id', '=', row_id)
      .execute()
  }
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

/** Keeps what an event wrote. */
export async function writeAuditRows(tx: Tx, eventSeq: number, rows: readonly BoundRow[]): Promise<void> {
  if (rows.length === 0) return
  const list = JSON.stringify(rows.map(({ table_name, row_id, row_hash }) => [table_name, row_id, row_hash]))
  await sql`
    insert into audit_row (table_name, row_id, event_seq, row_hash)
    select value ->> 0, value ->> 1, ${eventSeq}, value ->> 2 from json_each(${list})`.execute(tx)
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
