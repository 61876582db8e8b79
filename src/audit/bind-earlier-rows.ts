import { sql } from 'kysely'
import { localOperator } from '../access/actor.ts'
import { BOUND_TABLES } from '../store/bound-rows.ts'
import type { Db, Tx } from '../store/record.ts'
import { appendAuditEvent } from './append-event.ts'

/**
 * Binds the rows of a record that an older version wrote, once: all of them with one event. From the first event on
 * that carries rows nothing is bound in this way any more: what was added past the log must be found, not taken over.
 */
export async function bindEarlierRows(db: Db): Promise<void> {
  if (await hasBoundRows(db)) return
  await db.transaction().execute(async (tx) => {
    if (await hasBoundRows(tx)) return
    let rows = 0
    for (const table of BOUND_TABLES) rows += await touchAll(tx, table)
    if (rows === 0) return
    await appendAuditEvent(tx, localOperator('upgrade'), {
      action: 'record.bind',
      agencyId: undefined,
      subject: undefined,
      details: { rows },
    })
  })
}

async function hasBoundRows(db: Db): Promise<boolean> {
  const event = await db
    .selectFrom('audit_event')
    .select('seq')
    .where('rows_hash', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return event !== undefined
}

async function touchAll(tx: Tx, table: string): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into temp.touched_row (table_name, row_id) select ${table}, id from ${sql.table(table)}`.execute(
    tx,
  )
  return Number(numAffectedRows)
}
