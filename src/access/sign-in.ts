import type { Browser } from './devices.ts'
import { recordEvent } from '../audit/append-event.ts'
import { AppError } from '../errors.ts'
import type { AccountActor, Visitor } from '../actor/actor.ts'
import { askAuth, type AuthAnswer } from './ask-auth.ts'
import { ADDRESS_HEADER } from './authentication.ts'
import { knownDevice } from './devices.ts'
import { claimAttempt, forgetAttempts } from './lock-out.ts'
import { LONGEST_PASSWORD } from './passwords.ts'
import type { AccessContext } from './service-context.ts'
import { announceCutOff, isSuspended } from './suspensions.ts'
import { takeCode } from './used-codes.ts'

export interface SignInAnswer {
  /** `second_factor`: a code from the app, a recovery code or a passkey comes next. */
  state: 'signed_in' | 'second_factor'
  cookies: string[]
  /** Token for the device's cookie, when it is a new device. */
  newDeviceToken: string | undefined
}

/**
 * First step: e-mail and password. Unknown address and wrong password get the same answer after the same work: for an
 * unknown one better-auth computes a hash too.
 * @throws AppError `sign_in_refused`, `too_many_requests` while locked, `cut_off` for a right password of a suspended account
 */
export async function signInWithPassword(
  ctx: AccessContext,
  visitor: Visitor,
  browser: Browser,
  input: { email: string; password: string },
): Promise<SignInAnswer> {
  const { db } = ctx.store
  const email = input.email.trim().toLowerCase()
  const door = { email, deviceToken: browser.deviceToken }
  await claimAttempt(db, door)
  const account = await db
    .selectFrom('account')
    .select(['id', 'agency_id'])
    .where('email', '=', email)
    .executeTakeFirst()
  const headers = headersFor(visitor, browser)
  let answer: AuthAnswer<{ twoFactorRedirect: true } | { twoFactorRedirect?: undefined; token: string }>
  try {
    const password = input.password.slice(0, LONGEST_PASSWORD + 1)
    answer = await askAuth(ctx.auth.api.signInEmail({ body: { email, password }, headers, asResponse: true }))
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'sign_in_refused') throw error
    await ctx.refusals.record(visitor, {
      action: 'session.sign_in',
      agencyId: account?.agency_id ?? undefined,
      subject: account === undefined ? undefined : `account ${account.id}`,
      details: { step: 'password' },
    })
    throw new AppError('sign_in_refused', 'E-mail address or password is not right.')
  }
  await forgetAttempts(db, door)
  if (account === undefined) throw new AppError('sign_in_refused', 'E-mail address or password is not right.')
  if (answer.body.twoFactorRedirect === true) {
    return { state: 'second_factor', cookies: answer.cookies, newDeviceToken: undefined }
  }
  return completeSignIn(ctx, visitor, browser, answer.body.token, answer.cookies)
}

/** Second step: a code from the app, or one of the recovery codes, each of which works once. */
export async function signInWithCode(
  ctx: AccessContext,
  visitor: Visitor,
  browser: Browser,
  input: { code: string } | { recoveryCode: string },
): Promise<SignInAnswer> {
  const headers = headersFor(visitor, browser)
  const { api } = ctx.auth
  const answer = await askAuth<{ token: string }>(
    'code' in input
      ? api.verifyTOTP({ body: { code: input.code }, headers, asResponse: true })
      : api.verifyBackupCode({ body: { code: input.recoveryCode }, headers, asResponse: true }),
  ).catch(async (error: unknown) =>
    refusedStep(ctx, visitor, 'code' in input ? 'totp' : 'recovery_code', error),
  )
  if ('code' in input) await refuseUsedCode(ctx, visitor, answer.body.token, input.code)
  return completeSignIn(ctx, visitor, browser, answer.body.token, answer.cookies)
}

/** What the browser asks its authenticator for. */
export async function passkeyChallenge(
  ctx: AccessContext,
  visitor: Visitor,
  browser: Browser,
): Promise<AuthAnswer<Record<string, unknown>>> {
  const headers = headersFor(visitor, browser)
  return askAuth(ctx.auth.api.generatePasskeyAuthenticationOptions({ headers, asResponse: true }))
}

