import type { Actor, Visitor } from '../actor/actor.ts'
import { noteMade } from '../actor/once-only.ts'
import { CHAIN_START, chainHash } from '../store/audit-chain.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { rowList, rowsHash, takeTouchedRows, writeAuditRows } from '../store/tables/bound-rows.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import type { AuditEventTable } from '../store/tables/audit-tables.ts'

export interface AuditEvent {
  /** Area and verb: 'import.start', 'media.erase'. */
  action: string
  agencyId: string | undefined
  /** Kind and id: 'collection 0198…'; never a person's name. */
  subject: string | undefined
  /** Counts and parameters. */
  details: Record<string, string | number | boolean | null> | undefined
  caseId?: string
  purpose?: string
  /** Default `done`. */
  outcome?: AuditEventTable['outcome']
}

/**
 * Writes what the actor does into the audit log, in the transaction that does it and after the rows that it writes,
 * whose hashes it carries; see [Note: audit chain] and [Note: bound rows].
 */
export async function appendAuditEvent(tx: Tx, actor: Actor | Visitor, event: AuditEvent): Promise<void> {
  const { rows, last = await lastEvent(tx) } = await takeTouchedRows(tx)
  const account = actor.kind === 'account' ? actor : undefined
  const row = {
    seq: last.seq + 1,
    id: newId(),
    at: nowIso(),
    actor: actor.name,
    account_id: account?.accountId ?? null,
    roles: account === undefined ? null : account.roles.join(' '),
    agency_id: event.agencyId ?? account?.agencyId ?? null,
    action: event.action,
    subject: event.subject ?? null,
    case_id: event.caseId ?? null,
    purpose: event.purpose ?? null,
    outcome: event.outcome ?? 'done',
    request_id: actor.kind === 'operator' ? null : actor.requestId,
    address: actor.kind === 'operator' ? null : actor.address,
    details: event.details === undefined ? null : JSON.stringify(event.details),
    rows_hash: rows.length === 0 ? null : rowsHash(rows),
    row_list: rows.length === 0 ? null : rowList(rows),
  }
  const chained = { ...row, chain_hash: chainHash(last.chain_hash, row) }
  await tx.insertInto('audit_event').values(withDigest('audit_event', chained)).execute()
  await writeAuditRows(tx, row.seq, rows)
  if (account !== undefined) await noteMade(tx, account, event.subject)
}

/** Writes an event that changes nothing else: a read, a refusal, a sign-in. */
export async function recordEvent(db: Db, actor: Actor | Visitor, event: AuditEvent): Promise<void> {
  await db.transaction().execute((tx) => appendAuditEvent(tx, actor, event))
}

/** Where the log ends: before its first event, at its beginning. */
export async function lastEvent(tx: Tx): Promise<{ seq: number; chain_hash: string }> {
  const last = await tx
    .selectFrom('audit_event')
    .select(['seq', 'chain_hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return last ?? { seq: 0, chain_hash: CHAIN_START }
}
