import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import type { Analysis, ComparisonDraft } from '../contract/examination-words.ts'
import { AppError } from '../errors.ts'
import { refuseSharedDevice } from '../identification/apart.ts'
import { findUnsettled } from '../identification/identification-scope.ts'
import { openVerificationOf } from '../blind-verification/open-verification.ts'
import { followFirstExamination } from '../identification/ask-verifications.ts'
import { readStanding, settleState, standingFirst, type ExaminationWork } from '../identification/standing.ts'
import { changeRow } from '../store/tables/change-row.ts'
import type { ExaminationTable } from '../store/tables/examination-tables.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import { findExamination, findOwnDraft, withItems } from './own-examination.ts'
import { finishWork, writeAnalysis, writeComparison } from './write-examination.ts'

type Ctx = Pick<Context, 'store'>

/**
 * Begins the first examination of a lead, or, by the same examiner, the one that is to supersede it.
 * @throws AppError `conflict` while another one is under way or a line-up is being examined, when somebody else's stands,
 *   or once it is settled; `not_allowed` for verifiers of it;
 *   `shared_device`
 */
export async function beginExamination(
  ctx: Ctx,
  actor: AccountActor,
  input: { identificationId: string },
): Promise<ExaminationWork> {
  authorize(actor, 'examination.write')
  return ctx.store.db.transaction().execute(async (tx) => {
    const row = await findUnsettled(tx, actor, input.identificationId)
    await refuseDuringLineup(tx, row)
    const standing = await readStanding(tx, row)
    const mine = standing.examinations.filter(({ examination }) => examination.account_id === actor.accountId)
    if (mine.some(({ examination }) => examination.verification_id !== null)) {
      throw new AppError('not_allowed', 'Who has verified a lead does not examine it first.')
    }
    await refuseSharedDevice(tx, actor.accountId, standing)
    const open = standing.examinations.find(
      ({ examination }) =>
        examination.verification_id === null &&
        examination.finished_at === null &&
        examination.abandoned_at === null,
    )
    if (open !== undefined) throw new AppError('conflict', 'This lead is being examined already.')
    const first = standingFirst(standing)
    if (first !== undefined && first.examination.account_id !== actor.accountId) {
      throw new AppError('conflict', 'This lead was examined. Only its examiner may supersede that.')
    }
    const examination = withDigest('examination', {
      id: newId(),
      identification_id: row.id,
      verification_id: null,
      agency_id: row.agency_id,
      account_id: actor.accountId,
      examiner: actor.name,
      begun_at: nowIso(),
      supersedes_id: first?.examination.id ?? null,
      analysis: null,
      analysis_finished_at: null,
      finished_at: null,
      abandoned_at: null,
      abandoned_by: null,
    })
    await tx.insertInto('examination').values(examination).execute()
    const item = withDigest('examination_item', {
      id: newId(),
      examination_id: examination.id,
      position: 1,
      role: 'candidate' as const,
      face_id: row.face_id,
      media_id: row.media_id,
      checklist: '[]',
      evaluation: '',
      conclusion: null,
    })
    await tx.insertInto('examination_item').values(item).execute()
    await note(tx, actor, row, 'examination.begin', examination, { supersedes: examination.supersedes_id })
    return { examination, items: [item] }
  })
}

/** Keeps or finishes the analysis of the probe alone. */
export async function analyseProbe(
  ctx: Ctx,
  actor: AccountActor,
  input: { id: string; analysis: Analysis; finish: boolean },
): Promise<ExaminationWork> {
  return inDraft(ctx, actor, input.id, async (tx, work, row) => {
    await writeAnalysis(tx, work, input.analysis, input.finish)
    const { isSuitable } = input.analysis
    if (input.finish)
      await note(tx, actor, row, 'examination.analyse', work.examination, { suitable: isSuitable })
    else await note(tx, actor, row, 'examination.draft', work.examination, {})
  })
}

/** Keeps a draft of the comparison. */
export async function compareCandidate(
  ctx: Ctx,
  actor: AccountActor,
  input: { id: string; itemId: string; draft: ComparisonDraft },
): Promise<ExaminationWork> {
  return inDraft(ctx, actor, input.id, async (tx, work, row) => {
    await writeComparison(tx, work, input.itemId, input.draft)
    await note(tx, actor, row, 'examination.draft', work.examination, {})
  })
}

/** Finishes it; with support for the same person a blind verification is asked for. */
export async function finishExamination(
  ctx: Ctx,
  actor: AccountActor,
  input: { id: string },
): Promise<ExaminationWork> {
  return inDraft(ctx, actor, input.id, async (tx, work, row) => {
    await refuseDuringLineup(tx, row)
    await refuseSharedDevice(tx, actor.accountId, await readStanding(tx, row))
    await finishWork(tx, actor, work)
    await followFirstExamination(tx, actor, row)
    await settleState(tx, actor, row)
  })
}

/**
 * Gives a draft up, by its examiner or a supervisor, so that somebody else can examine the lead; what was written stays.
 * @throws AppError `not_allowed`, `conflict` when it is finished
 */
export async function abandonExamination(
  ctx: Ctx,
  actor: AccountActor,
  input: { id: string },
): Promise<ExaminationWork> {
  authorize(actor, 'examination.abandon')
  return ctx.store.db.transaction().execute(async (tx) => {
    const { examination } = await findExamination(tx, actor, input.id)
    const row = await findUnsettled(tx, actor, examination.identification_id)
    if (examination.account_id !== actor.accountId && !actor.roles.includes('supervisor')) {
      throw new AppError('not_allowed', 'Only its examiner or a supervisor gives an examination up.')
    }
    if (examination.finished_at !== null || examination.abandoned_at !== null) {
      throw new AppError('conflict', 'This examination has ended already.')
    }
    await changeRow(tx, 'examination', examination.id, { abandoned_at: nowIso(), abandoned_by: actor.name })
    await note(tx, actor, row, 'examination.abandon', examination, {})
    return reread(tx, examination.id)
  })
}

async function inDraft(
  ctx: Ctx,
  actor: AccountActor,
  id: string,
  act: (tx: Tx, work: ExaminationWork, row: IdentificationTable) => Promise<void>,
): Promise<ExaminationWork> {
  authorize(actor, 'examination.write')
  return ctx.store.db.transaction().execute(async (tx) => {
    const work = await findOwnDraft(tx, actor, id)
    const row = await findUnsettled(tx, actor, work.examination.identification_id)
    await act(tx, work, row)
    return reread(tx, id)
  })
}

/** While a verifier is at work, the first conclusion stays what it is: nobody may call a line-up off by changing it. */
async function refuseDuringLineup(tx: Tx, row: IdentificationTable): Promise<void> {
  const open = await openVerificationOf(tx, row.id)
  if (open?.state === 'taken') {
    throw new AppError('conflict', 'The verification is under way. Wait until it has ended.')
  }
}

async function reread(tx: Tx, id: string): Promise<ExaminationWork> {
  const row = await tx.selectFrom('examination').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  return withItems(tx, row)
}

async function note(
  tx: Tx,
  actor: AccountActor,
  row: IdentificationTable,
  action: string,
  examination: ExaminationTable,
  details: Record<string, string | boolean | null>,
): Promise<void> {
  await appendAuditEvent(tx, actor, {
    action,
    agencyId: row.agency_id,
    subject: `examination ${examination.id}`,
    caseId: row.case_id,
    details: { identification: row.id, ...details },
  })
}
