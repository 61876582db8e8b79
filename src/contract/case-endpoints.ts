import { z } from 'zod'
import { CASE_PURPOSES } from './case-purposes.ts'
import { defineEndpoints } from './endpoint.ts'
import { day, hold, id, idParams, line, page, pageQuery, role, text, time } from './values.ts'

const tag = 'Cases'
const purpose = z.enum(CASE_PURPOSES)
const status = z.enum(['open', 'closed'])

const caseFacts = z.object({
  id,
  number: z.string(),
  title: z.string(),
  purpose,
  legalBasis: z.string(),
  status,
  agencyId: id,
  agency: z.string(),
  leadId: id,
  lead: z.string(),
  retentionUntil: day.nullable(),
  createdAt: time,
})
const caseDetails = caseFacts.extend({
  members: z.array(z.object({ accountId: id, name: z.string() })),
  agencies: z.array(z.object({ agencyId: id, name: z.string() })),
})

const timelineEvent = z.object({
  seq: z.int(),
  at: time,
  actor: z.string(),
  action: z.string(),
  subject: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
})

/** Cases and who works on them. */
export const caseEndpoints = defineEndpoints({
  createCase: {
    method: 'POST',
    path: '/cases',
    access: 'case.create',
    tag,
    summary: 'Open a case; whoever opens it leads it',
    body: z.object({
      number: line.describe("The agency's own number"),
      title: line,
      purpose,
      legalBasis: text.describe('Under what law or order, in words'),
      retentionUntil: day.optional(),
    }),
    reply: caseDetails,
    status: 201,
    idempotent: true,
  },
  listCases: {
    method: 'GET',
    path: '/cases',
    access: 'case.read',
    boundKeys: true,
    tag,
    summary: 'Cases that the account works on; for supervisors, all of the agency. Newest first',
    query: pageQuery.extend({ status: status.optional() }),
    reply: page(caseFacts),
  },
  showCase: {
    method: 'GET',
    path: '/cases/:id',
    access: 'case.read',
    boundKeys: true,
    tag,
    summary: 'One case',
    params: idParams,
    reply: caseDetails,
  },
  showTimeline: {
    method: 'GET',
    path: '/cases/:id/timeline',
    access: 'case.read',
    boundKeys: true,
    tag,
    summary: 'What was done in a case, newest first, without who looked at what',
    params: idParams,
    query: pageQuery,
    reply: page(timelineEvent),
  },
  readDirectory: {
    method: 'GET',
    path: '/directory',
    access: 'directory.read',
    tag,
    summary: 'Names of colleagues and of other agencies, to share cases and collections with',
    reply: z.object({
      colleagues: z.array(z.object({ accountId: id, name: z.string(), roles: z.array(role) })),
      agencies: z.array(z.object({ agencyId: id, name: z.string() })),
    }),
  },
  changeCase: {
    method: 'PUT',
    path: '/cases/:id',
    access: 'case.change',
    tag,
    summary: 'Change title, status, lead or retention; number, purpose and legal basis stay',
    params: idParams,
    body: z.object({
      title: line.optional(),
      status: status.optional(),
      leadId: id.optional(),
      retentionUntil: day.nullable().optional(),
    }),
    reply: caseDetails,
  },
  listCaseHolds: {
    method: 'GET',
    path: '/cases/:id/holds',
    access: 'case.read',
    boundKeys: true,
    tag,
    summary: 'Legal holds of a case, newest first, with those that were lifted',
    params: idParams,
    reply: z.array(hold),
  },
  imposeCaseHold: {
    method: 'POST',
    path: '/cases/:id/holds',
    access: 'case.hold',
    tag,
    summary: 'Legal hold: the material of the case is kept, whatever its date, until it is lifted',
    params: idParams,
    body: z.object({ reason: text }),
    reply: hold,
    status: 201,
    idempotent: true,
  },
  liftCaseHold: {
    method: 'POST',
    path: '/case-holds/:id/lift',
    access: 'case.hold',
    tag,
    summary: 'Lift a legal hold of a case',
    params: idParams,
    body: z.object({ reason: text }),
    reply: hold,
  },
  addToCase: {
    method: 'POST',
    path: '/cases/:id/access',
    access: 'case.change',
    tag,
    summary: 'Let an account, or another agency, work on the case',
    params: idParams,
    body: z.union([z.object({ accountId: id }), z.object({ agencyId: id })]),
    reply: caseDetails,
  },
  removeFromCase: {
    method: 'DELETE',
    path: '/cases/:id/access/:who',
    access: 'case.change',
    tag,
    summary: 'End the access of an account or agency to the case',
    params: idParams.extend({ who: id }),
    reply: caseDetails,
  },
})
