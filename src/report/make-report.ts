import { hash } from 'node:crypto'
import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent, recordEvent } from '../audit/append-event.ts'
import type { SigningKey } from '../audit/signing-key.ts'
import { visibleCases } from '../cases/case-scope.ts'
import type { WorkContext } from '../media/work-context.ts'
import type { RecipientKind } from '../contract/identification-words.ts'
import { AppError } from '../errors.ts'
import { findIdentification } from '../identification/identification-scope.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { ReportTable } from '../store/tables/identification-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import { forReader } from './for-reader.ts'
import { gatherReport } from './gather-report.ts'
import { writeJsonReport } from './json-report.ts'
import { renderPdf } from './pdf/render-pdf.ts'
import type { ReportContent } from './report-content.ts'
import { mustBlur, reportPictures } from './report-pictures.ts'
import { softwareFacts } from './software-facts.ts'

/** What reports work with beyond what other work does: the instance's key. */
export interface ReportContext extends WorkContext {
  readonly signingKey: SigningKey
}

export interface MakeReportInput {
  identificationId: string
  language: 'en' | 'uk'
  recipientKind: RecipientKind
  recipient: string
}

/**
 * Makes a report for a recipient, who is thereby told of the identification: reads all that stands now and keeps it. The
 * files are made from that when they are asked for, the same bytes each time.
 */
export async function makeReport(
  ctx: ReportContext,
  actor: AccountActor,
  input: MakeReportInput,
): Promise<ReportTable> {
  authorize(actor, 'report.make')
  const { db } = ctx.store
  const before = await findIdentification(db, actor, input.identificationId)
  const search = await db
    .selectFrom('search')
    .select(['pack_id', 'pipeline_version'])
    .where('id', '=', before.search_id)
    .executeTakeFirstOrThrow()
  const software = await softwareFacts(search.pack_id, search.pipeline_version)
  const { calibration } = await ctx.engine()
  return db.transaction().execute(async (tx) => {
    const row = await findIdentification(tx, actor, input.identificationId)
    const agency = await tx
      .selectFrom('agency')
      .select('name')
      .where('id', '=', row.agency_id)
      .executeTakeFirstOrThrow()
    const about = {
      reportId: newId(),
      identificationId: row.id,
      language: input.language,
      madeAt: nowIso(),
      madeBy: actor.name,
      agency: agency.name,
      recipient: { kind: input.recipientKind, name: input.recipient },
      protectedPicturesBlurred: await mustBlur(tx, actor, row, input.recipientKind),
    }
    const content = await gatherReport(tx, actor, {
      row,
      about,
      software,
      calibration:
        calibration === undefined
          ? {}
          : { packSource: calibration.source, packPeople: calibration.people, packPairs: calibration.pairs },
    })
    const text = JSON.stringify(content)
    const report = withDigest('report', {
      id: about.reportId,
      identification_id: row.id,
      case_id: row.case_id,
      agency_id: row.agency_id,
      language: input.language,
      recipient_kind: input.recipientKind,
      recipient: input.recipient,
      content: text,
      content_sha256: hash('sha256', text),
      made_by: actor.name,
      account_id: actor.accountId,
      made_at: about.madeAt,
    })
    await tx.insertInto('report').values(report).execute()
    const media = new Set([row.media_id, ...(await lineupMedia(tx, row.id))])
    await tx
      .insertInto('report_media')
      .values([...media].map((mediaId) => ({ report_id: report.id, media_id: mediaId })))
      .execute()
    await appendAuditEvent(tx, actor, {
      action: 'report.make',
      agencyId: row.agency_id,
      subject: `report ${report.id}`,
      caseId: row.case_id,
      details: {
        identification: row.id,
        recipientKind: input.recipientKind,
        content: report.content_sha256,
      },
    })
    return report
  })
}

/** A report's file; each making is written into the audit log. @throws AppError `not_found` also when media of it were erased */
export async function reportFile(
  ctx: ReportContext,
  actor: AccountActor,
  input: { id: string; as: 'pdf' | 'json'; signal: AbortSignal },
): Promise<Uint8Array> {
  authorize(actor, 'report.read')
  const { db } = ctx.store
  const report = await findReport(db, actor, input.id)
  const file = await renderReport(ctx, actor, report, input.as, input.signal)
  await recordEvent(db, actor, {
    action: 'report.read',
    agencyId: report.agency_id,
    subject: `report ${report.id}`,
    caseId: report.case_id,
    details: { as: input.as, sha256: hash('sha256', file) },
  })
  return file
}

/** Makes the file of a report from what was kept of it, as far as its reader may see that now. */
export async function renderReport(
  ctx: ReportContext,
  actor: AccountActor,
  report: ReportTable,
  as: 'pdf' | 'json',
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (report.content === null) {
    throw new AppError('not_found', 'Media that this report speaks of were erased, and the report with them.')
  }
  const content = await forReader(ctx.store.db, actor, JSON.parse(report.content) as ReportContent)
  const row = await findIdentification(ctx.store.db, actor, report.identification_id)
  // Who has come to be known as captured or dead since is blurred too, though the file then is another one.
  const blurred =
    content.about.protectedPicturesBlurred ||
    (await mustBlur(ctx.store.db, actor, row, report.recipient_kind))
  const pictures = await reportPictures(ctx, actor, { row, blurred, signal })
  return as === 'pdf'
    ? renderPdf(content, pictures, ctx.signingKey)
    : writeJsonReport(content, pictures, ctx.signingKey)
}

/** Reports of an identification, newest first. */
export async function listReports(
  ctx: ReportContext,
  actor: AccountActor,
  input: { identificationId: string },
): Promise<ReportTable[]> {
  authorize(actor, 'report.read')
  const { db } = ctx.store
  const row = await findIdentification(db, actor, input.identificationId)
  const rows = await db
    .selectFrom('report')
    .selectAll()
    .where('identification_id', '=', row.id)
    .orderBy('id', 'desc')
    .execute()
  return rows.map((report) => checkedRow('report', report, report.id))
}

/** A report in a case that the actor works on. @throws AppError `not_found` */
export async function findReport(db: Db, actor: AccountActor, id: string): Promise<ReportTable> {
  const row = await db
    .selectFrom('report')
    .selectAll()
    .where('id', '=', id)
    .where('case_id', 'in', visibleCases(db, actor).select('case_file.id'))
    .executeTakeFirst()
  if (row === undefined)
    throw new AppError('not_found', 'There is no such report, or you do not work on its case.')
  return checkedRow('report', row, id)
}

/** Media of every finished line-up: the report names their hashes. */
async function lineupMedia(db: Db, identificationId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('examination_item')
    .innerJoin('examination', 'examination.id', 'examination_item.examination_id')
    .select('examination_item.media_id')
    .where('examination.identification_id', '=', identificationId)
    .execute()
  return rows.map(({ media_id: id }) => id)
}
