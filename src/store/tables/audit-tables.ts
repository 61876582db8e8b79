import { type Row, blob, integer, nullable, table, text } from './table.ts'

/** One event of the audit log; see audit-chain.ts. Never changed, never deleted. */
export const AUDIT_EVENT = table(
  {
    /** 1, 2, 3 …: a gap is a removed event. */
    seq: integer(),
    id: text(),
    at: text(),
    /** Name of who acted, as it was then. */
    actor: text(),
    /** Null for the operator of this machine. */
    account_id: nullable(text()),
    roles: nullable(text()),
    agency_id: nullable(text()),
    action: text(),
    /** Kind and id of what was acted on; never a name of a person in a photo. */
    subject: nullable(text()),
    case_id: nullable(text()),
    purpose: nullable(text()),
    outcome: text<'done' | 'refused' | 'failed'>(),
    request_id: nullable(text()),
    address: nullable(text()),
    /** JSON of counts and parameters. */
    details: nullable(text()),
    /** 64 hex digits. */
    chain_hash: text(),
    /** SHA-256 over the rows that the event wrote, see bound-rows.ts; null when it wrote none. */
    rows_hash: nullable(text({ addedLater: true })),
    /** JSON array of [table, id] of those rows; null when it wrote none. */
    row_list: nullable(text({ addedLater: true })),
    digest: blob(),
  },
  {
    primaryKey: ['seq'],
    unique: [['id']],
    indexes: {
      audit_event_at: { on: ['at'] },
      audit_event_account: { on: ['account_id', 'seq'], where: 'account_id is not null' },
      audit_event_case: { on: ['case_id', 'seq'], where: 'case_id is not null' },
      audit_event_agency: { on: ['agency_id', 'seq'] },
      audit_event_action: { on: ['agency_id', 'action', 'seq', 'at'] },
      audit_event_subject: {
        on: ['account_id', 'subject'],
        where: 'account_id is not null and subject is not null',
      },
      audit_event_not_done: { on: ['agency_id', 'outcome', 'seq'], where: "outcome <> 'done'" },
    },
  },
)
export type AuditEventTable = Row<typeof AUDIT_EVENT>

/** A row that an event wrote, changed or removed; see bound-rows.ts. Never deleted, and never changed but for the salt. */
export const AUDIT_ROW = table(
  {
    table_name: text(),
    row_id: text(),
    event_seq: integer(),
    /** Null when the event removed the row. */
    row_hash: nullable(text()),
    /** What was hashed with the row; null once a later event wrote it: what it held before cannot be tried then. */
    salt: nullable(text()),
  },
  {
    primaryKey: ['table_name', 'row_id', 'event_seq'],
    withoutRowid: true,
  },
)
export type AuditRowTable = Row<typeof AUDIT_ROW>

export const AUDIT_CHECKPOINT = table(
  {
    /** Number of the last event that it covers. */
    seq: integer(),
    chain_hash: text(),
    at: text(),
    key_id: text(),
    /** Ed25519, base64. */
    signature: text(),
  },
  {
    primaryKey: ['seq'],
  },
)
export type AuditCheckpointTable = Row<typeof AUDIT_CHECKPOINT>
