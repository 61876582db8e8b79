import type { AccountActor } from '../actor/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import {
  directionOf,
  gapsOf,
  type Analysis,
  type ChecklistEntry,
  type ComparisonDraft,
  type ComparisonGap,
  type Conclusion,
} from '../contract/examination-words.ts'
import { AppError } from '../errors.ts'
import type { ExaminationWork } from '../identification/standing.ts'
import { changeRow } from '../store/tables/change-row.ts'
import type { ExaminationItemTable } from '../store/tables/examination-tables.ts'
import { nowIso } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'

/**
 * [Note: ACE-V]
 * Analysis, comparison, evaluation, verification: the probe is analysed alone, and the analysis finished, before the server
 * shows in this step what it is compared with; a finished analysis never changes. Then features are compared, weighed,
 * and a conclusion is chosen from the scale. First examinations and verifiers' use the same steps and rules.
 */

/** Writes the analysis of the probe; with `finish` it is final. @throws AppError `conflict` when it was finished */
export async function writeAnalysis(
  tx: Tx,
  { examination }: ExaminationWork,
  analysis: Analysis,
  finish: boolean,
): Promise<void> {
  if (examination.analysis_finished_at !== null) {
    throw new AppError('conflict', 'The analysis is finished and does not change.')
  }
  await changeRow(tx, 'examination', examination.id, {
    analysis: JSON.stringify(analysis),
    analysis_finished_at: finish ? nowIso() : null,
  })
}

/** Keeps a draft of one comparison. @throws AppError `analysis_unfinished`, `not_found`, `bad_input` */
export async function writeComparison(
  tx: Tx,
  work: ExaminationWork,
  itemId: string,
  draft: ComparisonDraft,
): Promise<void> {
  requireAnalysis(work)
  const item = work.items.find(({ id }) => id === itemId)
  if (item === undefined) throw new AppError('not_found', 'This examination has no such face.')
  await changeRow(tx, 'examination_item', item.id, {
    checklist: JSON.stringify(draft.checklist),
    evaluation: draft.evaluation,
    conclusion: draft.conclusion,
  })
}

/** @throws AppError `analysis_unfinished` before the analysis of the probe is finished */
export function requireAnalysis({ examination }: ExaminationWork): void {
  if (examination.analysis_finished_at === null) {
    throw new AppError(
      'analysis_unfinished',
      'Finish the analysis of the probe first: what it is compared with is shown after that.',
    )
  }
}

/** Finishes: from now on nothing of it changes. @throws AppError `examination_incomplete` naming what is missing */
export async function finishWork(tx: Tx, actor: AccountActor, work: ExaminationWork): Promise<void> {
  requireWhole(work)
  await changeRow(tx, 'examination', work.examination.id, { finished_at: nowIso() })
  const isLineup = work.examination.verification_id !== null
  await appendAuditEvent(tx, actor, {
    action: isLineup ? 'lineup.finish' : 'examination.finish',
    agencyId: work.examination.agency_id,
    subject: isLineup
      ? `verification ${work.examination.verification_id}`
      : `examination ${work.examination.id}`,
    caseId: await caseOf(tx, work),
    details: {
      conclusions: work.items.map(({ conclusion }) => conclusion).join(' '),
      supersedes: work.examination.supersedes_id,
    },
  })
}

/** @throws AppError `analysis_unfinished`, `examination_incomplete` naming what is missing */
export function requireWhole(work: ExaminationWork): void {
  requireAnalysis(work)
  const { isSuitable } = JSON.parse(work.examination.analysis!) as Analysis
  for (const item of work.items) requireComplete(item, isSuitable)
}

async function caseOf(tx: Tx, { examination }: ExaminationWork): Promise<string> {
  const row = await tx
    .selectFrom('identification')
    .select('case_id')
    .where('id', '=', examination.identification_id)
    .executeTakeFirstOrThrow()
  return row.case_id
}

/** @throws AppError `examination_incomplete` naming the first thing that is missing; see `gapsOf` */
function requireComplete(
  { position, checklist, evaluation, conclusion }: ExaminationItemTable,
  isSuitable: boolean,
): void {
  const draft = { checklist: JSON.parse(checklist) as ChecklistEntry[], evaluation, conclusion }
  const [gap] = gapsOf(draft, isSuitable)
  if (gap === undefined) return
  throw new AppError('examination_incomplete', `Face ${position}: ${SENTENCES[gap.what](gap.feature)}`)
}

const SENTENCES: Record<ComparisonGap['what'], (feature: ComparisonGap['feature']) => string> = {
  conclusion: () => 'choose a conclusion.',
  must_be_unsuitable: () =>
    'your analysis says that the probe cannot be compared: conclude that it is not suitable.',
  evaluation: () => 'write how you weigh what you found.',
  feature: (feature) => `say of every feature what you find; ${feature} is missing.`,
  regions: (feature) => `mark ${feature} on both pictures.`,
  similar_feature: () => 'support for the same person needs a feature that is similar.',
  different_feature: () =>
    'support for different people needs a feature that differs, marked on both pictures.',
}

/** What verifiers concluded, for the outcome of a line-up. */
export function lineupOutcome(items: readonly Pick<ExaminationItemTable, 'role' | 'conclusion'>[]): {
  outcome: 'concordant' | 'discordant' | 'filler_chosen'
  conclusion: Conclusion
  fillersChosen: number
} {
  const candidate = items.find(({ role }) => role === 'candidate')!
  const conclusion = candidate.conclusion!
  const fillersChosen = items.filter(
    (item) => item.role === 'filler' && directionOf(item.conclusion!) === 'same',
  ).length
  if (fillersChosen > 0) return { outcome: 'filler_chosen', conclusion, fillersChosen }
  const outcome = directionOf(conclusion) === 'same' ? 'concordant' : 'discordant'
  return { outcome, conclusion, fillersChosen }
}
