import { chainHash } from '../store/audit-chain.ts'
import { rowsHash, type BoundRow } from '../store/bound-rows.ts'
import type { Db } from '../store/record.ts'
import type { AuditEventTable } from '../store/schema.ts'
import type { AuditFault } from './audit-fault.ts'

/** Events read at once: what follows each page holds the event loop for a few milliseconds. */
const PAGE_EVENTS = 100
/** Events whose rows are read at once. */
const ROWS_OF_EVENTS = 20

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
): AsyncGenerator<{ event: AuditEventTable; faults: AuditFault[] }> {
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
        yield { event, faults: faultsOf(event, last, rows.get(event.seq) ?? []) }
        last = event
      }
    }
  }
}

/** The rows that the events of a page wrote, by event. */
async function rowsOf(db: Db, page: readonly AuditEventTable[]): Promise<Map<number, BoundRow[]>> {
  const rows = await db
    .selectFrom('audit_row')
    .selectAll()
    .where('event_seq', '>=', page[0].seq)
    .where('event_seq', '<=', page[page.length - 1].seq)
    .execute()
  return Map.groupBy(rows, ({ event_seq }) => event_seq)
}

function faultsOf(event: AuditEventTable, last: ChainPlace, rows: readonly BoundRow[]): AuditFault[] {
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
  const written = rows.length === 0 ? null : rowsHash(rows)
  if (written === event.rows_hash) return []
  return [
    { seq: event.seq, kind: 'rows', detail: `The list of rows that ${named} wrote is not what was written.` },
  ]
}
