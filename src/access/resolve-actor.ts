import { defaultKeyHasher } from '@better-auth/api-key'
import { permissionsOf, type Permission } from '../contract/roles.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'
import type { Store } from '../store/store.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { Assurance } from '../store/tables/login-tables.ts'
import type { AccountActor } from '../actor/actor.ts'
import type { KeyFacts } from './authentication.ts'
import { isDeviceOpen } from './device-approvals.ts'
import type { SignInContext } from './sign-in-context.ts'
import { isSuspended, type SuspensionTarget } from './suspensions.ts'

/** A session ends this long after sign-in, in use or not. */
export const ABSOLUTE_SESSION_MS = 12 * 60 * 60 * 1000
/** When a key was last used is written down no more often than this: each time is a write. */
const TOUCH_KEY_MS = 60_000
const NEVER = '9999-12-31T00:00:00.000Z'

export interface Credentials {
  /** Headers with the session's cookie. */
  headers: Headers
  /** The key of `Authorization: Bearer`, else undefined. */
  apiKey: string | undefined
  requestId: string
  address: string
}

/**
 * Who a request comes from, read from the database each time; see [Note: better-auth].
 * @returns undefined when nobody is signed in; with `cookies` to be sent when the session's end moved on
 * @throws AppError `signed_out` for an expired or unknown session or key, `cut_off` for a suspended one
 */
export async function resolveActor(
  { auth, store }: SignInContext,
  credentials: Credentials,
): Promise<{ actor: AccountActor; cookies: string[] } | undefined> {
  const { requestId, address } = credentials
  const { lookups } = store
  if (credentials.apiKey !== undefined) {
    const key = await verifiedKey(store, credentials.apiKey)
    const { roles, ...account } = await liveAccount(lookups, key.accountId, [{ kind: 'api_key', id: key.id }])
    const allowed = permissionsOf(roles).filter((permission) => key.facts.scopes.includes(permission))
    const via = { kind: 'api_key' as const, id: key.id, caseId: key.facts.caseId }
    const permissions = new Set<Permission>(allowed)
    return {
      actor: { kind: 'account', ...account, roles, permissions, via, requestId, address },
      cookies: [],
    }
  }
  if (!credentials.headers.has('cookie')) return undefined
  const { response, headers } = await auth.api.getSession({
    headers: credentials.headers,
    returnHeaders: true,
  })
  if (response === null) return undefined
  const { session } = response
  const { id, userId, createdAt, deviceId } = session
  if (Date.now() - new Date(createdAt).getTime() > ABSOLUTE_SESSION_MS) throw signedOut()
  const { roles, ...account } = await liveAccount(lookups, userId, [
    { kind: 'session', id },
    ...(deviceId ? [{ kind: 'device' as const, id: deviceId }] : []),
  ])
  const assurance = session.assurance as Assurance
  const isOpen = await isDeviceOpen(lookups, account.agencyId, deviceId ?? undefined)
  const via = {
    kind: 'session' as const,
    id,
    deviceId: deviceId ?? undefined,
    assurance,
    isDeviceOpen: isOpen,
  }
  const permissions = new Set<Permission>(assurance === 'password' || !isOpen ? [] : permissionsOf(roles))
  return {
    actor: { kind: 'account', ...account, roles, permissions, via, requestId, address },
    cookies: headers.getSetCookie(),
  }
}

/** The account behind something that goes on without a request, with what it may do now. @throws AppError `cut_off` */
export async function accountActor(
  lookups: Db,
  accountId: string,
  how: Pick<AccountActor, 'via' | 'requestId' | 'address'>,
): Promise<AccountActor> {
  const { roles, ...account } = await liveAccount(lookups, accountId, [])
  return { kind: 'account', ...account, roles, permissions: new Set(permissionsOf(roles)), ...how }
}

