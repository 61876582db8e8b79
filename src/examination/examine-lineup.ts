import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import type { Analysis, ComparisonDraft } from '../contract/examination-words.ts'
import { AppError } from '../errors.ts'
import { refuseSharedDevice } from '../identification/apart.ts'
import { readStanding, settleState, type ExaminationWork } from '../identification/standing.ts'
import { changeRow } from '../store/tables/change-row.ts'
import type { VerificationTable } from '../store/tables/examination-tables.ts'
import { nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { withItems } from './own-examination.ts'
import { findOwnLineup } from './take-lineup.ts'
import {
  finishWork,
  requireWhole,
  lineupOutcome,
  writeAnalysis,
  writeComparison,
} from './write-examination.ts'

type Ctx = Pick<Context, 'store'>

/** A line-up as its verifier works on it. What is blinded is taken out where it becomes a reply. */
export interface LineupWork {
  verification: VerificationTable
  work: ExaminationWork
}

/** Line-ups of the actor, newest first, and how many wait in the agency's queue. */
export async function listLineups(
  ctx: Ctx,
  actor: AccountActor,
  input: { before: string | undefined; limit: number },
): Promise<VerificationTable[]> {
  authorize(actor, 'lineup.examine')
  let query = ctx.store.db
    .selectFrom('verification')
    .selectAll()
    .where('account_id', '=', actor.accountId)
    .orderBy('id', 'desc')
    .limit(input.limit)
  if (input.before !== undefined) query = query.where('id', '<', input.before)
  return (await query.execute()).map((row) => checkedRow('verification', row, row.id))
}

/** One line-up of the actor's. @throws AppError `not_found` */
export async function showLineup(ctx: Ctx, actor: AccountActor, input: { id: string }): Promise<LineupWork> {
  authorize(actor, 'lineup.examine')
  return readLineup(ctx.store.db, actor, input.id)
}

/** Keeps or finishes the analysis of the probe alone. */
export async function analyseLineupProbe(
  ctx: Ctx,
  actor: AccountActor,
  input: { id: string; analysis: Analysis; finish: boolean },
): Promise<LineupWork> {
  return inTaken(ctx, actor, input.id, async (tx, { verification, work }) => {
    await writeAnalysis(tx, work, input.analysis, input.finish)
    await appendAuditEvent(tx, actor, {
      action: input.finish ? 'lineup.analyse' : 'lineup.draft',
      agencyId: verification.agency_id,
      subject: `verification ${verification.id}`,
      caseId: verification.case_id,
      details: input.finish ? { suitable: input.analysis.isSuitable } : undefined,
    })
  })
}

/** Keeps a draft of the comparison with one face of the line-up. */
export async function compareInLineup(
  ctx: Ctx,
  actor: AccountActor,
  input: { id: string; itemId: string; draft: ComparisonDraft },
): Promise<LineupWork> {
  return inTaken(ctx, actor, input.id, async (tx, { verification, work }) => {
    await writeComparison(tx, work, input.itemId, input.draft)
    await appendAuditEvent(tx, actor, {
      action: 'lineup.draft',
      agencyId: verification.agency_id,
      subject: `verification ${verification.id}`,
      caseId: verification.case_id,
      details: undefined,
    })
  })
}

/** Finishes the line-up, with a conclusion on each face, and settles what comes of it. @throws AppError `shared_device` */
export async function finishLineup(
  ctx: Ctx,
  actor: AccountActor,
  input: { id: string },
): Promise<LineupWork> {
  return inTaken(ctx, actor, input.id, async (tx, { verification, work }) => {
    const found = await tx
      .selectFrom('identification')
      .selectAll()
      .where('id', '=', verification.identification_id)
      .executeTakeFirstOrThrow()
    const row = checkedRow('identification', found, found.id)
    await refuseSharedDevice(tx, actor.accountId, await readStanding(tx, row))
    requireWhole(work)
    const { outcome, conclusion, fillersChosen } = lineupOutcome(work.items)
    await changeRow(tx, 'verification', verification.id, {
      state: 'finished',
      finished_at: nowIso(),
      outcome,
      conclusion,
      fillers_chosen: fillersChosen,
    })
    await tx.deleteFrom('lineup_print').where('verification_id', '=', verification.id).execute()
    await finishWork(tx, actor, work)
    await settleState(tx, actor, row)
  })
}

async function inTaken(
  ctx: Ctx,
  actor: AccountActor,
  id: string,
  act: (tx: Tx, lineup: LineupWork) => Promise<void>,
): Promise<LineupWork> {
  authorize(actor, 'lineup.examine')
  return ctx.store.db.transaction().execute(async (tx) => {
    const lineup = await readLineup(tx, actor, id)
    if (lineup.verification.state !== 'taken') throw new AppError('conflict', 'This line-up has ended.')
    await act(tx, lineup)
    return readLineup(tx, actor, id)
  })
}

async function readLineup(db: Db, actor: AccountActor, id: string): Promise<LineupWork> {
  const verification = await findOwnLineup(db, actor, id)
  const examination = await db
    .selectFrom('examination')
    .selectAll()
    .where('verification_id', '=', id)
    .executeTakeFirstOrThrow()
  return {
    verification,
    work: await withItems(db, checkedRow('examination', examination, examination.id)),
  }
}
