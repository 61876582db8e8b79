import { z } from 'zod'
import { anchorMessageSchema } from './anchor-message.ts'
import { defineEndpoints } from './endpoint.ts'
import { id, page, pageQuery, time } from './values.ts'

const tag = 'Audit'

const event = z.object({
  seq: z.int(),
  at: time,
  actor: z.string(),
  accountId: id.nullable(),
  roles: z.string().nullable(),
  agencyId: id.nullable(),
  action: z.string(),
  subject: z.string().nullable(),
  caseId: id.nullable(),
  purpose: z.string().nullable(),
  outcome: z.enum(['done', 'refused', 'failed']),
  requestId: z.string().nullable(),
  address: z.string().nullable(),
  details: z.record(z.string(), z.unknown()).nullable(),
  chainHash: z.string(),
})

const filter = z.object({
  accountId: id.optional(),
  caseId: id.optional(),
  action: z.string().max(100).optional().describe('An action or its beginning: `case.`'),
  outcome: z.enum(['done', 'refused', 'failed']).optional(),
  since: time.optional(),
  until: time.optional(),
})

/** The audit log. */
export const auditEndpoints = defineEndpoints({
  readAudit: {
    method: 'GET',
    path: '/audit/events',
    access: 'audit.read',
    tag,
    summary: "Events of the auditor's agency, newest first",
    query: pageQuery.extend(filter.shape),
    reply: page(event),
  },
  verifyAudit: {
    method: 'POST',
    path: '/audit/verification',
    access: 'audit.verify',
    tag,
    summary:
      'Walk the whole log and name every changed, removed, moved or cut-off event, and every row that is not what its last event wrote',
    reply: z.object({
      events: z.int(),
      checkpoints: z.int(),
      signedUpTo: z.int(),
      rows: z.int(),
      faults: z.array(z.object({ seq: z.int(), kind: z.string(), detail: z.string() })),
    }),
  },
  witnessCheckpoint: {
    method: 'POST',
    path: '/audit/witnessed',
    access: 'audit.witness',
    tag,
    summary: "Keep a checkpoint of another instance's audit log in this one's, and say what is wrong with it",
    body: anchorMessageSchema,
    reply: z.object({ fault: z.string().nullable() }),
  },
  exportAudit: {
    method: 'GET',
    path: '/audit/export',
    access: 'audit.read',
    tag,
    summary: 'The log as JSON lines with what proves it',
    query: filter,
    stream: 'application/jsonl',
  },
})
