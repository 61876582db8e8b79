import type { AccountActor } from '../actor/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { changeRow } from '../store/tables/change-row.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import type { VerificationTable } from '../store/tables/examination-tables.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'
import { withDigest } from '../store/tables/row-digest.ts'

/** The verification that waits or is under way; there is one at most. */
export async function openVerificationOf(
  tx: Tx,
  identificationId: string,
): Promise<VerificationTable | undefined> {
  return tx
    .selectFrom('verification')
    .selectAll()
    .where('identification_id', '=', identificationId)
    .where('state', 'in', ['waiting', 'taken'])
    .executeTakeFirst()
}

/** Puts a verification into the queue. */
export async function askVerification(
  tx: Tx,
  actor: AccountActor,
  row: IdentificationTable,
  round: 2 | 3,
): Promise<VerificationTable> {
  const verification = withDigest('verification', {
    id: newId(),
    identification_id: row.id,
    case_id: row.case_id,
    agency_id: row.agency_id,
    round,
    state: 'waiting' as const,
    account_id: null,
    verifier: null,
    assigned_by: null,
    seed: null,
    lineup: null,
    asked_at: nowIso(),
    asked_by: actor.name,
    taken_at: null,
    finished_at: null,
    outcome: null,
    conclusion: null,
    fillers_chosen: null,
    cancelled_by: null,
    cancelled_at: null,
    cancel_reason: null,
  })
  await tx.insertInto('verification').values(verification).execute()
  await appendAuditEvent(tx, actor, {
    action: 'verification.ask',
    agencyId: row.agency_id,
    subject: `verification ${verification.id}`,
    caseId: row.case_id,
    details: { identification: row.id, round },
  })
  return verification
}

/** Ends the verification that waits or is under way, if there is one; its verifier is free again. */
export async function cancelOpenVerification(
  tx: Tx,
  actor: AccountActor,
  row: IdentificationTable,
  reason: string,
): Promise<void> {
  const open = await openVerificationOf(tx, row.id)
  if (open === undefined) return
  await cancelVerification(tx, actor, open, reason)
}

/** Ends a verification without a result, and with it the verifier's draft. */
export async function cancelVerification(
  tx: Tx,
  actor: AccountActor,
  open: VerificationTable,
  reason: string,
): Promise<void> {
  await changeRow(tx, 'verification', open.id, {
    state: 'cancelled',
    cancelled_by: actor.name,
    cancelled_at: nowIso(),
    cancel_reason: reason,
  })
  await tx.deleteFrom('lineup_print').where('verification_id', '=', open.id).execute()
  const draft = await tx
    .selectFrom('examination')
    .select('id')
    .where('verification_id', '=', open.id)
    .executeTakeFirst()
  if (draft !== undefined) {
    await changeRow(tx, 'examination', draft.id, { abandoned_at: nowIso(), abandoned_by: actor.name })
  }
  await appendAuditEvent(tx, actor, {
    action: 'verification.cancel',
    agencyId: open.agency_id,
    subject: `verification ${open.id}`,
    caseId: open.case_id,
    details: { identification: open.identification_id, round: open.round, taken: open.state === 'taken' },
  })
}
