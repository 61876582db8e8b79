import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { visibleCases } from '../cases/case-scope.ts'
import type { Context } from '../context.ts'
import type { RecipientKind } from '../contract/identification-words.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import type { TransmittalTable } from '../store/tables/identification-tables.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import { findIdentification } from './identification-scope.ts'

export interface TransmitInput {
  identificationId: string
  recipientKind: Exclude<RecipientKind, 'own_agency'>
  recipient: string
  /** The recipient's file number. */
  reference: string | undefined
  /** A report made for the same recipient. */
  reportId: string | undefined
  withEvidence: boolean
  legalBasis: string
  note: string | undefined
}

/**
 * Records what is handed to whom; with evidence, its export can then be fetched.
 * @throws AppError `bad_input` when nothing is handed over, or the report was made for another kind of recipient
 */
export async function transmit(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: TransmitInput,
): Promise<TransmittalTable> {
  authorize(actor, 'transmittal.make')
  if (input.reportId === undefined && !input.withEvidence) {
    throw new AppError('bad_input', 'Expected a report, evidence or both to be handed over.')
  }
  return ctx.store.db.transaction().execute(async (tx) => {
    const row = await findIdentification(tx, actor, input.identificationId)
    if (input.reportId !== undefined) {
      const report = await tx
        .selectFrom('report')
        .select('recipient_kind')
        .where('id', '=', input.reportId)
        .where('identification_id', '=', row.id)
        .executeTakeFirst()
      if (report === undefined) throw new AppError('not_found', 'There is no such report of this.')
      if (report.recipient_kind !== input.recipientKind) {
        throw new AppError(
          'bad_input',
          `This report was made for another kind of recipient (${report.recipient_kind}): make one for this one.`,
        )
      }
    }
    const transmittal = withDigest('transmittal', {
      id: newId(),
      identification_id: row.id,
      case_id: row.case_id,
      agency_id: row.agency_id,
      recipient_kind: input.recipientKind,
      recipient: input.recipient,
      reference: input.reference ?? null,
      report_id: input.reportId ?? null,
      with_evidence: input.withEvidence ? 1 : 0,
      legal_basis: input.legalBasis,
      note: input.note ?? null,
      sent_by: actor.name,
      account_id: actor.accountId,
      sent_at: nowIso(),
      received_by: null,
      received_at: null,
      receipt_reference: null,
      receipt_recorded_by: null,
    })
    await tx.insertInto('transmittal').values(transmittal).execute()
    await appendAuditEvent(tx, actor, {
      action: 'transmittal.make',
      agencyId: row.agency_id,
      subject: `transmittal ${transmittal.id}`,
      caseId: row.case_id,
      details: {
        identification: row.id,
        recipientKind: input.recipientKind,
        report: transmittal.report_id,
        withEvidence: input.withEvidence,
      },
    })
    return transmittal
  })
}

/** Records that it was received: once. @throws AppError `not_found`, `conflict` */
export async function recordReceipt(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string; receivedBy: string; receivedAt: string; reference: string | undefined },
): Promise<TransmittalTable> {
  authorize(actor, 'transmittal.make')
  return ctx.store.db.transaction().execute(async (tx) => {
    const row = await findTransmittal(tx, actor, input.id)
    if (row.received_at !== null) throw new AppError('conflict', 'Its receipt is recorded already.')
    if (input.receivedAt < row.sent_at) {
      throw new AppError('bad_input', 'Expected a time of receipt after it was sent.')
    }
    const changed = await changeRow(tx, 'transmittal', row.id, {
      received_by: input.receivedBy,
      received_at: input.receivedAt,
      receipt_reference: input.reference ?? null,
      receipt_recorded_by: actor.name,
    })
    await appendAuditEvent(tx, actor, {
      action: 'transmittal.receipt',
      agencyId: row.agency_id,
      subject: `transmittal ${row.id}`,
      caseId: row.case_id,
      details: undefined,
    })
    return changed!
  })
}

/** Transmittals of an identification, newest first. */
export async function listTransmittals(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { identificationId: string },
): Promise<TransmittalTable[]> {
  authorize(actor, 'transmittal.read')
  const { db } = ctx.store
  const row = await findIdentification(db, actor, input.identificationId)
  const rows = await db
    .selectFrom('transmittal')
    .selectAll()
    .where('identification_id', '=', row.id)
    .orderBy('id', 'desc')
    .execute()
  return rows.map((found) => checkedRow('transmittal', found, found.id))
}

/** One transmittal. @throws AppError `not_found` */
export async function showTransmittal(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<TransmittalTable> {
  authorize(actor, 'transmittal.read')
  return findTransmittal(ctx.store.db, actor, input.id)
}

/** A transmittal in a case that the actor works on. @throws AppError `not_found` */
export async function findTransmittal(db: Db, actor: AccountActor, id: string): Promise<TransmittalTable> {
  const row = await db
    .selectFrom('transmittal')
    .selectAll()
    .where('id', '=', id)
    .where('case_id', 'in', visibleCases(db, actor).select('case_file.id'))
    .executeTakeFirst()
  if (row === undefined) {
    throw new AppError('not_found', 'There is no such transmittal, or you do not work on its case.')
  }
  return checkedRow('transmittal', row, id)
}
