import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import type { Permission } from '../contract/roles.ts'
import { AppError } from '../errors.ts'
import { isDesignated } from '../people/designation.ts'
import { findStandingPerson } from '../people/person-scope.ts'
import { changeRow } from '../store/tables/change-row.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import { nowIso } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'
import { requireApart } from './apart.ts'
import { concernsDead } from './concerns-dead.ts'
import { findIdentification, findUnsettled } from './identification-scope.ts'
import { evidenceCounts, examinersOf, factsOf, readStanding, settleState } from './standing.ts'
import { missingSteps, stateOf } from './state-of.ts'
import { cancelOpenVerification } from '../blind-verification/open-verification.ts'
import { notifiedParties, type NotifiedParty } from './notified-parties.ts'

type Ctx = Pick<Context, 'store'>

/** Names the person that it would be an identification of. Once it concerns the dead, it stays so. */
export async function namePerson(
  ctx: Ctx,
  actor: AccountActor,
  input: { id: string; personId: string },
): Promise<void> {
  authorize(actor, 'corroboration.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    const row = await findUnsettled(tx, actor, input.id)
    await findStandingPerson(tx, actor, input.personId)
    const { case_id: caseId, face_id: faceId } = row
    const isDead = await concernsDead(tx, { caseId, faceId, personId: input.personId })
    await changeRow(tx, 'identification', row.id, {
      person_id: input.personId,
      concerns_dead: row.concerns_dead === 1 || isDead ? 1 : 0,
    })
    await write(tx, actor, row, 'identification.name_person', { person: input.personId })
  })
}

/**
 * Signs: what was a corroborated lead is an identification from now on.
 * @throws AppError `not_allowed` for whoever has examined it, `shared_device`, `gate_shut` naming what is missing
 */
export async function signIdentification(
  ctx: Ctx,
  actor: AccountActor,
  input: { id: string; statement: string },
): Promise<void> {
  await inOwnAgency(ctx, actor, input.id, 'identification.sign', async (tx, found) => {
    const { case_id: caseId, face_id: faceId } = found
    const isDead =
      found.concerns_dead === 1 ||
      (await concernsDead(tx, { caseId, faceId, personId: found.person_id ?? undefined }))
    const row = isDead ? (await changeRow(tx, 'identification', found.id, { concerns_dead: 1 }))! : found
    const standing = await readStanding(tx, row)
    if (examinersOf(standing).has(actor.accountId)) {
      throw new AppError('not_allowed', 'Nobody signs what they have examined: another supervisor does that.')
    }
    await requireApart(tx, actor.accountId, standing)
    const facts = factsOf(standing)
    const missing = missingSteps({
      ...facts,
      ...evidenceCounts(standing),
      concernsDead: isDead,
      hasPerson: row.person_id !== null && (await isDesignated(tx, row.person_id)),
    })
    if (missing.length > 0 || stateOf(facts) !== 'corroborated') {
      throw new AppError('gate_shut', `This cannot be signed yet. Missing: ${missing.join(', ')}.`)
    }
    const signed = await changeRow(tx, 'identification', row.id, {
      state: 'identified',
      signed_by: actor.name,
      signed_account_id: actor.accountId,
      signed_at: nowIso(),
      statement: input.statement,
    })
    await write(tx, actor, signed!, 'identification.sign', { person: row.person_id })
  })
}

/** Ends work on it without an identification; what stands stays. @throws AppError `conflict` once it is settled */
export async function closeIdentification(
  ctx: Ctx,
  actor: AccountActor,
  input: { id: string; as: 'rejected' | 'inconclusive'; reason: string },
): Promise<void> {
  await inOwnAgency(ctx, actor, input.id, 'identification.sign', async (tx, row) => {
    await cancelOpenVerification(tx, actor, row, 'The lead was closed.')
    const closed = await changeRow(tx, 'identification', row.id, {
      closed_as: input.as,
      closed_by: actor.name,
      closed_at: nowIso(),
      close_reason: input.reason,
    })
    await write(tx, actor, row, 'identification.close', { as: input.as })
    await settleState(tx, actor, closed!)
  })
}

/**
 * Withdraws it, signed or not, and says who was told of it and now has to be told otherwise.
 * @returns everyone who was given a report or something was transmitted to
 * @throws AppError `conflict` when it was withdrawn already
 */
export async function withdrawIdentification(
  ctx: Ctx,
  actor: AccountActor,
  input: { id: string; reason: string },
): Promise<NotifiedParty[]> {
  authorize(actor, 'identification.sign')
  return ctx.store.db.transaction().execute(async (tx) => {
    const row = await findIdentification(tx, actor, input.id)
    requireOwn(actor, row)
    if (row.withdrawn_at !== null) throw new AppError('conflict', 'This was withdrawn already.')
    await cancelOpenVerification(tx, actor, row, 'The lead was withdrawn.')
    const told = await notifiedParties(tx, row.id)
    const withdrawn = await changeRow(tx, 'identification', row.id, {
      withdrawn_by: actor.name,
      withdrawn_at: nowIso(),
      withdraw_reason: input.reason,
      told: JSON.stringify(told),
    })
    await write(tx, actor, row, 'identification.withdraw', { told: told.length, state: row.state })
    await settleState(tx, actor, withdrawn!)
    return told
  })
}

async function inOwnAgency(
  ctx: Ctx,
  actor: AccountActor,
  id: string,
  permission: Permission,
  act: (tx: Tx, row: IdentificationTable) => Promise<void>,
): Promise<void> {
  authorize(actor, permission)
  await ctx.store.db.transaction().execute(async (tx) => {
    const row = await findUnsettled(tx, actor, id)
    requireOwn(actor, row)
    await act(tx, row)
  })
}

function requireOwn(actor: AccountActor, row: IdentificationTable): void {
  if (row.agency_id !== agencyOf(actor)) {
    throw new AppError('not_allowed', "Only a supervisor of the case's agency decides this.")
  }
}

async function write(
  tx: Tx,
  actor: AccountActor,
  row: IdentificationTable,
  action: string,
  details: Record<string, string | number | null>,
): Promise<void> {
  await appendAuditEvent(tx, actor, {
    action,
    agencyId: row.agency_id,
    subject: `identification ${row.id}`,
    caseId: row.case_id,
    details,
  })
}
