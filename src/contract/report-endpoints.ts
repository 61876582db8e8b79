import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { RECIPIENT_KINDS } from './identification-words.ts'
import { id, idParams, line, text, time } from './values.ts'

const tag = 'Reports and transmittals'
const language = z.enum(['en', 'uk'])
const recipientKind = z.enum(RECIPIENT_KINDS)
const outside = recipientKind.exclude(['own_agency'])

const report = z
  .object({
    id,
    identificationId: id,
    caseId: id,
    language,
    recipientKind,
    recipient: z.string(),
    madeBy: z.string(),
    madeAt: time,
    contentSha256: z.string(),
    erased: z.boolean().describe('Media that it speaks of were erased, and its content with them'),
  })
  .meta({ id: 'Report' })

const transmittal = z
  .object({
    id,
    identificationId: id,
    caseId: id,
    recipientKind,
    recipient: z.string(),
    reference: z.string().nullable().describe("The recipient's file number"),
    reportId: id.nullable(),
    withEvidence: z.boolean(),
    legalBasis: z.string(),
    note: z.string().nullable(),
    sentBy: z.string(),
    sentAt: time,
    receipt: z
      .object({
        receivedBy: z.string(),
        receivedAt: time,
        reference: z.string().nullable(),
        recordedBy: z.string(),
      })
      .nullable(),
  })
  .meta({ id: 'Transmittal' })

/** Reports, transmittals, evidence. */
export const reportEndpoints = defineEndpoints({
  makeReport: {
    method: 'POST',
    path: '/identifications/:id/reports',
    access: 'report.make',
    tag,
    summary: 'Make a report for a recipient, of all that stands now; the recipient is told by it',
    params: idParams,
    body: z.object({ language, recipientKind, recipient: line }),
    reply: report,
    status: 201,
    idempotent: true,
  },
  listReports: {
    method: 'GET',
    path: '/identifications/:id/reports',
    access: 'report.read',
    tag,
    summary: 'Reports of an identification, newest first',
    params: idParams,
    reply: z.array(report),
  },
  readReportPdf: {
    method: 'GET',
    path: '/reports/:id/pdf',
    access: 'report.read',
    tag,
    summary: 'The report as a sealed PDF; each reading is written down',
    params: idParams,
    stream: 'application/pdf',
  },
  readReportJson: {
    method: 'GET',
    path: '/reports/:id/json',
    access: 'report.read',
    tag,
    summary: 'The same content as sealed JSON; each reading is written down',
    params: idParams,
    stream: 'application/json',
  },
  transmit: {
    method: 'POST',
    path: '/identifications/:id/transmittals',
    access: 'transmittal.make',
    tag,
    summary: 'Record what is handed to whom: a report, evidence or both',
    params: idParams,
    body: z.object({
      recipientKind: outside,
      recipient: line,
      reference: line.optional(),
      reportId: id.optional().describe('Made for the same kind of recipient'),
      withEvidence: z.boolean().default(false),
      legalBasis: text,
      note: text.optional(),
    }),
    reply: transmittal,
    status: 201,
    idempotent: true,
  },
  listTransmittals: {
    method: 'GET',
    path: '/identifications/:id/transmittals',
    access: 'transmittal.read',
    tag,
    summary: 'Transmittals of an identification, newest first',
    params: idParams,
    reply: z.array(transmittal),
  },
  recordReceipt: {
    method: 'PUT',
    path: '/transmittals/:id/receipt',
    access: 'transmittal.make',
    tag,
    summary: 'Record who received it, and when; once',
    params: idParams,
    body: z.object({ receivedBy: line, receivedAt: time, reference: line.optional() }),
    reply: transmittal,
  },
  exportEvidence: {
    method: 'GET',
    path: '/transmittals/:id/evidence',
    access: 'transmittal.make',
    tag,
    summary:
      'The evidence as a zip with a bag (RFC 8493): originals as far as the recipient may see them, report, custody, audit proof',
    params: idParams,
    stream: 'application/zip',
  },
})
