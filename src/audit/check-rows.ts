import { sql } from 'kysely'
import { BOUND_TABLES, boundHash, type BoundTable } from '../store/tables/bound-rows.ts'
import { listHash } from '../store/tables/list-hash.ts'
import type { Db } from '../store/database/db.ts'
import type { AuditFault } from './audit-fault.ts'

/** Rows compared at once: what follows each page holds the event loop for a few milliseconds. */
const PAGE_ROWS = 100

/** The last event that wrote a row, and the row's hash then; null when the event removed it. */
interface LastWriting {
  row_id: string
  row_hash: string | null
  salt: string | null
  event_seq: number
}

/**
 * Compares every bound row as it stands with the last event that wrote it, and every candidate list with its search; see
 * [Note: bound rows]. Names rows that were changed, added or removed past the log.
 * @param count called with the rows of each page
 */
export async function* rowFaults(db: Db, count: (rows: number) => void): AsyncGenerator<AuditFault> {
  for (const table of BOUND_TABLES) {
    for (let after = ''; ;) {
      const rows = await pageOf(db, table, after)
      const last = rows.at(-1)?.id
      yield* comparePage(db, table, rows, { after, until: rows.length < PAGE_ROWS ? undefined : last })
      count(rows.length)
      if (last === undefined || rows.length < PAGE_ROWS) break
      after = last
    }
  }
  yield* listFaults(db)
}

async function pageOf(db: Db, table: BoundTable, after: string): Promise<{ id: string }[]> {
  const page = await sql<{ id: string }>`
    select * from ${sql.table(table)} where id > ${after} order by id limit ${PAGE_ROWS}`.execute(db)
  return page.rows
}

/** Rows of one page against the log, and rows that the log has between its ends and the page has not. */
async function* comparePage(
  db: Db,
  table: BoundTable,
  rows: readonly { id: string }[],
  range: { after: string; until: string | undefined },
): AsyncGenerator<AuditFault> {
  const written = await lastWritings(db, table, range)
  for (const row of rows) {
    const last = written.get(row.id)
    written.delete(row.id)
    const fault = compareRow(table, row, last)
    if (fault !== undefined) yield fault
  }
  for (const [id, { event_seq, row_hash }] of written) {
    if (row_hash === null) continue
    yield rowFault(event_seq, `${table} ${id} was removed past the log: event ${event_seq} wrote it last.`)
  }
}

function compareRow(
  table: BoundTable,
  row: { id: string },
  last: LastWriting | undefined,
): AuditFault | undefined {
  if (last === undefined) return rowFault(0, `${table} ${row.id} was added past the log: no event wrote it.`)
  const { event_seq, row_hash, salt } = last
  if (row_hash === null)
    return rowFault(event_seq, `${table} ${row.id} was added past the log: event ${event_seq} removed it.`)
  if (salt !== null && boundHash(table, row, salt) === row_hash) return undefined
  return rowFault(
    event_seq,
    `${table} ${row.id} is not what event ${event_seq} wrote: it was changed past the log.`,
  )
}

async function lastWritings(
  db: Db,
  table: BoundTable,
  { after, until }: { after: string; until: string | undefined },
): Promise<Map<string, LastWriting>> {
  let query = db
    .selectFrom('audit_row')
    // With `max`, SQLite gives the other columns of the row that has it.
    .select(({ fn }) => ['row_id', 'row_hash', 'salt', fn.max('event_seq').as('event_seq')])
    .where('table_name', '=', table)
    .where('row_id', '>', after)
  if (until !== undefined) query = query.where('row_id', '<=', until)
  const rows = await query.groupBy('row_id').execute()
  return new Map(rows.map((row) => [row.row_id, row]))
}

/** A search carries the hash of its candidates, so that the list is bound with it. */
async function* listFaults(db: Db): AsyncGenerator<AuditFault> {
  for (let after = ''; ;) {
    const searches = await db
      .selectFrom('search')
      .select(['id', 'list_sha256'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(PAGE_ROWS)
      .execute()
    for (const { id, list_sha256 } of searches) {
      const candidates = await db
        .selectFrom('candidate')
        .selectAll()
        .where('search_id', '=', id)
        .orderBy('rank')
        .execute()
      if (listHash(candidates) !== list_sha256)
        yield rowFault(0, `The candidate list of search ${id} is not the one that was found.`)
    }
    if (searches.length < PAGE_ROWS) return
    after = searches[searches.length - 1].id
  }
}

function rowFault(seq: number, detail: string): AuditFault {
  return { seq, kind: 'row', detail }
}
