import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import type { CaseFileTable, CaseHoldTable } from '../store/tables/case-tables.ts'
import { findCase } from './case-scope.ts'

/**
 * Holds a case of the own agency: its material is kept whatever its date. Several holds of one case stand side by side.
 * @throws AppError `not_allowed`, `not_found`
 */
export async function imposeCaseHold(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { caseId: string; reason: string },
): Promise<CaseHoldTable> {
  authorize(actor, 'case.hold')
  return ctx.store.db.transaction().execute(async (tx) => {
    const caseFile = await ownCase(tx, actor, input.caseId)
    const row = withDigest('case_hold', {
      id: newId(),
      case_id: caseFile.id,
      reason: input.reason,
      imposed_by: actor.name,
      imposed_at: nowIso(),
      lifted_by: null,
      lifted_at: null,
      lift_reason: null,
    })
    await tx.insertInto('case_hold').values(row).execute()
    await appendAuditEvent(tx, actor, {
      action: 'hold.impose',
      agencyId: caseFile.agency_id,
      subject: `hold ${row.id}`,
      caseId: caseFile.id,
      details: { reason: input.reason },
    })
    return row
  })
}

/** Ends a hold. @throws AppError `not_allowed`, `not_found`, `conflict` when it is lifted */
export async function liftCaseHold(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string; reason: string },
): Promise<CaseHoldTable> {
  authorize(actor, 'case.hold')
  return ctx.store.db.transaction().execute(async (tx) => {
    const row = await tx.selectFrom('case_hold').selectAll().where('id', '=', input.id).executeTakeFirst()
    if (row === undefined) throw new AppError('not_found', 'Your agency has no such legal hold.')
    const caseFile = await ownCase(tx, actor, row.case_id)
    if (row.lifted_at !== null) throw new AppError('conflict', 'This legal hold is lifted already.')
    const changes = { lifted_by: actor.name, lifted_at: nowIso(), lift_reason: input.reason }
    const lifted = await changeRow(tx, 'case_hold', row.id, changes)
    await appendAuditEvent(tx, actor, {
      action: 'hold.lift',
      agencyId: caseFile.agency_id,
      subject: `hold ${row.id}`,
      caseId: caseFile.id,
      details: { reason: input.reason },
    })
    return lifted!
  })
}

/** Holds of a case, newest first; lifted ones too. @throws AppError `not_found` */
export async function listCaseHolds(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { caseId: string },
): Promise<CaseHoldTable[]> {
  authorize(actor, 'case.read')
  const caseFile = await findCase(ctx.store.db, actor, input.caseId)
  const rows = await ctx.store.db
    .selectFrom('case_hold')
    .selectAll()
    .where('case_id', '=', caseFile.id)
    .orderBy('id', 'desc')
    .execute()
  return rows.map((row) => checkedRow('case_hold', row, row.id))
}

/** Whether a case has a hold that is not lifted. @throws AppError `corrupt_record`: in doubt nothing is erased */
export async function isCaseHeld(db: Db, caseId: string): Promise<boolean> {
  const rows = await db.selectFrom('case_hold').selectAll().where('case_id', '=', caseId).execute()
  return rows.map((row) => checkedRow('case_hold', row, row.id)).some((row) => row.lifted_at === null)
}

async function ownCase(db: Db, actor: AccountActor, id: string): Promise<CaseFileTable> {
  const caseFile = await findCase(db, actor, id)
  if (caseFile.agency_id !== agencyOf(actor))
    throw new AppError('not_found', 'This case is of another agency; that one decides what is kept of it.')
  return caseFile
}
