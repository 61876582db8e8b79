import type { reportEndpoints } from '../../contract/report-endpoints.ts'
import { listTransmittals, recordReceipt, showTransmittal, transmit } from '../../identification/transmit.ts'
import { exportEvidence } from '../../report/export-evidence.ts'
import { findReport, listReports, makeReport, reportFile } from '../../report/make-report.ts'
import type { ReportTable, TransmittalTable } from '../../store/tables/identification-tables.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'

/** Reports, transmittals, evidence. */
export function reportRoutes(ctx: HttpContext): HandlersOf<typeof reportEndpoints> {
  return {
    makeReport: {
      first: async ({ actor, params, body }) =>
        reportReply(await makeReport(ctx, actor, { identificationId: params.id, ...body })),
      again: async ({ actor }, id) => reportReply(await findReport(ctx.store.db, actor, id)),
    },
    async listReports({ actor, params }) {
      return (await listReports(ctx, actor, { identificationId: params.id })).map(reportReply)
    },
    async readReportPdf({ actor, params, signal }) {
      return Buffer.from(await reportFile(ctx, actor, { id: params.id, as: 'pdf', signal }))
    },
    async readReportJson({ actor, params, signal }) {
      return Buffer.from(await reportFile(ctx, actor, { id: params.id, as: 'json', signal }))
    },
    transmit: {
      async first({ actor, params, body }) {
        const { recipientKind, recipient, reference, reportId, withEvidence, legalBasis, note } = body
        return transmittalReply(
          await transmit(ctx, actor, {
            identificationId: params.id,
            recipientKind,
            recipient,
            reference,
            reportId,
            withEvidence,
            legalBasis,
            note,
          }),
        )
      },
      again: async ({ actor }, id) => transmittalReply(await showTransmittal(ctx, actor, { id })),
    },
    async listTransmittals({ actor, params }) {
      return (await listTransmittals(ctx, actor, { identificationId: params.id })).map(transmittalReply)
    },
    async recordReceipt({ actor, params, body: { receivedBy, receivedAt, reference } }) {
      const input = { id: params.id, receivedBy, receivedAt, reference }
      return transmittalReply(await recordReceipt(ctx, actor, input))
    },
    async exportEvidence({ actor, params, signal }) {
      return Buffer.from(await exportEvidence(ctx, actor, { transmittalId: params.id, signal }))
    },
  }
}

function reportReply(row: ReportTable) {
  return {
    id: row.id,
    identificationId: row.identification_id,
    caseId: row.case_id,
    language: row.language,
    recipientKind: row.recipient_kind,
    recipient: row.recipient,
    madeBy: row.made_by,
    madeAt: row.made_at,
    contentSha256: row.content_sha256,
    erased: row.content === null,
  }
}

function transmittalReply(row: TransmittalTable) {
  return {
    id: row.id,
    identificationId: row.identification_id,
    caseId: row.case_id,
    recipientKind: row.recipient_kind,
    recipient: row.recipient,
    reference: row.reference,
    reportId: row.report_id,
    withEvidence: row.with_evidence === 1,
    legalBasis: row.legal_basis,
    note: row.note,
    sentBy: row.sent_by,
    sentAt: row.sent_at,
    receipt:
      row.received_at === null
        ? null
        : {
            receivedBy: row.received_by!,
            receivedAt: row.received_at,
            reference: row.receipt_reference,
            recordedBy: row.receipt_recorded_by!,
          },
  }
}
