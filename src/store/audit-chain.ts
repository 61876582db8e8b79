import { hash } from 'node:crypto'
import type { AuditEventTable } from './tables/audit-tables.ts'

/** What the chain starts from. */
export const CHAIN_START = '0'.repeat(64)

/** Columns that the chain covers, in the order they are hashed in. Never changed: old hashes would no longer hold. */
const CHAINED = [
  'seq',
  'id',
  'at',
  'actor',
  'account_id',
  'roles',
  'agency_id',
  'action',
  'subject',
  'case_id',
  'purpose',
  'outcome',
  'request_id',
  'address',
  'details',
] as const

export type ChainedEvent = Pick<AuditEventTable, (typeof CHAINED)[number] | 'rows_hash'>

/**
 * [Note: audit chain]
 * Each event's hash is SHA-256 over the hash of the event before it, a line feed, and the event's columns as a JSON
 * array, with the hash of the rows that it wrote at its end where there is one (bound-rows.ts); 64 hex digits. An event's number is one more than the last one's. Whoever changes, removes or moves an event
 * must write all later hashes anew, and those no longer fit the checkpoints signed since (src/audit/checkpoints.ts).
 */
export function chainHash(previous: string, event: ChainedEvent): string {
  const cells = CHAINED.map((column) => event[column])
  // Events of before rows were bound have none, and their hashes must hold.
  if (event.rows_hash !== null) cells.push(event.rows_hash)
  return hash('sha256', `${previous}\n${JSON.stringify(cells)}`)
}
