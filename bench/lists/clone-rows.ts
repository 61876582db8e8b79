import type Libsql from 'libsql'
import { DIGESTED_TABLES, withDigest, type DigestedTable } from '../../src/store/tables/row-digest.ts'

type Cell = string | number | null | Buffer
export type Row = Record<string, Cell>

/** Rows of one commit. */
const ROWS_A_COMMIT = 20_000

/**
 * Writes a table full of rows like one that the service itself wrote, each with its digest.
 * @param like the row, as the service wrote it
 * @param change what differs in the row of this number, from 0
 */
export function cloneRows(
  database: Libsql.Database,
  table: string,
  like: object,
  count: number,
  change: (number: number) => Row,
): void {
  const digested = (DIGESTED_TABLES as readonly string[]).includes(table)
  let statement: Libsql.Statement | undefined
  for (let number = 0; number < count; number++) {
    if (number % ROWS_A_COMMIT === 0) database.exec('begin immediate')
    const { digest: _digest, ...row } = { ...(like as Row), ...change(number) }
    if (digested) row['digest'] = Buffer.from(withDigest(table as DigestedTable, row).digest)
    if (statement === undefined) {
      const columns = Object.keys(row)
      const places = columns.map(() => '?').join(', ')
      statement = database.prepare(`insert into ${table} (${columns.join(', ')}) values (${places})`)
    }
    statement.run(
      Object.values(row).map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value)),
    )
    if (number % ROWS_A_COMMIT === ROWS_A_COMMIT - 1 || number === count - 1) database.exec('commit')
  }
}