/** Whether what an actor came in with would let them in again now; for work that goes on after its request began. */
export async function hasAccessStill(
  lookups: Db,
  { accountId, agencyId, via }: AccountActor,
): Promise<boolean> {
  const means: SuspensionTarget[] = []
  if (via.kind === 'api_key' && !(await isKeyLive(lookups, via.id))) return false
  if (via.kind === 'session' && !(await isSessionLive(lookups, via.id))) return false
  if (via.kind !== 'job') means.push({ kind: via.kind, id: via.id })
  if (via.kind === 'session') {
    if (via.isDeviceOpen && !(await isDeviceOpen(lookups, agencyId, via.deviceId))) return false
    if (via.deviceId !== undefined) means.push({ kind: 'device', id: via.deviceId })
  }
  try {
    await liveAccount(lookups, accountId, means)
    return true
  } catch (error) {
    if (error instanceof AppError && (error.code === 'cut_off' || error.code === 'signed_out')) return false
    throw error
  }
}

async function isSessionLive(lookups: Db, id: string): Promise<boolean> {
  const row = await lookups
    .selectFrom('login_session')
    .select(['createdAt', 'expiresAt'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return false
  const now = Date.now()
  return Date.parse(row.expiresAt) > now && now - Date.parse(row.createdAt) <= ABSOLUTE_SESSION_MS
}

async function isKeyLive(lookups: Db, id: string): Promise<boolean> {
  const row = await lookups
    .selectFrom('login_api_key')
    .select(['enabled', 'expiresAt'])
    .where('id', '=', id)
    .executeTakeFirst()
  return row !== undefined && row.enabled !== 0 && Date.parse(row.expiresAt ?? NEVER) > Date.now()
}

function signedOut(): AppError {
  return new AppError('signed_out', 'Your session has ended. Sign in again.')
}

/**
 * Looks the key up by its hash. better-auth's own check would write to the record twice with every request, and wait for
 * this process's transactions; this one writes once a minute at most.
 */
async function verifiedKey(
  { db, lookups }: Pick<Store, 'db' | 'lookups'>,
  key: string,
): Promise<{ id: string; accountId: string; facts: KeyFacts }> {
  const row = await lookups
    .selectFrom('login_api_key')
    .selectAll()
    .where('key', '=', await defaultKeyHasher(key))
    .executeTakeFirst()
  const now = Date.now()
  const expired = Date.parse(row?.expiresAt ?? NEVER) <= now
  if (row === undefined || row.enabled === 0 || expired)
    throw new AppError('signed_out', 'This API key is unknown or has expired.')
  if (row.lastRequest === null || now - Date.parse(row.lastRequest) > TOUCH_KEY_MS) {
    const lastRequest = new Date(now).toISOString()
    await db.updateTable('login_api_key').set({ lastRequest }).where('id', '=', row.id).execute()
  }
  return { id: row.id, accountId: row.referenceId, facts: JSON.parse(row.metadata!) as KeyFacts }
}

/** The account with its agency and roles. @throws AppError `cut_off` when it, its agency or the means of access is suspended */
async function liveAccount(
  lookups: Db,
  id: string,
  means: readonly SuspensionTarget[],
): Promise<Pick<AccountActor, 'name' | 'accountId' | 'agencyId' | 'roles'>> {
  const row = await lookups.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw signedOut()
  const account = checkedRow('account', row, id)
  const agencyId = account.agency_id ?? undefined
  const targets: SuspensionTarget[] = [...means, { kind: 'account', id }]
  if (agencyId !== undefined) targets.push({ kind: 'agency', id: agencyId })
  if (await isSuspended(lookups, targets)) {
    throw new AppError('cut_off', 'Your access has been suspended. Ask an administrator of your agency.')
  }
  const memberships = await lookups
    .selectFrom('membership')
    .selectAll()
    .where('account_id', '=', id)
    .execute()
  const roles = memberships.map((membership) => checkedRow('membership', membership, membership.id).role)
  return { name: account.name, accountId: id, agencyId, roles }
}
