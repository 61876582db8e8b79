import { hash, randomBytes } from 'node:crypto'
import type Libsql from 'libsql'
import { sql } from 'kysely'
import type { Tx } from '../database/db.ts'
import { TABLES, type Tables } from './record-tables.ts'

/**
 * [Note: bound rows]
 * Tables whose rows say what people decided and what they may do are declared `bound`. Every row of them is bound to the
 * audit log: the event that wrote, changed or removed it carries its hash. Triggers of the connection note which rows a
 * transaction touches, the event takes them (src/audit/append-event.ts), and a transaction that would commit such a row
 * without an event fails. Rows as they stand now are compared with the last event that touched them by
 * src/audit/check-rows.ts.
 *
 * The triggers are temporary: they are of the connection and not in the file, so that nobody can take them out of it.
 * Rows of imports (media, sources, faces, templates) are not here: their number would multiply the log, and what rests
 * on them carries hashes of its own (a search those of its candidates, a report those of its originals).
 */
export const BOUND_TABLES = (Object.keys(TABLES) as (keyof Tables)[]).filter(
  (name): name is BoundTable => 'bound' in TABLES[name],
)

export type BoundTable = {
  [Name in keyof Tables]: Tables[Name] extends { bound: true } ? Name : never
}[keyof Tables]

/** A row that an event wrote; hash and salt are null when the event removed it. */
export interface BoundRow {
  table_name: string
  row_id: string
  row_hash: string | null
  salt: string | null
}

/** A row as an event takes it. */
export interface TouchedRow extends BoundRow {
  /** Whether it was made since the last event: then no earlier event wrote it. */
  isNew: boolean
}

/** A writing's own random number, 128 bits as hex; when the next event writes the row it is forgotten. */
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
      table_name text not null, row_id text not null, is_new integer not null,
      event_seq integer not null default 0 references event_of_rows (seq) deferrable initially deferred,
      primary key (table_name, row_id)
    ) without rowid;`)
  for (const table of BOUND_TABLES) {
    for (const [event, row, isNew] of [
      ['insert', 'new', 1],
      ['update', 'new', 0],
      ['delete', 'old', 0],
    ] as const) {
      database.exec(
        `create temp trigger touched_${table}_${event} after ${event} on main.${table} begin
           insert or ignore into touched_row (table_name, row_id, is_new) values ('${table}', ${row}.id, ${isNew});
         end`,
      )
    }
  }
}

/**
 * The bound rows that were touched since the transaction's last event, with their hashes as they stand now; they are
 * taken: the next event does not get them again. With them the log's last event, because each statement of a transaction
 * is a message to its thread; undefined when no row was touched or there is no event yet.
 */
export async function takeTouchedRows(
  tx: Tx,
): Promise<{ rows: TouchedRow[]; last: { seq: number; chain_hash: string } | undefined }> {
  const { rows: touched } = await sql<{
    table_name: BoundTable
    row_id: string
    is_new: number
    seq: number | null
    chain_hash: string | null
  }>`
    delete from temp.touched_row returning table_name, row_id, is_new,
      (select seq from main.audit_event order by seq desc limit 1) as seq,
      (select chain_hash from main.audit_event order by seq desc limit 1) as chain_hash`.execute(tx)
  const [{ seq, chain_hash: chainHash } = { seq: null, chain_hash: null }] = touched
  const last = seq === null || chainHash === null ? undefined : { seq, chain_hash: chainHash }
  const rows: TouchedRow[] = []
  for (const [table, group] of Map.groupBy(touched, ({ table_name }) => table_name)) {
    const present = await readRows(tx, table, group)
    for (const { table_name, row_id, is_new } of group) {
      const row = present.get(row_id)
      const salt = row === undefined ? null : randomBytes(SALT_BYTES).toString('hex')
      rows.push({
        table_name,
        row_id,
        row_hash: row === undefined ? null : boundHash(table, row, salt!),
        salt,
        isNew: is_new === 1,
      })
    }
  }
  return { rows, last }
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

/** Keeps what an event wrote, and forgets the salts of what its rows held before. */
export async function writeAuditRows(tx: Tx, eventSeq: number, rows: readonly TouchedRow[]): Promise<void> {
  if (rows.length === 0) return
  const list = JSON.stringify(
    rows.map(({ table_name, row_id, row_hash, salt }) => [table_name, row_id, row_hash, salt]),
  )
  if (!rows.every(({ isNew }) => isNew)) {
    await sql`
      update audit_row set salt = null where salt is not null and (table_name, row_id) in
        (select value ->> 0, value ->> 1 from json_each(${list}))`.execute(tx)
  }
  await sql`
    insert into audit_row (table_name, row_id, event_seq, row_hash, salt)
    select value ->> 0, value ->> 1, ${eventSeq}, value ->> 2, value ->> 3 from json_each(${list})`.execute(
    tx,
  )
}

/** An event's `row_list`: JSON array of [table, id], by table and id. */
export function rowList(rows: readonly WrittenRow[]): string {
  return JSON.stringify(inOrder(rows).map(({ table_name, row_id }) => [table_name, row_id]))
}

/** What an event's `rows_hash` is made of: SHA-256 over the rows that it wrote, by table and id; 64 hex digits. */
export function rowsHash(rows: readonly WrittenRow[]): string {
  const list = inOrder(rows).map(({ table_name, row_id, row_hash }) => [table_name, row_id, row_hash])
  return hash('sha256', JSON.stringify(list))
}

type WrittenRow = Omit<BoundRow, 'salt'>

function inOrder(rows: readonly WrittenRow[]): WrittenRow[] {
  const order = ({ table_name, row_id }: WrittenRow): string => `${table_name} ${row_id}`
  return rows.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
}
