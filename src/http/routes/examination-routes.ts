import type { AccountActor } from '../../actor/actor.ts'
import { agencyOf } from '../../actor/policy.ts'
import type { examinationEndpoints } from '../../contract/examination-endpoints.ts'
import type { Analysis, ChecklistEntry } from '../../contract/examination-words.ts'
import {
  abandonExamination,
  analyseProbe,
  beginExamination,
  compareCandidate,
  finishExamination,
} from '../../examination/examine-candidate.ts'
import {
  analyseLineupProbe,
  compareInLineup,
  finishLineup,
  listLineups,
  showLineup,
  type LineupWork,
} from '../../examination/examine-lineup.ts'
import {
  showsSensitive,
  showExaminationPicture,
  showLineupPicture,
} from '../../examination/examination-picture.ts'
import { readMethodErrors, type MeasuredRate } from '../../examination/measured-error.ts'
import { showExamination } from '../../examination/show-examination.ts'
import { returnLineup, takeLineup } from '../../examination/take-lineup.ts'
import type { ExaminationWork } from '../../identification/standing.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'
import { nextOf } from '../pages.ts'

/** Examinations and blind line-ups. */
export function examinationRoutes(ctx: HttpContext): HandlersOf<typeof examinationEndpoints> {
  const show = async (actor: AccountActor, id: string) => {
    const shown = await showExamination(ctx, actor, { id })
    return examinationReply(actor, shown, await showsSensitive(ctx.store.db, agencyOf(actor), shown))
  }
  const reply = (actor: AccountActor, { examination }: ExaminationWork) => show(actor, examination.id)
  const lineup = async (actor: AccountActor, shown: LineupWork) =>
    lineupReply(shown, await showsSensitive(ctx.store.db, agencyOf(actor), shown.work))
  return {
    beginExamination: {
      first: async ({ actor, params }) =>
        reply(actor, await beginExamination(ctx, actor, { identificationId: params.id })),
      again: async ({ actor }, id) => show(actor, id),
    },
    showExamination: async ({ actor, params }) => show(actor, params.id),
    writeAnalysis: async ({ actor, params, body }) =>
      reply(actor, await analyseProbe(ctx, actor, { id: params.id, ...body })),
    writeComparison: async ({ actor, params, body }) =>
      reply(actor, await compareCandidate(ctx, actor, { ...params, draft: body })),
    finishExamination: async ({ actor, params }) => reply(actor, await finishExamination(ctx, actor, params)),
    abandonExamination: async ({ actor, params }) =>
      reply(actor, await abandonExamination(ctx, actor, params)),
    async showExaminationProbe({ actor, params, query: { side, reveal }, signal }) {
      const input = { id: params.id, which: { probe: true as const }, sidePx: side, signal }
      return Buffer.from(await showExaminationPicture(ctx, actor, { ...input, reveal: reveal === 'yes' }))
    },
    async showExaminationItem({ actor, params, query: { side, reveal }, signal }) {
      const input = { id: params.id, which: { itemId: params.itemId }, sidePx: side, signal }
      return Buffer.from(await showExaminationPicture(ctx, actor, { ...input, reveal: reveal === 'yes' }))
    },
    async listLineups({ actor, query: { cursor, limit } }) {
      const rows = await listLineups(ctx, actor, { before: cursor, limit })
      return {
        items: rows.map((row) => ({
          id: row.id,
          state: row.state as 'taken' | 'finished' | 'cancelled',
          takenAt: row.taken_at!,
          finishedAt: row.finished_at,
        })),
        next: nextOf(rows, limit, ({ id }) => id),
      }
    },
    async takeLineup({ actor }) {
      const id = await takeLineup(ctx, actor)
      if (id === undefined) return { lineup: null }
      return { lineup: await lineup(actor, await showLineup(ctx, actor, { id })) }
    },
    showLineup: async ({ actor, params }) => lineup(actor, await showLineup(ctx, actor, params)),
    writeLineupAnalysis: async ({ actor, params, body }) =>
      lineup(actor, await analyseLineupProbe(ctx, actor, { id: params.id, ...body })),
    writeLineupComparison: async ({ actor, params, body }) =>
      lineup(actor, await compareInLineup(ctx, actor, { ...params, draft: body })),
    finishLineup: async ({ actor, params }) => lineup(actor, await finishLineup(ctx, actor, params)),
    returnLineup: async ({ actor, params, body }) =>
      returnLineup(ctx, actor, { id: params.id, reason: body.reason }),
    async showLineupProbe({ actor, params, query: { side, reveal }, signal }) {
      const input = { id: params.id, which: { probe: true as const }, sidePx: side, signal }
      return Buffer.from(await showLineupPicture(ctx, actor, { ...input, reveal: reveal === 'yes' }))
    },
    async showLineupItem({ actor, params, query: { side, reveal }, signal }) {
      const input = { id: params.id, which: { itemId: params.itemId }, sidePx: side, signal }
      return Buffer.from(await showLineupPicture(ctx, actor, { ...input, reveal: reveal === 'yes' }))
    },
    async readMethodErrors({ actor }) {
      const { fillerChosen, perFiller, ...counts } = await readMethodErrors(ctx, actor)
      return { ...counts, fillerChosen: rateReply(fillerChosen), perFiller: rateReply(perFiller) }
    },
  }
}

function rateReply({ rate, ...counted }: MeasuredRate) {
  return { ...counted, rate: rate ?? null }
}

function draftReply({ examination, items }: ExaminationWork) {
  const analysisFinished = examination.analysis_finished_at !== null
  return {
    analysis: JSON.parse(examination.analysis ?? 'null') as Analysis | null,
    analysisFinished,
    items: analysisFinished
      ? items.map((item) => ({
          id: item.id,
          position: item.position,
          checklist: JSON.parse(item.checklist) as ChecklistEntry[],
          evaluation: item.evaluation,
          conclusion: item.conclusion,
        }))
      : null,
  }
}

function examinationReply(
  actor: AccountActor,
  { caseId, ...work }: ExaminationWork & { caseId: string },
  sensitive: boolean,
) {
  const { examination } = work
  return {
    ...draftReply(work),
    id: examination.id,
    identificationId: examination.identification_id,
    caseId,
    examiner: examination.examiner,
    isOwn: examination.account_id === actor.accountId,
    begunAt: examination.begun_at,
    supersedesId: examination.supersedes_id,
    finishedAt: examination.finished_at,
    abandonedAt: examination.abandoned_at,
    sensitive,
  }
}

/** Names its fields one by one: what is not here, the verifier is not told. */
function lineupReply({ verification, work }: LineupWork, sensitive: boolean) {
  return {
    ...draftReply(work),
    id: verification.id,
    state: verification.state as 'taken' | 'finished' | 'cancelled',
    takenAt: verification.taken_at!,
    finishedAt: verification.finished_at,
    sensitive,
  }
}
