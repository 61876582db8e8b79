import type Libsql from 'libsql'
import { CHAIN_START, chainHash } from '../audit-chain.ts'
import { withDigest } from '../row-digest.ts'
import type { AuditEventTable } from '../schema.ts'
import { AUDIT_TABLE } from './service-tables.ts'

/** What an event was before it was chained. */
type UnchainedEvent = Pick<
  AuditEventTable,
  'id' | 'at' | 'actor' | 'agency_id' | 'action' | 'subject' | 'details'
>

/** Writes the audit log anew as a chain; events of before are kept in their order. */
export function chainAuditLog(database: Libsql.Database): void {
  const before = database
    .prepare('select id, at, actor, agency_id, action, subject, details from audit_event order by seq')
    .all() as UnchainedEvent[]
  database.exec('drop table audit_event')
  database.exec(AUDIT_TABLE)
  let chain = CHAIN_START
  before.forEach(({ id, at, actor, agency_id, action, subject, details }, index) => {
    const event = {
      seq: index + 1,
      id,
      at,
      actor,
      account_id: null,
      roles: null,
      agency_id,
      action,
      subject,
      case_id: null,
      purpose: null,
      outcome: 'done' as const,
      request_id: null,
      address: null,
      details,
    }
    chain = chainHash(chain, event)
    const row = withDigest('audit_event', { ...event, chain_hash: chain })
    const columns = Object.keys(row)
    database
      .prepare(`insert into audit_event (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`)
      .run(Object.values(row).map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell) : cell)))
  })
}
