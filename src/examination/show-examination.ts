import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { findIdentification } from '../identification/identification-scope.ts'
import type { ExaminationWork } from '../identification/standing.ts'
import { findExamination } from './own-examination.ts'

/**
 * A first examination; the look is written into the audit log. What somebody else has written so far in a draft is left
 * out. @throws AppError `not_found`
 */
export async function showExamination(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<ExaminationWork & { caseId: string }> {
  authorize(actor, 'identification.read')
  return ctx.store.db.transaction().execute(async (tx) => {
    const work = await findExamination(tx, actor, input.id)
    const row = await findIdentification(tx, actor, work.examination.identification_id)
    await appendAuditEvent(tx, actor, {
      action: 'examination.look',
      agencyId: row.agency_id,
      subject: `examination ${input.id}`,
      caseId: row.case_id,
      details: undefined,
    })
    const { examination, items } = work
    const isDraft = examination.finished_at === null && examination.abandoned_at === null
    if (!isDraft || examination.account_id === actor.accountId) return { ...work, caseId: row.case_id }
    return {
      examination: { ...examination, analysis: null },
      items: items.map((item) => ({ ...item, checklist: '[]', evaluation: '', conclusion: null })),
      caseId: row.case_id,
    }
  })
}
