import { sql } from 'kysely'
import { localOperator } from '../actor/actor.ts'
import { BOUND_TABLES } from '../store/tables/bound-rows.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { appendAuditEvent } from './append-event.ts'

/** Rows that one event binds: those who read an event read its rows at once. */
export const BIND_ROWS = 100

/**
 * Binds the rows of a record that an older version wrote, once: all of them in one transaction. From the first event on
 * that carries rows nothing is bound in this way any more: what was added past the log must be found, not taken over.
 */
export async function bindEarlierRows(db: Db): Promise<void> {
  if (await hasBoundRows(db)) return
  await db.transaction().execute(async (tx) => {
    if (await hasBoundRows(tx)) return
    for (const table of BOUND_TABLES) await bindTable(tx, table)
  })
}

async function bindTable(tx: Tx, table: string): Promise<void> {
  for (let after = ''; ;) {
    const { rows } = await sql<{ id: string }>`
      select id from ${sql.table(table)} where id > ${after} order by id limit ${BIND_ROWS}`.execute(tx)
    const last = rows.at(-1)
    if (last === undefined) return
    await sql`
      insert into temp.touched_row (table_name, row_id, is_new)
      select ${table}, id, 1 from ${sql.table(table)} where id > ${after} and id <= ${last.id}`.execute(tx)
    await appendAuditEvent(tx, localOperator('upgrade'), {
      action: 'record.bind',
      agencyId: undefined,
      subject: undefined,
      details: { table, rows: rows.length },
    })
    after = last.id
  }
}

async function hasBoundRows(db: Db): Promise<boolean> {
  const row = await db.selectFrom('audit_row').select('event_seq').limit(1).executeTakeFirst()
  return row !== undefined
}
