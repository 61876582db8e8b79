import type { AccountActor } from '../access/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import {
  directionOf,
  FACIAL_FEATURES,
  type Analysis,
  type ChecklistEntry,
  type ComparisonDraft,
  type Conclusion,
} from '../contract/examination-words.ts'
import { AppError } from '../errors.ts'
import type { ExaminationWork } from '../identification/standing.ts'
import { changeRow } from '../store/change-row.ts'
import type { ExaminationItemTable } from '../store/examination-schema.ts'
import { nowIso } from '../store/ids.ts'
import type { Tx } from '../store/record.ts'

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
  requireAnalysis(work)
  const { isSuitable } = JSON.parse(work.examination.analysis!) as Analysis
  for (const item of work.items) requireComplete(item, isSuitable)
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

async function caseOf(tx: Tx, { examination }: ExaminationWork): Promise<string> {
  const row = await tx
    .selectFrom('identification')
    .select('case_id')
    .where('id', '=', examination.identification_id)
    .executeTakeFirstOrThrow()
  return row.case_id
}

/**
 * What a comparison needs before it can be finished. For the same person: every feature judged, with regions on both
 * pictures for each that is similar or different. For different people: at least one feature found different, with its
 * regions. Each with an evaluation in words; an unsuitable probe allows no other conclusion than that.
 */
function requireComplete(
  { position, checklist, evaluation, conclusion }: ExaminationItemTable,
  isSuitable: boolean,
): void {
  const refuse = (what: string): never => {
    throw new AppError('examination_incomplete', `Face ${position}: ${what}`)
  }
  if (conclusion === null) return refuse('choose a conclusion.')
  if (!isSuitable && conclusion !== 'not_suitable')
    return refuse('your analysis says that the probe cannot be compared: conclude that it is not suitable.')
  if (evaluation === '' && isSuitable) return refuse('write how you weigh what you found.')
  const entries = JSON.parse(checklist) as ChecklistEntry[]
  const judged = entries.filter(({ finding }) => finding !== 'cannot_be_judged')
  const direction = directionOf(conclusion)
  if (direction === 'same') {
    const missing = FACIAL_FEATURES.find((feature) => !entries.some((entry) => entry.feature === feature))
    if (missing !== undefined) return refuse(`say of every feature what you find; ${missing} is missing.`)
    const unmarked = judged.find((entry) => !hasRegions(entry))
    if (unmarked !== undefined) return refuse(`mark ${unmarked.feature} on both pictures.`)
    if (!judged.some(({ finding }) => finding === 'similar'))
      return refuse('support for the same person needs a feature that is similar.')
  }
  if (
    direction === 'different' &&
    !judged.some((entry) => entry.finding === 'different' && hasRegions(entry))
  )
    return refuse('support for different people needs a feature that differs, marked on both pictures.')
}

function hasRegions({ probeRegion, comparedRegion }: ChecklistEntry): boolean {
  return probeRegion !== null && comparedRegion !== null
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