/** Signs in with a passkey, which stands for both factors. */
export async function signInWithPasskey(
  ctx: AccessContext,
  visitor: Visitor,
  browser: Browser,
  response: unknown,
): Promise<SignInAnswer> {
  const headers = headersFor(visitor, browser)
  const answer = await askAuth<{ session: { token: string } }>(
    ctx.auth.api.verifyPasskeyAuthentication({
      body: { response: response as never },
      headers,
      asResponse: true,
    }),
  ).catch(async (error: unknown) => refusedStep(ctx, visitor, 'passkey', error))
  return completeSignIn(ctx, visitor, browser, answer.body.session.token, answer.cookies)
}

/** Ends the session that asks. */
export async function signOut(ctx: AccessContext, actor: AccountActor, headers: Headers): Promise<string[]> {
  const { cookies } = await askAuth(ctx.auth.api.signOut({ headers, asResponse: true }))
  await ctx.store.db.transaction().execute((tx) => announceCutOff(tx, { kind: 'session', id: actor.via.id }))
  await recordEvent(ctx.store.db, actor, {
    action: 'session.sign_out',
    agencyId: actor.agencyId,
    subject: `session ${actor.via.id}`,
    details: undefined,
  })
  return cookies
}

/** Headers for better-auth: the browser's cookies and what we know ourselves. */
export function headersFor(visitor: { address: string }, browser: Browser): Headers {
  const headers = new Headers({ 'user-agent': browser.userAgent, [ADDRESS_HEADER]: visitor.address })
  const cookie = browser.headers.get('cookie')
  if (cookie !== null) headers.set('cookie', cookie)
  return headers
}

async function refusedStep(
  ctx: AccessContext,
  visitor: Visitor,
  step: string,
  error: unknown,
): Promise<never> {
  await ctx.refusals.record(visitor, {
    action: 'session.sign_in',
    agencyId: undefined,
    subject: undefined,
    details: { step },
  })
  throw error
}

/** Nobody has been told of the session yet that better-auth made for the code. */
async function refuseUsedCode(
  ctx: AccessContext,
  visitor: Visitor,
  token: string,
  code: string,
): Promise<void> {
  const { db } = ctx.store
  const { id, userId } = await db
    .selectFrom('login_session')
    .select(['id', 'userId'])
    .where('token', '=', token)
    .executeTakeFirstOrThrow()
  if (await takeCode(db, userId, code)) return
  await db.deleteFrom('login_session').where('id', '=', id).execute()
  const used = 'This code has been used already. Start again with your password and the next code.'
  await refusedStep(ctx, visitor, 'used_totp', new AppError('sign_in_refused', used))
}

/** After the last step: refuses the suspended, binds the session to the device, writes the event. */
async function completeSignIn(
  ctx: AccessContext,
  visitor: Visitor,
  browser: Browser,
  token: string,
  cookies: string[],
): Promise<SignInAnswer> {
  const { db } = ctx.store
  const session = await db
    .selectFrom('login_session')
    .select(['id', 'userId', 'assurance'])
    .where('token', '=', token)
    .executeTakeFirstOrThrow()
  const accountId = session.userId
  const end = () => db.deleteFrom('login_session').where('id', '=', session.id).execute()
  const device = await knownDevice(ctx, visitor, accountId, browser).catch(async (error: unknown) => {
    await end()
    throw error
  })
  const account = await db
    .selectFrom('account')
    .select('agency_id')
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow()
  const agencyId = account.agency_id ?? undefined
  const suspended = await isSuspended(db, [
    { kind: 'account', id: accountId },
    { kind: 'device', id: device.id },
    ...(agencyId === undefined ? [] : [{ kind: 'agency' as const, id: agencyId }]),
  ])
  if (suspended) await end()
  else
    await db.updateTable('login_session').set({ deviceId: device.id }).where('id', '=', session.id).execute()
  const event = {
    action: 'session.sign_in',
    agencyId,
    subject: `account ${accountId}`,
    details: { assurance: session.assurance, device: device.id },
  }
  if (!suspended) await recordEvent(db, visitor, event)
  else {
    await ctx.refusals.record(visitor, event)
    throw new AppError('cut_off', 'Your access has been suspended. Ask an administrator of your agency.')
  }
  return { state: 'signed_in', cookies, newDeviceToken: device.newToken }
}
