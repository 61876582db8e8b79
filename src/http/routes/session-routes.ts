import { createApiKey, deleteApiKey, listApiKeys } from '../../access/api-keys.ts'
import { endSession, knownDevice, listSessions } from '../../access/devices.ts'
import { acceptInvitation } from '../../access/accept-invitation.ts'
import { showInvitation } from '../../access/invitations.ts'
import { listPracticeAccounts, practiceOf, signInForPractice } from '../../access/practice.ts'
import { waitingRoles } from '../../access/role-requests.ts'
import {
  addPasskey,
  beginPasskey,
  beginTotp,
  changePassword,
  confirmTotp,
  hasSecondFactor,
  listPasskeys,
  removePasskey,
  renewRecoveryCodes,
} from '../../access/second-factors.ts'
import {
  passkeyChallenge,
  signInWithCode,
  signInWithPasskey,
  signInWithPassword,
  signOut,
  type SignInAnswer,
} from '../../access/sign-in.ts'
import { findCase } from '../../cases/case-scope.ts'
import type { sessionEndpoints } from '../../contract/session-endpoints.ts'
import { deviceCookie } from '../entry.ts'
import { eventStream } from '../event-stream.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'

/** Signing in and out, the own account, its second factors and keys. */
export function sessionRoutes(ctx: HttpContext): HandlersOf<typeof sessionEndpoints> {
  const signedIn = (
    { state, cookies, newDeviceToken }: SignInAnswer,
    setCookies: (cookies: readonly string[]) => void,
  ): { state: SignInAnswer['state'] } => {
    const device = newDeviceToken === undefined ? [] : [deviceCookie(newDeviceToken, ctx.publicUrl)]
    setCookies([...cookies, ...device])
    return { state }
  }
  return {
    async showInvitation({ body }) {
      const { agency, ...invitation } = await showInvitation(ctx, body.token)
      return { ...invitation, agency: agency ?? null }
    },
    async acceptInvitation({ visitor, browser, body: { token, password, email, name, code }, setCookies }) {
      const made = await acceptInvitation(ctx, visitor, { token, password, email, name, code })
      // The browser is known from here on: who accepts for two people has used it for both.
      const device = await knownDevice(ctx, visitor, made.accountId, browser)
      if (device.newToken !== undefined) setCookies([deviceCookie(device.newToken, ctx.publicUrl)])
      return { email: made.email }
    },
    async signIn({ visitor, browser, body, setCookies }) {
      return signedIn(await signInWithPassword(ctx, visitor, browser, body), setCookies)
    },
    async signInWithCode({ visitor, browser, body, setCookies }) {
      return signedIn(await signInWithCode(ctx, visitor, browser, body), setCookies)
    },
    async passkeyChallenge({ visitor, browser, setCookies }) {
      const { body, cookies } = await passkeyChallenge(ctx, visitor, browser)
      setCookies(cookies)
      return body
    },
    async signInWithPasskey({ visitor, browser, body, setCookies }) {
      return signedIn(await signInWithPasskey(ctx, visitor, browser, body.response), setCookies)
    },
    async showPractice() {
      const isPractice = (await practiceOf(ctx.store.lookups)) !== undefined
      return { isPractice, accounts: await listPracticeAccounts(ctx.store.lookups) }
    },
    async signInForPractice({ visitor, browser, body, setCookies }) {
      return signedIn(await signInForPractice(ctx, visitor, browser, body), setCookies)
    },
    async showMe({ actor }) {
      const { accountId, name, agencyId, roles, permissions, via } = actor
      const agency =
        agencyId === undefined
          ? undefined
          : await ctx.store.lookups
              .selectFrom('agency')
              .select('name')
              .where('id', '=', agencyId)
              .executeTakeFirst()
      return {
        accountId,
        name,
        agencyId: agencyId ?? null,
        agency: agency?.name ?? null,
        roles: [...roles],
        waitingRoles: (await waitingRoles(ctx.store.lookups, accountId)).map(({ role }) => role),
        permissions: [...permissions],
        assurance: via.kind === 'session' ? via.assurance : 'api_key',
        hasSecondFactor: await hasSecondFactor(ctx, accountId),
        deviceWaits: via.kind === 'session' && !via.isDeviceOpen,
      }
    },
    async signOut({ actor, browser, setCookies }) {
      setCookies(await signOut(ctx, actor, browser.headers))
    },
    listMySessions: async ({ actor }) => listSessions(ctx, actor, { accountId: actor.accountId }),
    endMySession: async ({ actor, params }) => endSession(ctx, actor, params),
    beginTotp: async ({ actor, browser, body }) => beginTotp(ctx, actor, browser, body),
    async confirmTotp({ actor, browser, body, setCookies }) {
      setCookies(await confirmTotp(ctx, actor, browser, body))
    },
    async renewRecoveryCodes({ actor, browser, body }) {
      return { recoveryCodes: await renewRecoveryCodes(ctx, actor, browser, body) }
    },
    async beginPasskey({ actor, browser, setCookies }) {
      const { body, cookies } = await beginPasskey(ctx, actor, browser)
      setCookies(cookies)
      return body
    },
    addPasskey: async ({ actor, browser, body }) => addPasskey(ctx, actor, browser, body),
    listPasskeys: async ({ actor }) => listPasskeys(ctx, actor),
    removePasskey: async ({ actor, params }) => removePasskey(ctx, actor, params.id),
    async changePassword({ actor, browser, body, setCookies }) {
      setCookies(await changePassword(ctx, actor, browser, body))
    },
    async createApiKey({ actor, body: { name, scopes, caseId, days } }) {
      // A case that its maker does not see is not there for a key either.
      if (caseId !== undefined) await findCase(ctx.store.db, actor, caseId)
      return createApiKey(ctx, actor, { name, scopes, caseId, days })
    },
    listApiKeys: async ({ actor }) => listApiKeys(ctx, actor),
    deleteApiKey: async ({ actor, params }) => deleteApiKey(ctx, actor, params.id),
    streamEvents: async ({ actor, signal }) => eventStream(ctx, actor, signal),
  }
}
