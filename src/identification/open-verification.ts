import type { AccountActor } from '../access/actor.ts'
import { agencyOf, authorize } from '../access/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { directionOf } from '../contract/examination-words.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/change-row.ts'
import type { IdentificationTable, VerificationTable } from '../store/examination-schema.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Tx } from '../store/record.ts'
import { withDigest } from '../store/row-digest.ts'
import { findUnsettled } from './identification-scope.ts'
import { factsOf, readStanding } from './standing.ts'
import { needsSupervisor } from './state-of.ts'

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

/** Asks for a verification when the first examination that stands needs one, and takes back one that it needs no more. */
export async function followFirstExamination(
  tx: Tx,
  actor: AccountActor,
  row: IdentificationTable,
): Promise<void> {
  const standing = await readStanding(tx, row)
  const { first } = factsOf(standing)
  if (first === undefined || directionOf(first) !== 'same') {
    await cancelOpenVerification(tx, actor, row, 'The first examination no longer asks for it.')
    return
  }
  const isAsked = standing.verifications.some(({ state }) => state !== 'cancelled')
  if (!isAsked) await askVerification(tx, actor, row, 2)
}

/**
 * A supervisor's answer to a conflict: a third examiner, blind as the second was.
 * @throws AppError `conflict` when there is no conflict, or a third examiner was asked before
 */
export async function askThirdExaminer(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<void> {
  authorize(actor, 'lineup.assign')
  await ctx.store.db.transaction().execute(async (tx) => {
    const row = await findUnsettled(tx, actor, input.id)
    if (row.agency_id !== agencyOf(actor)) {
      throw new AppError('not_allowed', "Only a supervisor of the case's agency decides this.")
    }
    const standing = await readStanding(tx, row)
    const isOpen = standing.verifications.some(({ state }) => state === 'waiting' || state === 'taken')
    if (!needsSupervisor(factsOf(standing)) || isOpen) {
      throw new AppError('conflict', 'There is no conflict here that waits for a third examiner.')
    }
    await askVerification(tx, actor, row, 3)
  })
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
