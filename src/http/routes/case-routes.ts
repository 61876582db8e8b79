import { readDirectory } from '../../access/directory.ts'
import { imposeCaseHold, liftCaseHold, listCaseHolds } from '../../cases/case-hold.ts'
import { addToCase, changeCase, removeFromCase } from '../../cases/change-case.ts'
import { createCase } from '../../cases/create-case.ts'
import { listCases, showCase, type CaseDetails, type CaseFacts } from '../../cases/show-case.ts'
import { showTimeline } from '../../cases/show-timeline.ts'
import type { caseEndpoints } from '../../contract/case-endpoints.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'
import { nextOf, placeOf } from '../pages.ts'
import { holdReply } from './hold-reply.ts'

/** Cases and who works on them. */
export function caseRoutes(ctx: HttpContext): HandlersOf<typeof caseEndpoints> {
  return {
    createCase: {
      async first({ actor, body: { number, title, purpose, legalBasis, retentionUntil } }) {
        return caseReply(await createCase(ctx, actor, { number, title, purpose, legalBasis, retentionUntil }))
      },
      again: async ({ actor }, id) => caseReply(await showCase(ctx, actor, { id })),
    },
    async listCases({ actor, query: { status, cursor, limit } }) {
      const rows = await listCases(ctx, actor, { status, before: cursor, limit })
      return { items: rows.map(factsReply), next: nextOf(rows, limit, ({ id }) => id) }
    },
    showCase: async ({ actor, params }) => caseReply(await showCase(ctx, actor, params)),
    async showTimeline({ actor, params, query: { cursor, limit } }) {
      const items = await showTimeline(ctx, actor, { caseId: params.id, before: placeOf(cursor), limit })
      return { items, next: nextOf(items, limit, ({ seq }) => String(seq)) }
    },
    readDirectory: async ({ actor }) => readDirectory(ctx, actor),
    async changeCase({ actor, params, body: { title, status, leadId, retentionUntil } }) {
      return caseReply(await changeCase(ctx, actor, { id: params.id, title, status, leadId, retentionUntil }))
    },
    listCaseHolds: async ({ actor, params }) =>
      (await listCaseHolds(ctx, actor, { caseId: params.id })).map(holdReply),
    imposeCaseHold: {
      first: async ({ actor, params, body }) =>
        holdReply(await imposeCaseHold(ctx, actor, { caseId: params.id, reason: body.reason })),
      async again({ actor, params }, id) {
        const holds = await listCaseHolds(ctx, actor, { caseId: params.id })
        return holdReply(holds.find((hold) => hold.id === id)!)
      },
    },
    liftCaseHold: async ({ actor, params, body }) =>
      holdReply(await liftCaseHold(ctx, actor, { id: params.id, reason: body.reason })),
    async addToCase({ actor, params, body }) {
      return caseReply(await addToCase(ctx, actor, { id: params.id, party: body }))
    },
    removeFromCase: async ({ actor, params }) => caseReply(await removeFromCase(ctx, actor, params)),
  }
}

function factsReply(row: CaseFacts) {
  return {
    id: row.id,
    number: row.number,
    title: row.title,
    purpose: row.purpose,
    legalBasis: row.legal_basis,
    status: row.status,
    agencyId: row.agency_id,
    agency: row.agency,
    leadId: row.lead_id,
    lead: row.lead,
    retentionUntil: row.retention_until,
    createdAt: row.created_at,
  }
}

function caseReply({ members, agencies, ...row }: CaseDetails) {
  return { ...factsReply(row), members, agencies }
}
