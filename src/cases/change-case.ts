import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { announceSeesLess, refuseSuspendedAgency } from '../access/suspensions.ts'
import { requireWorkingAccount } from '../access/working-account.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { PERMISSIONS } from '../contract/roles.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import type { CaseFileTable } from '../store/tables/case-tables.ts'
import { findCase } from './case-scope.ts'
import { refuseEmptied } from './emptied-case.ts'
import { details, type CaseDetails } from './show-case.ts'

export interface ChangeCaseInput {
  id: string
  title: string | undefined
  status: 'open' | 'closed' | undefined
  leadId: string | undefined
  /** null: no date any more. */
  retentionUntil: string | null | undefined
}

/** Changes what may change of a case. Number, purpose and legal basis stay: searches rest on them. */
export async function changeCase(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: ChangeCaseInput,
): Promise<CaseDetails> {
  return inOwnCase(ctx, actor, input.id, 'case.change', async (tx, row) => {
    await refuseEmptied(tx, row.id)
    const { title, status, leadId, retentionUntil } = input
    if (leadId !== undefined) {
      const wanted = { id: leadId, agencies: [row.agency_id], roles: PERMISSIONS['case.change'] }
      await requireWorkingAccount(tx, wanted, "in the case's agency that may lead a case")
    }
    const changes = {
      ...(title === undefined ? {} : { title }),
      ...(status === undefined ? {} : { status }),
      ...(leadId === undefined ? {} : { lead_id: leadId }),
      ...(retentionUntil === undefined ? {} : { retention_until: retentionUntil }),
    }
    const changed = await changeRow(tx, 'case_file', row.id, changes)
    if (leadId !== undefined && leadId !== row.lead_id) await announceSeesLess(tx, [row.lead_id])
    // Titles may name people: only that it changed is written down.
    const { title: _title, ...facts } = changes
    return { row: changed!, details: { ...facts, ...(title === undefined ? {} : { title: 'changed' }) } }
  })
}

/** Who is let into a case, or put out of it. */
export type CaseParty = { accountId: string } | { agencyId: string }

/** Lets an account (of the case's agencies) or another agency work on the case; again is no error. */
export async function addToCase(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string; party: CaseParty },
): Promise<CaseDetails> {
  return inOwnCase(ctx, actor, input.id, 'case.add_access', async (tx, row) => {
    const { party } = input
    if ('accountId' in party) {
      const opened = await tx
        .selectFrom('case_access')
        .select('agency_id')
        .where('case_id', '=', row.id)
        .where('agency_id', 'is not', null)
        .execute()
      const agencies = [row.agency_id, ...opened.map(({ agency_id }) => agency_id!)]
      const wanted = { id: party.accountId, agencies, roles: PERMISSIONS['case.read'] }
      await requireWorkingAccount(tx, wanted, "in the case's agencies that works on cases")
    } else {
      const agency = await tx
        .selectFrom('agency')
        .select('id')
        .where('id', '=', party.agencyId)
        .executeTakeFirst()
      if (agency === undefined) throw new AppError('not_found', 'There is no such agency.')
      await refuseSuspendedAgency(tx, agency.id)
    }
    const entry = withDigest('case_access', {
      id: newId(),
      case_id: row.id,
      account_id: 'accountId' in party ? party.accountId : null,
      agency_id: 'agencyId' in party ? party.agencyId : null,
      granted_by: actor.name,
      granted_at: nowIso(),
    })
    await tx
      .insertInto('case_access')
      .values(entry)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    return { row, details: { ...party } }
  })
}

/** Ends the access of an account or an agency, and with an agency that of its accounts. @throws AppError `not_found` */
export async function removeFromCase(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string; who: string },
): Promise<CaseDetails> {
  return inOwnCase(ctx, actor, input.id, 'case.remove_access', async (tx, row) => {
    const { numDeletedRows } = await tx
      .deleteFrom('case_access')
      .where('case_id', '=', row.id)
      .where((where) =>
        where.or([
          where('account_id', '=', input.who),
          where('agency_id', '=', input.who),
          where(
            'account_id',
            'in',
            where.selectFrom('account').select('account.id').where('account.agency_id', '=', input.who),
          ),
        ]),
      )
      .executeTakeFirst()
    if (numDeletedRows === 0n)
      throw new AppError('not_found', 'This account or agency has no access to the case.')
    await announceSeesLess(tx, [input.who])
    return { row, details: { who: input.who } }
  })
}

/** Changes a case of the own agency as its lead or a supervisor, with its audit event. */
async function inOwnCase(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  id: string,
  action: string,
  change: (
    tx: Tx,
    row: CaseFileTable,
  ) => Promise<{ row: CaseFileTable; details: Record<string, string | null> }>,
): Promise<CaseDetails> {
  authorize(actor, 'case.change')
  return ctx.store.db.transaction().execute(async (tx) => {
    const found = await findCase(tx, actor, id)
    const leads = found.lead_id === actor.accountId || actor.roles.includes('supervisor')
    if (found.agency_id !== actor.agencyId || !leads) {
      throw new AppError('not_allowed', "Only the case's lead or a supervisor of its agency may change it.")
    }
    const { row, details: facts } = await change(tx, found)
    await appendAuditEvent(tx, actor, {
      action,
      agencyId: row.agency_id,
      subject: `case ${row.id}`,
      caseId: row.id,
      purpose: row.purpose,
      details: facts,
    })
    return details(tx, row)
  })
}
