import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { PERMISSIONS, type Permission } from './roles.ts'
import { email, id, idParams, line, password, role, time, token } from './values.ts'

const tag = 'Signing in'
const code = z.string().regex(/^\d{6}$/)
const permission = z.enum(Object.keys(PERMISSIONS) as [Permission, ...Permission[]])
/** What WebAuthn's JSON forms are is the browser's affair; better-auth checks them. */
const webAuthn = z.record(z.string(), z.unknown())

const signInReply = z.object({
  state: z.enum(['signed_in', 'second_factor']).describe('second_factor: a code or a passkey comes next'),
})

const me = z
  .object({
    accountId: id,
    name: z.string(),
    agencyId: id.nullable(),
    agency: z.string().nullable(),
    roles: z.array(role),
    waitingRoles: z.array(role).describe('Not confirmed by a second person yet'),
    permissions: z.array(permission),
    assurance: z.enum(['password', 'totp', 'passkey', 'practice', 'api_key']),
    hasSecondFactor: z.boolean(),
    deviceWaits: z
      .boolean()
      .describe('This device is new to the account, and nothing else can be done until it is approved'),
  })
  .meta({ id: 'Me' })

const apiKey = z.object({
  id,
  name: z.string().nullable(),
  start: z.string().nullable().describe('First characters, to tell keys apart'),
  scopes: z.array(permission),
  caseId: id.optional(),
  createdAt: time,
  lastUsedAt: time.nullable(),
  expiresAt: time.nullable(),
})

