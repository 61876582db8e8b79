import type { Actor } from '../access/actor.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Tx } from '../store/record.ts'
import { withDigest } from '../store/row-digest.ts'

export interface AuditEvent {
  /** Area and verb: 'import.start', 'media.erase'. */
  action: string
  agencyId: string | undefined
  /** Kind and id: 'collection 0198…'; never a person's name. */
  subject: string | undefined
  /** Counts and parameters. */
  details: Record<string, string | number | boolean | null> | undefined
}

/** Writes what the actor does into the audit log, in the transaction that does it. */
export async function appendAuditEvent(tx: Tx, actor: Actor, event: AuditEvent): Promise<void> {
  const row = {
    id: newId(),
    at: nowIso(),
    actor: actor.name,
    agency_id: event.agencyId ?? null,
    action: event.action,
    subject: event.subject ?? null,
    details: event.details === undefined ? null : JSON.stringify(event.details),
  }
  await tx.insertInto('audit_event').values(withDigest('audit_event', row)).execute()
}
