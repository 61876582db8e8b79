import type { Context } from '../context.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import type { DeviceApprovalTable } from '../store/tables/account-tables.ts'
import type { AccountActor, Actor, Visitor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { isSecondPerson, requireSecondPerson, type Matter } from './second-person.ts'
import { announceCutOff, imposeSuspension, isSuspended } from './suspensions.ts'

/** Devices of one account that may wait at a time: who has its password and code fills no list with new browsers. */
export const MOST_WAITING_DEVICES = 10

/**
 * [Note: device approval]
 * An agency may choose that a device which an account has not used before waits: whoever signs in there, with both factors,
 * can do nothing until a second person has approved the device: an administrator or a supervisor of the agency, never
 * the account itself, nor one that shares a browser with it; see [Note: second person], whose rules hold here. While the
 * agency has nobody else who could, an operator is that second person; the operator's command always is. Refusing a device
 * suspends it. Devices that an account used before the agency chose so, API keys and operators do not wait.
 */
type Ctx = Pick<Context, 'store'>

/** Whether a session on the device may do anything. @param deviceId undefined: not known, which opens nothing where devices are approved */
export async function isDeviceOpen(
  db: Db,
  agencyId: string | undefined,
  deviceId: string | undefined,
): Promise<boolean> {
  // Asked with every request: one that never had to wait, as nearly all, has no row, and its agency is not read.
  if (deviceId !== undefined) {
    const row = await db
      .selectFrom('device_approval')
      .selectAll()
      .where('id', '=', deviceId)
      .executeTakeFirst()
    if (row === undefined || checkedRow('device_approval', row, deviceId).outcome === 'approved') return true
  }
  return agencyId === undefined || !(await approvesDevices(db, agencyId))
}

/**
 * Refuses everything to a session with both factors on a device that waits. With a password alone it may set up the second
 * factor first, as anywhere.
 * @throws AppError `device_not_approved`
 */
export function requireOpenDevice({ via }: AccountActor): void {
  if (via.kind !== 'session' || via.isDeviceOpen || via.assurance === 'password') return
  throw new AppError(
    'device_not_approved',
    'This device is new to your account: an administrator or a supervisor of your agency has to approve it first.',
  )
}

/** Whether devices that are new to their account wait in this agency. */
export async function approvesDevices(db: Db, agencyId: string): Promise<boolean> {
  const row = await db.selectFrom('agency').selectAll().where('id', '=', agencyId).executeTakeFirst()
  return row !== undefined && checkedRow('agency', row, agencyId).approves_devices === 1
}

/**
 * Has a new device wait, where its account's agency approves devices; with the device's row, in its transaction.
 * @throws AppError `device_not_approved` when too many of the account wait already
 */
export async function askForApproval(
  tx: Tx,
  visitor: Visitor,
  { accountId, deviceId }: { accountId: string; deviceId: string },
): Promise<void> {
  const { agency_id } = await tx
    .selectFrom('account')
    .select('agency_id')
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow()
  if (agency_id === null || !(await approvesDevices(tx, agency_id))) return
  const { waiting } = await tx
    .selectFrom('device_approval')
    .innerJoin('device', 'device.id', 'device_approval.id')
    .select(({ fn }) => fn.countAll<number>().as('waiting'))
    .where('device.account_id', '=', accountId)
    .where('outcome', 'is', null)
    .executeTakeFirstOrThrow()
  if (waiting >= MOST_WAITING_DEVICES) {
    throw new AppError(
      'device_not_approved',
      `${MOST_WAITING_DEVICES} devices of this account wait for approval already. Ask an administrator or a supervisor of your agency.`,
    )
  }
  const row = {
    id: deviceId,
    address: visitor.address,
    asked_at: nowIso(),
    outcome: null,
    settled_by: null,
    settled_account_id: null,
    settled_at: null,
  }
  await tx.insertInto('device_approval').values(withDigest('device_approval', row)).execute()
  await appendAuditEvent(tx, visitor, {
    action: 'device.wait',
    agencyId: agency_id,
    subject: `device ${deviceId}`,
    details: { account: accountId },
  })
}

/** Sets whether new devices of the own agency wait; those that wait now get in when it is taken back. */
export async function chooseDeviceApproval(
  ctx: Ctx,
  actor: Actor,
  input: { required: boolean },
): Promise<void> {
  authorize(actor, 'account.change')
  if (actor.kind === 'account' && actor.via.kind !== 'session')
    throw new AppError('not_allowed', 'An API key cannot change how people sign in.')
  const agencyId = agencyOf(actor)
  await ctx.store.db.transaction().execute(async (tx) => {
    if ((await approvesDevices(tx, agencyId)) === input.required) return
    await changeRow(tx, 'agency', agencyId, { approves_devices: input.required ? 1 : null })
    if (input.required) await cutOffWaiting(tx, agencyId)
    await appendAuditEvent(tx, actor, {
      action: 'agency.choose_device_approval',
      agencyId,
      subject: `agency ${agencyId}`,
      details: { required: input.required },
    })
  })
}

export interface WaitingDevice extends DeviceApprovalTable {
  account_id: string
  name: string
  email: string
  agency: string
  /** What the browser calls itself. */
  label: string
  /** Whether the actor can be the second person. */
  mayApprove: boolean
}

/** Devices that wait, longest first: of the own agency, for operators of all. One that was refused and let in again waits anew. */
export async function listWaitingDevices(ctx: Ctx, actor: Actor): Promise<WaitingDevice[]> {
  authorize(actor, 'role.confirm')
  const { db } = ctx.store
  let query = waitingDevices(db)
  if (actor.kind === 'account' && actor.agencyId !== undefined)
    query = query.where('agency.id', '=', actor.agencyId)
  const listed: WaitingDevice[] = []
  for (const { account_id, name, email, agency, agency_id, label, ...row } of await query.execute()) {
    const approval = checkedRow('device_approval', row, row.id)
    if (await isSuspended(db, [{ kind: 'device', id: row.id }])) continue
    const mayApprove = await isSecondPerson(db, actor, matterOf(agency_id, account_id))
    listed.push({ ...approval, account_id, name, email, agency, label, mayApprove })
  }
  return listed
}

/**
 * The second person's word on a device: with a yes its sessions may do what their account may, with a no they end and it
 * is suspended.
 * @param input.reason of the operator at the command line
 * @throws AppError `not_found`, `conflict` when it is settled or suspended, `not_allowed`, `shared_device`
 */
export async function settleDevice(
  ctx: Ctx,
  actor: Actor,
  input: { id: string; outcome: 'approved' | 'refused'; reason?: string },
): Promise<void> {
  authorize(actor, 'role.confirm')
  await ctx.store.db.transaction().execute(async (tx) => {
    const found = await waitingDevices(tx).where('device.id', '=', input.id).executeTakeFirst()
    const isOther =
      actor.kind === 'account' && actor.agencyId !== undefined && actor.agencyId !== found?.agency_id
    if (found === undefined || isOther)
      throw new AppError('not_found', 'There is no such device that waits for approval.')
    const { agency_id: agencyId, account_id: accountId } = found
    const target = { kind: 'device', id: input.id } as const
    if (await isSuspended(tx, [target]))
      throw new AppError('conflict', 'This device is suspended: let it in again first.')
    // Whoever runs commands here is asked by nobody: an agency whose people have all lost their browsers gets in by them.
    if (actor.kind !== 'operator') await requireSecondPerson(tx, actor, matterOf(agencyId, accountId))
    await changeRow(tx, 'device_approval', input.id, {
      outcome: input.outcome,
      settled_by: actor.name,
      settled_account_id: actor.kind === 'account' ? actor.accountId : null,
      settled_at: nowIso(),
    })
    if (input.outcome === 'refused')
      await imposeSuspension(tx, actor, target, { reason: 'The device was refused.', agencyId })
    await appendAuditEvent(tx, actor, {
      action: input.outcome === 'approved' ? 'device.approve' : 'device.refuse',
      agencyId,
      subject: `device ${input.id}`,
      details: { account: accountId, ...(input.reason === undefined ? {} : { reason: input.reason }) },
    })
  })
}

function matterOf(agencyId: string, accountId: string): Matter {
  return { agencyId, askedAccountId: accountId, accountId }
}

function waitingDevices(db: Db) {
  return db
    .selectFrom('device_approval')
    .innerJoin('device', 'device.id', 'device_approval.id')
    .innerJoin('account', 'account.id', 'device.account_id')
    .innerJoin('agency', 'agency.id', 'account.agency_id')
    .selectAll('device_approval')
    .select(['device.account_id', 'device.label', 'account.name', 'account.email'])
    .select(['agency.id as agency_id', 'agency.name as agency'])
    .where((where) => where.or([where('outcome', 'is', null), where('outcome', '=', 'refused')]))
    .orderBy('device_approval.id')
}

/** What waiting devices had under way while the agency approved none. */
async function cutOffWaiting(tx: Tx, agencyId: string): Promise<void> {
  const waiting = await waitingDevices(tx).where('agency.id', '=', agencyId).execute()
  for (const { id } of waiting) await announceCutOff(tx, { kind: 'device', id })
}
