import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import type { CasePurpose } from '../contract/case-purposes.ts'
import { AppError } from '../errors.ts'
import { newId, nowIso } from '../store/ids.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import { details, type CaseDetails } from './show-case.ts'

export interface CreateCaseInput {
  number: string
  title: string
  purpose: CasePurpose
  legalBasis: string
  retentionUntil: string | undefined
}

/** Opens a case of the actor's agency; the actor leads it. @throws AppError `conflict` for a number that is taken */
export async function createCase(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: CreateCaseInput,
): Promise<CaseDetails> {
  authorize(actor, 'case.create')
  if (actor.via.kind === 'api_key' && actor.via.caseId !== undefined) {
    throw new AppError('not_allowed', 'This API key is bound to one case.')
  }
  const agencyId = agencyOf(actor)
  return ctx.store.db.transaction().execute(async (tx) => {
    const taken = await tx
      .selectFrom('case_file')
      .select('id')
      .where('agency_id', '=', agencyId)
      .where('number', '=', input.number)
      .executeTakeFirst()
    if (taken !== undefined) throw new AppError('conflict', `Your agency has a case ${input.number} already.`)
    const row = withDigest('case_file', {
      id: newId(),
      agency_id: agencyId,
      number: input.number,
      title: input.title,
      purpose: input.purpose,
      legal_basis: input.legalBasis,
      lead_id: actor.accountId,
      status: 'open' as const,
      retention_until: input.retentionUntil ?? null,
      created_at: nowIso(),
      created_by: actor.name,
    })
    await tx.insertInto('case_file').values(row).execute()
    await appendAuditEvent(tx, actor, {
      action: 'case.create',
      agencyId,
      subject: `case ${row.id}`,
      caseId: row.id,
      purpose: row.purpose,
      details: undefined,
    })
    return details(tx, row)
  })
}
