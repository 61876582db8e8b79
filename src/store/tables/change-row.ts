import { sql } from 'kysely'
import type { Tx } from '../database/db.ts'
import { checkedRow, withDigest, type DigestedTable } from './row-digest.ts'
import type { RecordTables } from './record-tables.ts'

/**
 * Changes columns of one row, by its id, and its digest with them.
 * @returns the row as it is now; undefined when there is none of that id
 * @throws AppError `corrupt_record` when the row was not what was written
 */
export async function changeRow<Name extends DigestedTable>(
  tx: Tx,
  table: Name,
  id: string,
  changes: Partial<Omit<RecordTables[Name], 'id' | 'digest'>>,
): Promise<RecordTables[Name] | undefined> {
  const name = sql.table(table)
  const found = await sql<{ digest: Uint8Array }>`select * from ${name} where id = ${id}`.execute(tx)
  if (found.rows.length === 0) return undefined
  const row = withDigest(table, withoutDigest({ ...checkedRow(table, found.rows[0], id), ...changes }))
  const assignments = Object.keys({ ...changes, digest: row.digest }).map(
    (column) => sql`${sql.ref(column)} = ${(row as Record<string, unknown>)[column]}`,
  )
  await sql`update ${name} set ${sql.join(assignments)} where id = ${id}`.execute(tx)
  return row as unknown as RecordTables[Name]
}

function withoutDigest({ digest: _digest, ...row }: { digest: Uint8Array }): object {
  return row
}