/** Signing in and out, the own account, its second factors and keys. */
export const sessionEndpoints = defineEndpoints({
  showInvitation: {
    method: 'POST',
    path: '/invitations/show',
    access: 'public',
    tag,
    summary: 'What an invitation link is for',
    body: z.object({ token }),
    reply: z.object({
      email: z.string(),
      name: z.string(),
      agency: z.string().nullable(),
      roles: z.array(role),
      needsCode: z.boolean(),
    }),
  },
  acceptInvitation: {
    method: 'POST',
    path: '/invitations/accept',
    access: 'public',
    tag,
    summary: 'Accept an invitation or set up the instance: makes the account and chooses its password',
    body: z.object({
      token,
      password,
      email: email.optional().describe('Only for the set-up link'),
      name: line.optional().describe('Only for the set-up link'),
      code: z.string().min(1).max(50).optional().describe('That a second person gave, where it is needed'),
    }),
    reply: z.object({ email: z.string() }),
    status: 201,
  },
  signIn: {
    method: 'POST',
    path: '/session',
    access: 'public',
    tag,
    summary: 'Sign in with e-mail and password',
    body: z.object({ email, password }),
    reply: signInReply,
  },
  signInWithCode: {
    method: 'POST',
    path: '/session/second-factor',
    access: 'public',
    tag,
    summary: 'Second step: a code from the app, or a recovery code, which works once',
    body: z.union([z.object({ code }), z.object({ recoveryCode: z.string().min(1).max(50) })]),
    reply: signInReply,
  },
  passkeyChallenge: {
    method: 'POST',
    path: '/session/passkey/challenge',
    access: 'public',
    tag,
    summary: 'What the browser asks its passkey for',
    reply: webAuthn,
  },
  signInWithPasskey: {
    method: 'POST',
    path: '/session/passkey',
    access: 'public',
    tag,
    summary: 'Sign in with a passkey, which stands for both factors',
    body: z.object({ response: webAuthn }),
    reply: signInReply,
  },
  showPractice: {
    method: 'GET',
    path: '/practice',
    access: 'public',
    tag,
    summary: 'Whether this is a practice instance, and whom one can sign in as there with one click',
    reply: z.object({
      isPractice: z.boolean(),
      accounts: z.array(
        z.object({ accountId: id, name: z.string(), agency: z.string().nullable(), roles: z.array(role) }),
      ),
    }),
  },
  signInForPractice: {
    method: 'POST',
    path: '/practice/session',
    access: 'public',
    tag,
    summary: 'Sign in as an account of a practice instance; of any other nothing is found',
    body: z.object({ accountId: id }),
    reply: signInReply,
  },
  showMe: {
    method: 'GET',
    path: '/session',
    access: 'password',
    boundKeys: true,
    tag,
    summary: 'Who is signed in, and what they may do',
    reply: me,
  },
  signOut: { method: 'DELETE', path: '/session', access: 'password', tag, summary: 'Sign out' },
  listMySessions: {
    method: 'GET',
    path: '/sessions',
    access: 'signed_in',
    tag,
    summary: 'Own sessions, with device and place of last use',
    reply: z.array(
      z.object({
        id: z.string(),
        deviceId: id.nullable(),
        device: z.string(),
        signedInAt: time,
        lastUsedAt: time,
        endsAt: time,
        address: z.string().nullable(),
        current: z.boolean(),
      }),
    ),
  },
  endMySession: {
    method: 'DELETE',
    path: '/sessions/:id',
    access: 'signed_in',
    tag,
    summary: 'End one of the own sessions',
    params: idParams,
  },
  beginTotp: {
    method: 'POST',
    path: '/second-factors/totp',
    access: 'password',
    tag,
    summary: 'Start setting up codes from an app; recovery codes are shown this once',
    body: z.object({ password }),
    reply: z.object({
      uri: z.string().describe('otpauth: address for a QR code'),
      recoveryCodes: z.array(z.string()),
    }),
  },
  confirmTotp: {
    method: 'POST',
    path: '/second-factors/totp/confirm',
    access: 'password',
    tag,
    summary: 'Confirm with a first code',
    body: z.object({ code }),
  },
  renewRecoveryCodes: {
    method: 'POST',
    path: '/second-factors/recovery-codes',
    access: 'signed_in',
    tag,
    summary: 'New recovery codes; the old ones stop working',
    body: z.object({ password }),
    reply: z.object({ recoveryCodes: z.array(z.string()) }),
  },
  beginPasskey: {
    method: 'POST',
    path: '/passkeys/challenge',
    access: 'password',
    tag,
    summary: 'What the browser needs to make a passkey',
    reply: webAuthn,
  },
  addPasskey: {
    method: 'POST',
    path: '/passkeys',
    access: 'password',
    tag,
    summary: 'Keep a passkey that the browser made',
    body: z.object({ name: line, response: webAuthn }),
  },
  listPasskeys: {
    method: 'GET',
    path: '/passkeys',
    access: 'signed_in',
    tag,
    summary: 'Own passkeys',
    reply: z.array(z.object({ id, name: z.string().nullable(), createdAt: time.nullable() })),
  },
  removePasskey: {
    method: 'DELETE',
    path: '/passkeys/:id',
    access: 'signed_in',
    tag,
    summary: 'Remove one of the own passkeys',
    params: idParams,
  },
  changePassword: {
    method: 'PUT',
    path: '/password',
    access: 'signed_in',
    tag,
    summary: 'Change the own password; all other sessions end',
    body: z.object({ current: password, next: password }),
  },
  createApiKey: {
    method: 'POST',
    path: '/api-keys',
    access: 'signed_in',
    tag,
    summary: 'Make a key for a program that acts for the account; shown this once',
    body: z.object({
      name: line.max(32),
      scopes: z.array(permission).min(1),
      caseId: id.optional().describe('The one case that the key may work in'),
      days: z.int().min(1).max(365),
    }),
    reply: apiKey.extend({ key: z.string() }),
    status: 201,
  },
  listApiKeys: {
    method: 'GET',
    path: '/api-keys',
    access: 'signed_in',
    tag,
    summary: 'Own API keys',
    reply: z.array(apiKey),
  },
  deleteApiKey: {
    method: 'DELETE',
    path: '/api-keys/:id',
    access: 'signed_in',
    tag,
    summary: 'End one of the own API keys',
    params: idParams,
  },
  streamEvents: {
    method: 'GET',
    path: '/events',
    access: 'signed_in',
    tag,
    summary:
      'Server-sent events of the own account: `imports` and `jobs` with those that have not ended, for curators; `cut_off` when access ends, `sees_less` when something is open no longer: open it again',
    stream: 'text/event-stream',
  },
})
