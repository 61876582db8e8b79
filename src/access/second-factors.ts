import { appendAuditEvent, recordEvent, type AuditEvent } from '../audit/append-event.ts'
import { AppError } from '../errors.ts'
import type { AccountActor } from '../actor/actor.ts'
import { askAuth, type AuthAnswer } from './ask-auth.ts'
import { requireOpenDevice } from './device-approvals.ts'
import { checkPassword } from './passwords.ts'
import type { AccessContext } from './service-context.ts'
import { headersFor } from './sign-in.ts'
import { type Browser } from './devices.ts'
import { announceCutOff } from './suspensions.ts'
import { takeCode } from './used-codes.ts'

/**
 * [Note: enrolling a second factor]
 * A session that a password alone has opened may set up a second factor only while the account has none. Otherwise
 * whoever learns the password could add an app or a passkey of their own.
 */
export async function requireEnrolment(ctx: AccessContext, actor: AccountActor): Promise<void> {
  if (actor.via.kind !== 'session')
    throw new AppError('not_allowed', 'An API key cannot change how its account signs in.')
  requireOpenDevice(actor)
  if (actor.via.assurance !== 'password' || !(await hasSecondFactor(ctx, actor.accountId))) return
  throw new AppError('second_factor_missing', 'Sign in with your passkey or code first.')
}

/** Whether codes from an app or a passkey are set up. */
export async function hasSecondFactor(ctx: AccessContext, accountId: string): Promise<boolean> {
  const { db } = ctx.store
  const login = await db
    .selectFrom('login')
    .select('twoFactorEnabled')
    .where('id', '=', accountId)
    .executeTakeFirst()
  const passkey = await db
    .selectFrom('login_passkey')
    .select('id')
    .where('userId', '=', accountId)
    .executeTakeFirst()
  return login?.twoFactorEnabled === 1 || passkey !== undefined
}

/** Starts setting up codes from an app: the address for its QR code, and the recovery codes, shown once. */
export async function beginTotp(
  ctx: AccessContext,
  actor: AccountActor,
  browser: Browser,
  input: { password: string },
): Promise<{ uri: string; recoveryCodes: string[] }> {
  await requireEnrolment(ctx, actor)
  const { body } = await askAuth<{ totpURI: string; backupCodes: string[] }>(
    ctx.auth.api.enableTwoFactor({
      body: { password: input.password },
      headers: headersFor(actor, browser),
      asResponse: true,
    }),
  )
  return { uri: body.totpURI, recoveryCodes: body.backupCodes }
}

/** Confirms with a first code; from then on this session, and only this kind, opens everything. */
export async function confirmTotp(
  ctx: AccessContext,
  actor: AccountActor,
  browser: Browser,
  input: { code: string },
): Promise<string[]> {
  await requireEnrolment(ctx, actor)
  const answer = await askAuth<{ token: string }>(
    ctx.auth.api.verifyTOTP({
      body: { code: input.code },
      headers: headersFor(actor, browser),
      asResponse: true,
    }),
  )
  // It is in use now, and signs in nowhere else.
  await takeCode(ctx.store.db, actor.accountId, input.code)
  await bindDevice(ctx, actor)
  await record(ctx, actor, 'account.set_up_totp')
  return answer.cookies
}

/** New recovery codes; the old ones stop working. */
export async function renewRecoveryCodes(
  ctx: AccessContext,
  actor: AccountActor,
  browser: Browser,
  input: { password: string },
): Promise<string[]> {
  await requireEnrolment(ctx, actor)
  const { body } = await askAuth<{ backupCodes: string[] }>(
    ctx.auth.api.generateBackupCodes({
      body: { password: input.password },
      headers: headersFor(actor, browser),
      asResponse: true,
    }),
  )
  await record(ctx, actor, 'account.renew_recovery_codes')
  return body.backupCodes
}

/** What the browser needs to make a passkey. */
export async function beginPasskey(
  ctx: AccessContext,
  actor: AccountActor,
  browser: Browser,
): Promise<AuthAnswer<Record<string, unknown>>> {
  await requireEnrolment(ctx, actor)
  return askAuth(
    ctx.auth.api.generatePasskeyRegistrationOptions({
      headers: headersFor(actor, browser),
      asResponse: true,
    }),
  )
}

/** Keeps a passkey that the browser made. */
export async function addPasskey(
  ctx: AccessContext,
  actor: AccountActor,
  browser: Browser,
  input: { name: string; response: unknown },
): Promise<void> {
  await requireEnrolment(ctx, actor)
  await askAuth(
    ctx.auth.api.verifyPasskeyRegistration({
      body: { response: input.response as never, name: input.name },
      headers: headersFor(actor, browser),
      asResponse: true,
    }),
  )
  await record(ctx, actor, 'account.add_passkey')
}

/** The account's own passkeys. */
export async function listPasskeys(
  ctx: AccessContext,
  actor: AccountActor,
): Promise<{ id: string; name: string | null; createdAt: string | null }[]> {
  return ctx.store.db
    .selectFrom('login_passkey')
    .select(['id', 'name', 'createdAt'])
    .where('userId', '=', actor.accountId)
    .execute()
}

/** Removes one of the account's own passkeys. @throws AppError `not_found` */
export async function removePasskey(ctx: AccessContext, actor: AccountActor, id: string): Promise<void> {
  await requireEnrolment(ctx, actor)
  const { numDeletedRows } = await ctx.store.db
    .deleteFrom('login_passkey')
    .where('id', '=', id)
    .where('userId', '=', actor.accountId)
    .executeTakeFirst()
  if (numDeletedRows === 0n) throw new AppError('not_found', 'There is no such passkey.')
  await record(ctx, actor, 'account.remove_passkey')
}

/** Changes the password and ends all other sessions. */
export async function changePassword(
  ctx: AccessContext,
  actor: AccountActor,
  browser: Browser,
  input: { current: string; next: string },
): Promise<string[]> {
  await requireEnrolment(ctx, actor)
  const { email } = await ctx.store.db
    .selectFrom('account')
    .select('email')
    .where('id', '=', actor.accountId)
    .executeTakeFirstOrThrow()
  await checkPassword(input.next, { email, name: actor.name })
  const { cookies } = await askAuth(
    ctx.auth.api.changePassword({
      body: { currentPassword: input.current, newPassword: input.next, revokeOtherSessions: false },
      headers: headersFor(actor, browser),
      asResponse: true,
    }),
  )
  await ctx.store.db.transaction().execute(async (tx) => {
    const others = await tx
      .deleteFrom('login_session')
      .where('userId', '=', actor.accountId)
      .where('id', '<>', actor.via.id)
      .returning('id')
      .execute()
    for (const { id } of others) await announceCutOff(tx, { kind: 'session', id })
    await appendAuditEvent(tx, actor, ownEvent(actor, 'account.change_password'))
  })
  return cookies
}

/** Setting up codes gives the session a new token; it stays on the same device. */
async function bindDevice(ctx: AccessContext, actor: AccountActor): Promise<void> {
  if (actor.via.kind !== 'session' || actor.via.deviceId === undefined) return
  await ctx.store.db
    .updateTable('login_session')
    .set({ deviceId: actor.via.deviceId })
    .where('userId', '=', actor.accountId)
    .where('deviceId', 'is', null)
    .execute()
}

async function record(ctx: AccessContext, actor: AccountActor, action: string): Promise<void> {
  await recordEvent(ctx.store.db, actor, ownEvent(actor, action))
}

function ownEvent(actor: AccountActor, action: string): AuditEvent {
  return { action, agencyId: actor.agencyId, subject: `account ${actor.accountId}`, details: undefined }
}
