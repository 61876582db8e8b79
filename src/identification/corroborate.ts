import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { isPrimaryIdentifier, type EvidenceKind } from '../contract/identification-words.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import { findUnsettled } from './identification-scope.ts'

export interface CorroborateInput {
  id: string
  kind: EvidenceKind
  description: string
  reference: string | undefined
  laboratory: string | undefined
}

/**
 * Records what else than a face speaks for it; for a primary identifier with the laboratory and its reference.
 * @throws AppError `bad_input` for a primary identifier without them, `conflict` once it is settled
 */
export async function corroborate(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: CorroborateInput,
): Promise<void> {
  authorize(actor, 'corroboration.change')
  const { kind, description, reference, laboratory } = input
  if (isPrimaryIdentifier(kind) && (reference === undefined || laboratory === undefined)) {
    throw new AppError('bad_input', 'A primary identifier needs the laboratory and its reference.')
  }
  await ctx.store.db.transaction().execute(async (tx) => {
    const row = await findUnsettled(tx, actor, input.id)
    const entry = withDigest('corroboration', {
      id: newId(),
      identification_id: row.id,
      kind,
      description,
      reference: reference ?? null,
      laboratory: laboratory ?? null,
      recorded_by: actor.name,
      account_id: actor.accountId,
      recorded_at: nowIso(),
      retracted_by: null,
      retracted_at: null,
      retract_reason: null,
    })
    await tx.insertInto('corroboration').values(entry).execute()
    await appendAuditEvent(tx, actor, {
      action: 'corroboration.add',
      agencyId: row.agency_id,
      subject: `identification ${row.id}`,
      caseId: row.case_id,
      details: { entry: entry.id, kind },
    })
  })
}

/** Takes an entry back; it stays to be seen, and counts no more. @throws AppError `not_found`, `conflict` */
export async function retractCorroboration(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string; entryId: string; reason: string },
): Promise<void> {
  authorize(actor, 'corroboration.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    const row = await findUnsettled(tx, actor, input.id)
    const entry = await tx
      .selectFrom('corroboration')
      .selectAll()
      .where('id', '=', input.entryId)
      .where('identification_id', '=', row.id)
      .executeTakeFirst()
    if (entry === undefined) throw new AppError('not_found', 'There is no such entry.')
    if (checkedRow('corroboration', entry, entry.id).retracted_at !== null) {
      throw new AppError('conflict', 'This entry was retracted already.')
    }
    await changeRow(tx, 'corroboration', entry.id, {
      retracted_by: actor.name,
      retracted_at: nowIso(),
      retract_reason: input.reason,
    })
    await appendAuditEvent(tx, actor, {
      action: 'corroboration.retract',
      agencyId: row.agency_id,
      subject: `identification ${row.id}`,
      caseId: row.case_id,
      details: { entry: entry.id, kind: entry.kind },
    })
  })
}
