import { sql } from 'kysely'
import { chainHash } from '../store/audit-chain.ts'
import { rowList, rowsHash } from '../store/tables/bound-rows.ts'
import type { Db } from '../store/database/db.ts'
import type { AuditEventTable, AuditRowTable } from '../store/tables/audit-tables.ts'
import type { AuditFault } from './audit-fault.ts'

/** Events read at once: what follows each page holds the event loop for a few milliseconds. */
const PAGE_EVENTS = 100
/** Events whose rows are read at once. */
const ROWS_OF_EVENTS = 20

type WrittenRow = Omit<AuditRowTable, 'salt'>

/** A place in the log: an event's number and the chain's hash there. */
export interface ChainPlace {
  seq: number
  chain_hash: string
}

/**
 * Walks the events after a place, in order, each with what is wrong with it: missing ones before it, a hash that does not
 * follow from the last one's, a list of rows that is not the one it wrote; see [Note: audit chain] and [Note: bound rows].
 */
export async function* walkChain(
  db: Db,
  from: ChainPlace,
): AsyncGenerator<{ event: AuditEventTable; rows: number; faults: AuditFault[] }> {
  let last = from
  for (;;) {
    const page = await db
      .selectFrom('audit_event')
      .selectAll()
      .where('seq', '>', last.seq)
      .orderBy('seq')
      .limit(PAGE_EVENTS)
      .execute()
    if (page.length === 0) return
    for (let at = 0; at < page.length; at += ROWS_OF_EVENTS) {
      const events = page.slice(at, at + ROWS_OF_EVENTS)
      const rows = await rowsOf(db, events)
      for (const event of events) {
        const written = rows.get(event.seq) ?? []
        yield { event, rows: written.length, faults: faultsOf(event, last, written) }
        last = event
      }
    }
  }
}

/** The rows that events wrote, as they are listed in each and kept by row. */
async function rowsOf(db: Db, events: readonly AuditEventTable[]): Promise<Map<number, WrittenRow[]>> {
  const lists = events.flatMap(({ seq, row_list }) => (row_list === null ? [] : [[seq, row_list]]))
  if (lists.length === 0) return new Map()
  const { rows } = await sql<WrittenRow>`
    select r.table_name, r.row_id, r.event_seq, r.row_hash
    from json_each(${JSON.stringify(lists)}) as e, json_each(case when json_valid(e.value ->> 1) then e.value ->> 1 else '[]' end) as l
    join audit_row as r on r.table_name = l.value ->> 0 and r.row_id = l.value ->> 1 and r.event_seq = e.value ->> 0`.execute(
    db,
  )
  return Map.groupBy(rows, ({ event_seq }) => event_seq)
}

function faultsOf(event: AuditEventTable, last: ChainPlace, rows: readonly WrittenRow[]): AuditFault[] {
  const missing = event.seq - last.seq - 1
  if (missing > 0) {
    const which =
      missing === 1 ? `Event ${last.seq + 1} is` : `Events ${last.seq + 1} to ${event.seq - 1} are`
    return [{ seq: last.seq + 1, kind: 'removed', detail: `${which} missing.` }]
  }
  const named = `event ${event.seq} (${event.action}, ${event.at})`
  if (chainHash(last.chain_hash, event) !== event.chain_hash) {
    return [
      {
        seq: event.seq,
        kind: 'changed',
        detail: `E${named.slice(1)} is not what was written, or does not stand where it was written.`,
      },
    ]
  }
  const isWhole =
    rows.length === 0
      ? event.rows_hash === null && event.row_list === null
      : event.rows_hash === rowsHash(rows) && event.row_list === rowList(rows)
  if (isWhole) return []
  return [
    { seq: event.seq, kind: 'rows', detail: `The list of rows that ${named} wrote is not what was written.` },
  ]
}
