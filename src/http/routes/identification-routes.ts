import type { AccountActor } from '../../actor/actor.ts'
import type { Analysis, ChecklistEntry } from '../../contract/examination-words.ts'
import type { identificationEndpoints } from '../../contract/identification-endpoints.ts'
import { assignLineup, recallLineup } from '../../examination/take-lineup.ts'
import { listEligible } from '../../examination/list-eligible.ts'
import {
  closeIdentification,
  namePerson,
  signIdentification,
  withdrawIdentification,
} from '../../identification/change-identification.ts'
import { corroborate, retractCorroboration } from '../../identification/corroborate.ts'
import { openIdentification } from '../../identification/open-identification.ts'
import { askThirdExaminer } from '../../identification/ask-verifications.ts'
import {
  listIdentifications,
  listLeads,
  listVerifications,
  showIdentification,
  type ShownIdentification,
} from '../../identification/show-identification.ts'
import type { ExaminationWork } from '../../identification/standing.ts'
import { endsOf } from '../../identification/ends-of-lead.ts'
import type { IdentificationTable } from '../../store/tables/identification-tables.ts'
import type { VerificationTable } from '../../store/tables/examination-tables.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'
import { nextOf } from '../pages.ts'

/** Leads and what becomes of them. */
export function identificationRoutes(ctx: HttpContext): HandlersOf<typeof identificationEndpoints> {
  const show = async (actor: AccountActor, id: string) =>
    identificationReply(actor, await showIdentification(ctx, actor, { id }))
  return {
    openIdentification: {
      async first({ actor, params, body }) {
        const input = { searchId: params.id, rank: params.rank, probeFaceId: body.probeFaceId }
        return show(actor, (await openIdentification(ctx, actor, input)).id)
      },
      again: async ({ actor }, id) => show(actor, id),
    },
    async listIdentifications({ actor, params, query: { state, cursor, limit } }) {
      const rows = await listIdentifications(ctx, actor, { caseId: params.id, state, before: cursor, limit })
      return { items: rows.map(factsReply), next: nextOf(rows, limit, ({ id }) => id) }
    },
    async listLeads({ actor, query: { state, scope, cursor, limit } }) {
      const rows = await listLeads(ctx, actor, { state, onlyOwn: scope === 'own', before: cursor, limit })
      return {
        items: rows.map(({ identification, ...rest }) => ({ ...factsReply(identification), ...rest })),
        next: nextOf(rows, limit, ({ identification }) => identification.id),
      }
    },
    showIdentification: async ({ actor, params }) => show(actor, params.id),
    async namePerson({ actor, params, body }) {
      await namePerson(ctx, actor, { id: params.id, personId: body.personId })
      return show(actor, params.id)
    },
    async addEvidence({ actor, params, body: { kind, description, reference, laboratory } }) {
      await corroborate(ctx, actor, { id: params.id, kind, description, reference, laboratory })
      return show(actor, params.id)
    },
    async retractEvidence({ actor, params, body }) {
      await retractCorroboration(ctx, actor, { ...params, reason: body.reason })
      return show(actor, params.id)
    },
    async askThirdExaminer({ actor, params }) {
      await askThirdExaminer(ctx, actor, params)
      return show(actor, params.id)
    },
    async signIdentification({ actor, params, body }) {
      await signIdentification(ctx, actor, { id: params.id, statement: body.statement })
      return show(actor, params.id)
    },
    async closeIdentification({ actor, params, body }) {
      await closeIdentification(ctx, actor, { id: params.id, ...body })
      return show(actor, params.id)
    },
    async withdrawIdentification({ actor, params, body }) {
      await withdrawIdentification(ctx, actor, { id: params.id, reason: body.reason })
      return show(actor, params.id)
    },
    async listVerifications({ actor, query: { state, cursor, limit } }) {
      const rows = await listVerifications(ctx, actor, { state, after: cursor, limit })
      return {
        items: rows.map((row) => ({
          ...verificationReply(row),
          caseId: row.case_id,
          caseNumber: row.caseNumber,
        })),
        next: nextOf(rows, limit, ({ id }) => id),
      }
    },
    listEligibleVerifiers: async ({ actor, params }) => listEligible(ctx, actor, params),
    assignVerification: async ({ actor, params, body }) =>
      assignLineup(ctx, actor, { verificationId: params.id, accountId: body.accountId }),
    recallVerification: async ({ actor, params, body }) =>
      recallLineup(ctx, actor, { verificationId: params.id, reason: body.reason }),
  }
}

function factsReply(row: IdentificationTable) {
  return {
    id: row.id,
    caseId: row.case_id,
    searchId: row.search_id,
    rank: row.rank,
    probeFaceId: row.probe_face_id,
    faceId: row.face_id,
    mediaId: row.media_id,
    personId: row.person_id,
    concernsDead: row.concerns_dead === 1,
    state: row.state,
    openedBy: row.opened_by,
    openedAt: row.opened_at,
  }
}

function identificationReply(actor: AccountActor, shown: ShownIdentification) {
  const { identification: row, missing, timeline, told, earlier, personNames } = shown
  return {
    ...factsReply(row),
    personNames,
    missing,
    needsSupervisor: shown.needsSupervisor,
    closeness: shown.closeness,
    examinations: shown.examinations.map((work) => examinationReply(actor, work)),
    verifications: shown.verifications.map((row) => ({
      ...verificationReply(row),
      unblindings: shown.unblindings
        .filter(({ verification_id: id }) => id === row.id)
        .map(({ at, account: by, relation, means, position, operation }) => ({
          at,
          by,
          relation,
          means,
          position,
          operation,
        })),
    })),
    evidence: shown.corroborations.map((entry) => ({
      id: entry.id,
      kind: entry.kind,
      description: entry.description,
      reference: entry.reference,
      laboratory: entry.laboratory,
      recordedBy: entry.recorded_by,
      recordedAt: entry.recorded_at,
      retractedBy: entry.retracted_by,
      retractedAt: entry.retracted_at,
      retractReason: entry.retract_reason,
    })),
    ...endsOf(row),
    told,
    timeline,
    earlier,
  }
}

function examinationReply(actor: AccountActor, { examination, items }: ExaminationWork) {
  return {
    id: examination.id,
    verificationId: examination.verification_id,
    examiner: examination.examiner,
    isOwn: examination.account_id === actor.accountId,
    begunAt: examination.begun_at,
    supersedesId: examination.supersedes_id,
    analysis: JSON.parse(examination.analysis ?? 'null') as Analysis | null,
    analysisFinishedAt: examination.analysis_finished_at,
    finishedAt: examination.finished_at,
    abandonedAt: examination.abandoned_at,
    items: items.map((item) => ({
      id: item.id,
      position: item.position,
      role: item.role,
      checklist: JSON.parse(item.checklist) as ChecklistEntry[],
      evaluation: item.evaluation,
      conclusion: item.conclusion,
    })),
  }
}

function verificationReply(row: VerificationTable) {
  return {
    id: row.id,
    round: row.round,
    state: row.state,
    verifier: row.verifier,
    assignedBy: row.assigned_by,
    askedAt: row.asked_at,
    askedBy: row.asked_by,
    takenAt: row.taken_at,
    finishedAt: row.finished_at,
    outcome: row.outcome,
    conclusion: row.conclusion,
    fillersChosen: row.fillers_chosen,
    cancelReason: row.cancel_reason,
  }
}
