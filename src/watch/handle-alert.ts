import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { requireWorkingAccount } from '../access/working-account.ts'
import { appendAuditEvent, type AuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { PERMISSIONS } from '../contract/roles.ts'
import { OPEN_ALERT_STATES } from '../contract/watch-words.ts'
import { AppError } from '../errors.ts'
import { writeLink } from '../people/link-face.ts'
import { ensureRecord, findStandingPerson } from '../people/person-scope.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { nowIso } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'
import type { AlertTable } from '../store/tables/watch-tables.ts'
import { findAlert } from './watch-scope.ts'

type AlertContext = Pick<Context, 'store'>

/** Says that the alert was seen; one that was seen stays as it is. @throws AppError `not_allowed`, `not_found` */
export async function acknowledgeAlert(
  ctx: AlertContext,
  actor: AccountActor,
  input: { id: string },
): Promise<AlertTable> {
  return handle(ctx, actor, input.id, 'alert.acknowledge', async (tx, alert) =>
    alert.state === 'new' ? change(tx, actor, alert, { state: 'seen' }) : undefined,
  )
}

/**
 * Makes somebody of the agency who may deal with alerts the one who deals with this one; the actor, unless another is named.
 * @throws AppError `not_allowed`, `not_found`, `conflict` when it is closed
 */
export async function takeAlert(
  ctx: AlertContext,
  actor: AccountActor,
  input: { id: string; accountId: string | undefined; dueAt: string | undefined },
): Promise<AlertTable> {
  return handle(ctx, actor, input.id, 'alert.take', async (tx, alert) => {
    requireOpen(alert)
    const owner = await ownerFor(tx, actor, input.accountId ?? actor.accountId)
    return change(tx, actor, alert, {
      state: 'being_examined',
      owner_id: owner.id,
      owner: owner.name,
      ...(input.dueAt === undefined ? {} : { due_at: input.dueAt, escalated_at: null }),
    })
  })
}

/** Closes it for a reason; another face found in the photo later opens it again. @throws AppError as `takeAlert` */
export async function dismissAlert(
  ctx: AlertContext,
  actor: AccountActor,
  input: { id: string; reason: string },
): Promise<AlertTable> {
  return handle(ctx, actor, input.id, 'alert.dismiss', async (tx, alert) => {
    requireOpen(alert)
    return change(tx, actor, alert, { state: 'dismissed', closed_as: 'dismissed', reason: input.reason })
  })
}

/**
 * Says that the faces found in the photo are not the person's: the pairs are silent for ever, across model packs. Of a probe,
 * whose faces no record links, the alert itself keeps later ones away.
 * @throws AppError as `takeAlert`
 */
export async function notThisPerson(
  ctx: AlertContext,
  actor: AccountActor,
  input: { id: string; reason: string },
): Promise<AlertTable> {
  return handle(ctx, actor, input.id, 'alert.not_this_person', async (tx, alert) => {
    requireOpen(alert)
    if (alert.target_kind === 'media') {
      const known = await findStandingPerson(tx, actor, alert.person_id)
      await ensureRecord(tx, actor, known)
      const faces = await tx
        .selectFrom('alert_hit')
        .innerJoin('face', 'face.id', 'alert_hit.face_id')
        .select('face.id')
        .distinct()
        .where('alert_hit.alert_id', '=', alert.id)
        .execute()
      for (const { id: faceId } of faces)
        await writeLink(tx, actor, { id: alert.person_id, faceId, link: 'not_same' })
    }
    return change(tx, actor, alert, {
      state: 'dismissed',
      closed_as: 'not_this_person',
      reason: input.reason,
    })
  })
}

export function requireOpen(alert: AlertTable): void {
  if (OPEN_ALERT_STATES.includes(alert.state)) return
  throw new AppError('conflict', 'This alert is closed.')
}

async function handle(
  ctx: AlertContext,
  actor: AccountActor,
  id: string,
  action: AuditEvent['action'],
  work: (tx: Tx, alert: AlertTable) => Promise<AlertTable | undefined>,
): Promise<AlertTable> {
  authorize(actor, 'alert.handle')
  return ctx.store.db.transaction().execute(async (tx) => {
    const alert = await findAlert(tx, actor, id)
    const changed = await work(tx, alert)
    if (changed === undefined) return alert
    await appendAuditEvent(tx, actor, {
      action,
      agencyId: alert.agency_id,
      subject: `alert ${id}`,
      details: { before: alert.state, now: changed.state, owner: changed.owner_id, dueAt: changed.due_at },
    })
    return changed
  })
}

async function change(
  tx: Tx,
  actor: AccountActor,
  alert: AlertTable,
  changes: Partial<Omit<AlertTable, 'id' | 'digest'>>,
): Promise<AlertTable> {
  const changed = await changeRow(tx, 'alert', alert.id, {
    ...changes,
    changed_by: actor.name,
    changed_at: nowIso(),
  })
  return changed!
}

async function ownerFor(
  tx: Tx,
  actor: AccountActor,
  accountId: string,
): Promise<{ id: string; name: string }> {
  const wanted = { id: accountId, agencies: [agencyOf(actor)], roles: PERMISSIONS['alert.handle'] }
  return requireWorkingAccount(tx, wanted, 'in your agency that deals with alerts')
}
