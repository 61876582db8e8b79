import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cookieHeader } from '../../scripts/browser-fetch.ts'
import {
  newAccount,
  newAgency,
  newClient,
  PASSWORD,
  setUp,
  staffOf,
  signIn,
  startTestService,
  type TestAccount,
  type TestClient,
  type TestService,
} from '../../test/support/test-service.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { API_PREFIX, endpoints } from '../contract/endpoints.ts'
import { PERMISSIONS, ROLES, type Role } from '../contract/roles.ts'

/**
 * Every route x everybody who could call it, made from the contract: whoever lacks the declared access gets 401 or 403 and
 * nothing happens; whoever has it gets past that gate (to 2xx, or to what is wrong with the made-up parameters).
 */
const table = Object.entries(endpoints) as [string, Endpoint][]
const guarded = table.filter(([, { access }]) => access !== 'public')
const NO_ID = '00000000-0000-7000-8000-000000000000'

let service: TestService
let operator: TestAccount
let agencyId: string
const byRole = new Map<Role, TestAccount>()

/** Calls a route with made-up parameters. Streams are only begun. */
async function status(
  client: TestClient,
  { method, path, photoBody }: Endpoint,
  {
    key,
    id = NO_ID,
    body = '{}',
    query = '',
  }: { key?: string; id?: string; body?: string; query?: string } = {},
): Promise<number> {
  const headers: Record<string, string> = { origin: 'http://likeness.test' }
  if (client.cookies.size > 0) {
    headers['cookie'] = cookieHeader(client.cookies)
  }
  if (key !== undefined) headers['authorization'] = `Bearer ${key}`
  const hasBody = method === 'POST' || method === 'PUT'
  if (hasBody) headers['content-type'] = photoBody === true ? 'application/octet-stream' : 'application/json'
  const end = new AbortController()
  const response = await fetch(
    `${service.address}${API_PREFIX}${path.replaceAll(/:(rank|\w+)/g, (_, name) => (name === 'rank' ? '1' : id))}${query}`,
    {
      method,
      headers,
      signal: end.signal,
      ...(hasBody ? { body } : {}),
    },
  )
  end.abort()
  return response.status
}

/** Whether one call could spoil the account for the next ones. */
function endsSession(name: string): boolean {
  return name === 'signOut'
}

beforeAll(async () => {
  service = await startTestService()
  operator = await setUp(service)
  agencyId = await newAgency(operator, 'Agency')
  byRole.set('operator', operator)
  for (const role of ROLES) {
    if (role !== 'operator') byRole.set(role, await newAccount(operator, agencyId, `The ${role}`, [role]))
  }
}, 120_000)
afterAll(() => service.remove())

describe('every route', () => {
  test('signed out: 401, unless it is public', async () => {
    for (const [name, endpoint] of table) {
      const answer = await status(newClient(service.address), endpoint)
      expect(endpoint.access === 'public' ? [200, 400] : [401], name).toContain(answer)
    }
  })

  test.each(ROLES.map((role) => [role]))('as %s: just what the table of permissions says', async (role) => {
    const { client } = byRole.get(role)!
    for (const [name, endpoint] of table) {
      if (endpoint.access === 'public' || endsSession(name)) continue
      const allowed =
        endpoint.access === 'password' ||
        endpoint.access === 'signed_in' ||
        (PERMISSIONS[endpoint.access] as readonly Role[]).includes(role)
      const answer = await status(client, endpoint)
      expect(allowed ? [200, 400, 404] : [403], `${name} as ${role}`).toContain(answer)
    }
  })

  test('with a password and no second factor: the own account only', async () => {
    const body = { email: 'half@agency.example', name: 'Half', roles: ['supervisor' as const] }
    const { first, second } = await staffOf(operator, agencyId)
    const { id, link } = await first.client.call('invite', { body })
    const { code } = await second.client.call('giveInvitationCode', { params: { id }, body: {} })
    const client = newClient(service.address)
    await client.call('acceptInvitation', {
      body: { token: new URL(link!).hash.slice(1), password: PASSWORD, code },
    })
    for (const request of await second.client.call('listRoleRequests', {}))
      await second.client.call('confirmRole', { params: { id: request.id }, body: {} })
    await client.call('signIn', { body: { email: body.email, password: PASSWORD } })
    for (const [name, endpoint] of table) {
      if (endpoint.access === 'public' || endpoint.access === 'password') continue
      expect(await status(client, endpoint), name).toBe(403)
    }
  })

  test('with an API key: nothing outside its scopes', async () => {
    const supervisor = byRole.get('supervisor')!
    const { key } = await supervisor.client.call('createApiKey', {
      body: { name: 'one scope', scopes: ['statistics.read'], days: 1 },
    })
    for (const [name, endpoint] of table) {
      const open = ['public', 'password', 'signed_in', 'statistics.read']
      if (open.includes(endpoint.access)) continue
      expect(await status(newClient(service.address), endpoint, { key }), name).toBe(403)
    }
    const made = await status(newClient(service.address), endpoints.listCases, { key: 'lk_no_such_key' })
    expect(made).toBe(401)
  })

  test('expired: 401', async () => {
    const client = await signIn(service.address, byRole.get('examiner')!)
    const { db } = service.ctx.store
    const session = (await client.call('listMySessions', {})).find((row) => row.current)!
    const tooOld = new Date(Date.now() - 13 * 60 * 60 * 1000).toISOString()
    await db.updateTable('login_session').set({ createdAt: tooOld }).where('id', '=', session.id).execute()
    for (const [name, endpoint] of guarded) {
      expect(await status(client, endpoint), name).toBe(401)
    }
    const idle = await signIn(service.address, byRole.get('examiner')!)
    const current = (await idle.call('listMySessions', {})).find((row) => row.current)!
    const past = new Date(Date.now() - 1000).toISOString()
    await db.updateTable('login_session').set({ expiresAt: past }).where('id', '=', current.id).execute()
    expect(await status(idle, endpoints.showMe)).toBe(401)
  })

  test('suspended, account or agency: 401, and again after it is lifted until a new sign-in', async () => {
    const { client, accountId } = await newAccount(operator, agencyId, 'Soon Suspended', ['examiner'])
    for (const target of [
      { kind: 'account' as const, targetId: accountId },
      { kind: 'agency' as const, targetId: agencyId },
    ]) {
      const { id } = await operator.client.call('suspend', { body: { ...target, reason: 'test' } })
      for (const [name, endpoint] of guarded) {
        expect(await status(client, endpoint), name).toBe(401)
      }
      await operator.client.call('liftSuspension', { params: { id }, body: { reason: 'test over' } })
      expect(await status(client, endpoints.showMe)).toBe(401)
    }
  })
})
