import { appendAuditEvent } from '../audit/append-event.ts'
import { AppError } from '../errors.ts'
import { newId, nowIso } from '../store/ids.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import type { DeviceApprovalTable } from '../store/tables/account-tables.ts'
import type { AccountActor, Actor, Visitor } from '../actor/actor.ts'
import { findAccount } from './accounts.ts'
import { askForApproval } from './device-approvals.ts'
import { newToken, tokenHash } from './one-time-token.ts'
import { authorize } from '../actor/policy.ts'
import type { AccessContext } from './service-context.ts'
import { announceCutOff } from './suspensions.ts'

const LONGEST_LABEL = 200

/**
 * The device that signs in, known by a cookie of its own that outlives sessions, so that it can be suspended. One that is
 * new to the account waits, where its agency approves devices.
 * @returns its id, and the token to be kept when it is a new one
 * @throws AppError `device_not_approved` when too many of the account wait already
 */
export async function knownDevice(
  ctx: Pick<AccessContext, 'store'>,
  visitor: Visitor,
  accountId: string,
  { deviceToken, userAgent }: Pick<Browser, 'deviceToken' | 'userAgent'>,
): Promise<{ id: string; newToken: string | undefined }> {
  return ctx.store.db.transaction().execute(async (tx) => {
    const known =
      deviceToken === undefined
        ? undefined
        : await tx
            .selectFrom('device')
            .selectAll()
            .where('account_id', '=', accountId)
            .where('token_hash', '=', tokenHash(deviceToken))
            .executeTakeFirst()
    if (known !== undefined) return { id: checkedRow('device', known, known.id).id, newToken: undefined }
    const fresh = newToken()
    const row = {
      id: newId(),
      account_id: accountId,
      // A browser that several people use has one token and a row for each of them.
      token_hash: deviceToken === undefined ? fresh.tokenHash : tokenHash(deviceToken),
      label: userAgent.slice(0, LONGEST_LABEL),
      first_seen_at: nowIso(),
    }
    await tx.insertInto('device').values(withDigest('device', row)).execute()
    await askForApproval(tx, visitor, { accountId, deviceId: row.id })
    return { id: row.id, newToken: deviceToken === undefined ? fresh.token : undefined }
  })
}

export interface SessionSummary {
  id: string
  deviceId: string | null
  /** What the browser calls itself. */
  device: string
  signedInAt: string
  lastUsedAt: string
  endsAt: string
  address: string | null
  /** Whether it is the one that asks. */
  current: boolean
}

/** Sessions of an account: of one's own, or for administrators of one's agency. */
export async function listSessions(
  ctx: Pick<AccessContext, 'store'>,
  actor: Actor,
  input: { accountId: string },
): Promise<SessionSummary[]> {
  const { db } = ctx.store
  if (actor.kind !== 'account' || actor.accountId !== input.accountId) authorize(actor, 'account.read')
  await findAccount(db, actor, input.accountId)
  const rows = await db
    .selectFrom('login_session')
    .leftJoin('device', 'device.id', 'login_session.deviceId')
    .select([
      'login_session.id',
      'deviceId',
      'device.label',
      'createdAt',
      'updatedAt',
      'expiresAt',
      'ipAddress',
    ])
    .where('userId', '=', input.accountId)
    .where('expiresAt', '>', nowIso())
    .orderBy('updatedAt', 'desc')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    deviceId: row.deviceId,
    device: row.label ?? 'unknown',
    signedInAt: row.createdAt,
    lastUsedAt: row.updatedAt,
    endsAt: row.expiresAt,
    address: row.ipAddress,
    current: actor.kind === 'account' && actor.via.id === row.id,
  }))
}

export interface ListedDevice {
  id: string
  label: string
  first_seen_at: string
  /** Its approval; undefined when it did not have to wait. */
  approval: DeviceApprovalTable | undefined
}

/** Devices that have signed in to an account. */
export async function listDevices(
  ctx: Pick<AccessContext, 'store'>,
  actor: Actor,
  input: { accountId: string },
): Promise<ListedDevice[]> {
  const { db } = ctx.store
  if (actor.kind !== 'account' || actor.accountId !== input.accountId) authorize(actor, 'account.read')
  await findAccount(db, actor, input.accountId)
  const rows = await db
    .selectFrom('device')
    .selectAll()
    .where('account_id', '=', input.accountId)
    .orderBy('id', 'desc')
    .execute()
  const approvals = await db
    .selectFrom('device_approval')
    .innerJoin('device', 'device.id', 'device_approval.id')
    .selectAll('device_approval')
    .where('device.account_id', '=', input.accountId)
    .execute()
  const byDevice = new Map(approvals.map((row) => [row.id, checkedRow('device_approval', row, row.id)]))
  return rows.map((row) => {
    const { id, label, first_seen_at } = checkedRow('device', row, row.id)
    return { id, label, first_seen_at, approval: byDevice.get(id) }
  })
}

/** Ends one of the actor's own sessions on every process. @throws AppError `not_found` */
export async function endSession(
  ctx: Pick<AccessContext, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<void> {
  await ctx.store.db.transaction().execute(async (tx) => {
    const { numDeletedRows } = await tx
      .deleteFrom('login_session')
      .where('id', '=', input.id)
      .where('userId', '=', actor.accountId)
      .executeTakeFirst()
    if (numDeletedRows === 0n) throw new AppError('not_found', 'There is no such session.')
    await announceCutOff(tx, { kind: 'session', id: input.id })
    await appendAuditEvent(tx, actor, {
      action: 'session.end',
      agencyId: actor.agencyId,
      subject: `session ${input.id}`,
      details: undefined,
    })
  })
}

/** What a browser brought along. */
export interface Browser {
  headers: Headers
  /** Token of the device's cookie. */
  deviceToken: string | undefined
  userAgent: string
}
