import process from 'node:process'
import { randomBytes } from 'node:crypto'
import { apiKey } from '@better-auth/api-key'
import { passkey } from '@better-auth/passkey'
import { betterAuth } from 'better-auth'
import { APIError } from 'better-auth/api'
import { twoFactor } from 'better-auth/plugins/two-factor'
import type { Permission } from '../contract/roles.ts'
import { newId } from '../store/ids.ts'
import type { Db } from '../store/database/db.ts'
import type { Assurance } from '../store/tables/login-tables.ts'
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from './passwords.ts'

/** A session that is not used for this long ends. */
const IDLE_SECONDS = 30 * 60
/** A session in use has its end moved on no more often than this: each move is a write. */
const TOUCH_SECONDS = 60
const KEY_PREFIX = 'lk_'
/** By which we tell better-auth where a request comes from; never taken from a request. */
export const ADDRESS_HEADER = 'x-likeness-address'

export type Authentication = Awaited<ReturnType<typeof openAuthentication>>

/** What an API key says of itself, kept by better-auth as the key's metadata. */
export interface KeyFacts {
  scopes: Permission[]
  caseId: string | undefined
}

/**
 * better-auth on the record's database: passwords (scrypt), TOTP, recovery codes, passkeys, sessions, API keys.
 *
 * [Note: better-auth] Its own HTTP routes are not mounted: our routes call its functions one by one, so that each has a
 * permission, a contract and an audit event, and none is open that nobody thought of. Its cookie cache is off: every
 * request reads session and account from the database, which is what makes a cut-off immediate. Nobody signs up; logins
 * are made by accepting an invitation (invitations.ts).
 * @param publicUrl address that browsers use; passkeys are bound to its host
 */
export async function openAuthentication(db: Db, publicUrl: URL) {
  const secret = await instanceSecret(db)
  const isSecure = publicUrl.protocol === 'https:'
  // These outweigh `enabled: false`: a caller's environment could make it send.
  for (const name of ['BETTER_AUTH_TELEMETRY', 'BETTER_AUTH_TELEMETRY_ENDPOINT'])
    Reflect.deleteProperty(process.env, name)
  return betterAuth({
    appName: 'Likeness',
    baseURL: publicUrl.origin,
    secret,
    database: { db, type: 'sqlite' },
    telemetry: { enabled: false },
    logger: { disabled: true },
    rateLimit: { enabled: false },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: SHORTEST_PASSWORD,
      maxPasswordLength: LONGEST_PASSWORD,
      revokeSessionsOnPasswordReset: true,
    },
    user: { modelName: 'login' },
    account: { modelName: 'login_credential' },
    verification: { modelName: 'login_verification' },
    session: {
      modelName: 'login_session',
      expiresIn: IDLE_SECONDS,
      updateAge: TOUCH_SECONDS,
      cookieCache: { enabled: false },
      additionalFields: {
        assurance: { type: 'string', input: false, returned: true },
        deviceId: { type: 'string', input: false, required: false, returned: true },
      },
    },
    databaseHooks: {
      session: {
        create: {
          before: async (session, context) => ({
            data: { ...session, assurance: assuranceOf(context?.path) },
          }),
        },
      },
    },
    advanced: {
      // `__Host-`: from this host alone, over HTTPS. Its own switch would say `__Secure-`, which neighbours may set too.
      cookiePrefix: isSecure ? '__Host-likeness' : 'likeness',
      useSecureCookies: false,
      defaultCookieAttributes: { sameSite: 'strict', httpOnly: true, path: '/', secure: isSecure },
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
      database: { generateId: () => newId() },
    },
    plugins: [
      twoFactor({ issuer: 'Likeness', twoFactorTable: 'login_two_factor' }),
      passkey({
        rpID: publicUrl.hostname,
        rpName: 'Likeness',
        origin: publicUrl.origin,
        authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
        schema: { passkey: { modelName: 'login_passkey' } },
        authentication: {
          // A passkey stands for two factors only when the device has checked who holds it; the plugin leaves that open.
          afterVerification: async ({ verification }) => {
            if (!verification.authenticationInfo.userVerified) throw new APIError('UNAUTHORIZED')
          },
        },
      }),
      apiKey({
        schema: { apikey: { modelName: 'login_api_key' } },
        defaultPrefix: KEY_PREFIX,
        enableMetadata: true,
        rateLimit: { enabled: false },
        startingCharactersConfig: { shouldStore: true, charactersLength: KEY_PREFIX.length + 4 },
      }),
    ],
  })
}

/** How a session came about, from the step that made it. */
function assuranceOf(path: string | undefined): Assurance {
  if (path?.startsWith('/passkey/') === true) return 'passkey'
  return path?.startsWith('/two-factor/') === true ? 'totp' : 'password'
}

/** Signs cookies and seals TOTP secrets; made once, kept in the record, the same for every process. */
async function instanceSecret(db: Db): Promise<string> {
  const key = 'sign_in_secret'
  await db
    .insertInto('setting')
    .values({ key, value: randomBytes(32).toString('base64url') })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
  return (await db.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirstOrThrow())
    .value
}
