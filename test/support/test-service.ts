import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pino from 'pino'
import { browserFetch, type Cookies } from '../../scripts/browser-fetch.ts'
import { readServiceConfig } from '../../src/config.ts'
import { openContext, type OpenContext } from '../../src/open-context.ts'
import { ApiClient } from '../../src/contract/client/api-client.ts'
import type { Role } from '../../src/contract/roles.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { startService, type Service } from '../../src/http/start-service.ts'
import { makeNewRecord } from './new-record.ts'
import { freshTotpCode } from './totp.ts'

export const PUBLIC_URL = 'http://likeness.test'
export const PASSWORD = 'a long enough sentence'

/** A client with the cookies that a browser would keep. */
export interface TestClient extends ApiClient {
  cookies: Cookies
  readonly server: string
}

/** A browser at the address where the service listens, that believes itself at its public URL: `localhost`, or the made-up one. */
export function newClient(server: string, apiKey?: string): TestClient {
  const origin = new URL(server).hostname === 'localhost' ? server : PUBLIC_URL
  const { fetch, cookies } = browserFetch(origin)
  const client = new ApiClient({ server, fetch, ...(apiKey === undefined ? {} : { apiKey }) })
  return Object.assign(client, { cookies, server })
}

export interface TestService extends Service {
  readonly ctx: OpenContext
  readonly dataFolder: string
  /** Stops it and removes its folder. */
  remove(): Promise<void>
}

/** The real service in this process, on a new folder and a free port. @param settings beside those that tests share */
export async function startTestService(settings: Record<string, unknown> = {}): Promise<TestService> {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'likeness-service-')), 'data')
  await makeNewRecord(folder)
  const ctx = await openContext({
    dataFolder: folder,
    operatorKey: undefined,
    createEngine: async () => createEngine({ workers: 1 }),
    inThreads: true,
  })
  const config = readServiceConfig({ port: 0, publicUrl: PUBLIC_URL, logLevel: 'silent', ...settings }, {})
  const service = await startService(ctx, config, pino({ level: 'silent' }))
  return {
    ...service,
    ctx,
    dataFolder: folder,
    async remove() {
      await service.stop()
      await ctx.close()
      rmSync(path.dirname(folder), { recursive: true, force: true })
    },
  }
}

export interface TestAccount {
  client: TestClient
  accountId: string
  email: string
  /** Base32. */
  totpSecret: string
  recoveryCodes: string[]
}

/** Follows a set-up or invitation link to the end: password, sign-in, codes from an app. */
export async function join(
  server: string,
  link: string,
  who: { email: string; name: string; code?: string },
): Promise<TestAccount> {
  const client = newClient(server)
  const token = new URL(link).hash.slice(1)
  const { email } = await client.call('acceptInvitation', { body: { token, password: PASSWORD, ...who } })
  await client.call('signIn', { body: { email, password: PASSWORD } })
  const { uri, recoveryCodes } = await client.call('beginTotp', { body: { password: PASSWORD } })
  const totpSecret = new URL(uri).searchParams.get('secret')!
  await client.call('confirmTotp', { body: { code: await freshTotpCode(totpSecret) } })
  const { accountId } = await client.call('showMe', {})
  return { client, accountId, email, totpSecret, recoveryCodes }
}

/** Signs in again, in a browser of its own. */
export async function signIn(server: string, { email, totpSecret }: TestAccount): Promise<TestClient> {
  const client = newClient(server)
  await client.call('signIn', { body: { email, password: PASSWORD } })
  await client.call('signInWithCode', { body: { code: await freshTotpCode(totpSecret) } })
  return client
}

/** The operator of a new service. */
export function setUp(service: Pick<Service, 'address' | 'setupLink'>): Promise<TestAccount> {
  return join(service.address, service.setupLink!, {
    email: 'operator@instance.example',
    name: 'Olena Operator',
  })
}

/** An agency, by its operator. */
export async function newAgency(operator: TestAccount, name: string): Promise<string> {
  return (await operator.client.call('createAgency', { body: { name } })).id
}

/** The two by whom everybody else of an agency comes: one asks, the other confirms. */
export interface Staff {
  first: TestAccount
  second: TestAccount
}

/** Staff of each agency that a test has brought people into. */
const staffs = new Map<string, Promise<Staff>>()

/** An agency's first two administrators: the operator's invitation, and its first administrator's. */
export function staffOf(operator: TestAccount, agencyId: string): Promise<Staff> {
  const known = staffs.get(agencyId)
  if (known !== undefined) return known
  const staff = makeStaff(operator, agencyId)
  staffs.set(agencyId, staff)
  return staff
}

async function makeStaff(operator: TestAccount, agencyId: string): Promise<Staff> {
  const first = await firstAdministrator(operator, agencyId, {
    email: `first@${agencyId.slice(-6)}.example`,
    name: 'First Administrator',
  })
  const second = await bringIn(
    { first, second: operator },
    { email: `second@${agencyId.slice(-6)}.example`, name: 'Second Administrator', roles: ['administrator'] },
  )
  return { first, second }
}

/** An agency's first administrator, by the operator's invitation. */
export async function firstAdministrator(
  operator: TestAccount,
  agencyId: string,
  who: { email: string; name: string },
): Promise<TestAccount> {
  const body = { ...who, roles: ['administrator' as const], agencyId }
  const { link } = await operator.client.call('invite', { body })
  return join(operator.client.server, link!, who)
}

/** Brings somebody in as it is done without e-mail: one invites, another gives out the code and confirms the roles. */
export async function bringIn(
  { first, second }: Staff,
  { roles, ...who }: { email: string; name: string; roles: Role[] },
): Promise<TestAccount> {
  const { id, link } = await first.client.call('invite', { body: { ...who, roles } })
  const { code } = await second.client.call('giveInvitationCode', { params: { id }, body: {} })
  const account = await join(first.client.server, link!, { ...who, code })
  for (const request of await second.client.call('listRoleRequests', {})) {
    if (request.accountId !== account.accountId) continue
    await second.client.call('confirmRole', { params: { id: request.id }, body: {} })
  }
  return account
}

/** An account of an agency, with everything set up. */
export async function newAccount(
  operator: TestAccount,
  agencyId: string,
  name: string,
  roles: Role[],
): Promise<TestAccount> {
  const local = /^[\w ]+$/.test(name) ? name.toLowerCase().replaceAll(' ', '.') : randomUUID()
  const email = `${local}@${agencyId.slice(-6)}.example`
  return bringIn(await staffOf(operator, agencyId), { email, name, roles })
}
