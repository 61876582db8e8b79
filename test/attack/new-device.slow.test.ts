import { afterEach, beforeEach, expect, test } from 'vitest'
import { endpoints, type EndpointName } from '../../src/contract/endpoints.ts'
import type { Endpoint } from '../../src/contract/endpoint.ts'
import { ApiProblem } from '../../src/contract/client/api-client.ts'
import {
  bringIn,
  newAgency,
  newClient,
  PASSWORD,
  setUp,
  signIn,
  staffOf,
  startTestService,
  type Staff,
  type TestAccount,
  type TestClient,
  type TestService,
} from '../support/test-service.ts'

// Somebody has a colleague's password and codes, or a telephone for a minute, and a browser of their own.

let service: TestService
let operator: TestAccount
let agencyId: string
let staff: Staff
let examiner: TestAccount
let supervisor: TestAccount

beforeEach(async () => {
  service = await startTestService()
  operator = await setUp(service)
  agencyId = await newAgency(operator, 'Kyiv bureau')
  staff = await staffOf(operator, agencyId)
  const people = [
    { email: 'eva@kyiv.example', name: 'Eva Examiner', roles: ['examiner' as const] },
    { email: 'sofia@kyiv.example', name: 'Sofia Supervisor', roles: ['supervisor' as const] },
  ]
  examiner = await bringIn(staff, people[0])
  supervisor = await bringIn(staff, people[1])
}, 60_000)
afterEach(() => service.remove())

async function problem(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.catch((reason: unknown) => reason)
  return error instanceof ApiProblem ? error.code : 'it was done'
}
const choose = ({ client }: TestAccount, required: boolean) =>
  client.call('chooseDeviceApproval', { body: { required } })
/** Signs in with a recovery code, in a browser that is new to the account or given. */
async function signInAnew(account: TestAccount, client = newClient(service.address)): Promise<TestClient> {
  await client.call('signIn', { body: { email: account.email, password: PASSWORD } })
  await client.call('signInWithCode', { body: { recoveryCode: account.recoveryCodes.pop()! } })
  return client
}
const waiting = async ({ client }: TestAccount) => (await client.call('showDeviceApproval', {})).devices
const settle = ({ client }: TestAccount, as: 'approveDevice' | 'refuseDevice', id: string) =>
  client.call(as, { params: { id }, body: {} })

test('a new browser with password and code can do nothing at all until a supervisor has approved it, and then goes on', async () => {
  await choose(staff.first, true)
  const thief = await signInAnew(examiner)
  expect(await thief.call('showMe', {})).toMatchObject({ deviceWaits: true, permissions: [] })
  const opened: string[] = []
  for (const [name, { access, method }] of Object.entries(endpoints) as [EndpointName, Endpoint][]) {
    if (access === 'public' || name === 'showMe' || name === 'signOut') continue
    const params = { id: examiner.accountId, rank: 1 }
    const body = { password: PASSWORD, code: '123456', response: {}, name: 'x' }
    const sent = method === 'POST' || method === 'PUT' ? { params, body } : { params }
    const answer = await thief.send(name, sent)
    const { code } = (await answer.json()) as { code: string }
    if (code !== 'device_not_approved') opened.push(`${name}: ${answer.status} ${code}`)
  }
  expect(opened).toEqual([])
  expect((await examiner.client.call('listCases', {})).items).toEqual([])

  const [device] = await waiting(supervisor)
  expect(device).toMatchObject({
    name: 'Eva Examiner',
    email: examiner.email,
    address: '127.0.0.1',
    label: 'node',
    mayApprove: true,
  })
  expect(Date.parse(device.askedAt)).toBeLessThanOrEqual(Date.now())
  await settle(supervisor, 'approveDevice', device.id)
  expect((await thief.call('listCases', {})).items).toEqual([])
  expect(await waiting(supervisor)).toEqual([])
  expect(await problem(settle(supervisor, 'refuseDevice', device.id))).toBe('not_found')
  const params = { id: examiner.accountId }
  const devices = await staff.first.client.call('listDevicesOf', { params })
  expect(devices.map(({ approval, settledBy }) => [approval, settledBy])).toEqual([
    ['approved', 'Sofia Supervisor'],
    [null, null],
  ])
  expect(await actionsOf(`device ${device.id}`)).toEqual(['device.wait', 'device.approve'])
}, 60_000)

test('nobody approves a device of their own, of an agency that is not theirs, or of who shares their browser', async () => {
  await choose(staff.first, true)
  const other = await staffOf(operator, await newAgency(operator, 'Lviv bureau'))
  const newBrowser = await signInAnew(staff.first)
  const [own] = await waiting(staff.first)
  expect(own.mayApprove).toBe(false)
  expect(await problem(settle(staff.first, 'approveDevice', own.id))).toBe('not_allowed')
  expect(await problem(settle({ ...staff.first, client: newBrowser }, 'approveDevice', own.id))).toBe(
    'device_not_approved',
  )
  expect(await problem(settle(examiner, 'approveDevice', own.id))).toBe('not_allowed')
  expect(await problem(settle(other.first, 'approveDevice', own.id))).toBe('not_found')
  expect(await waiting(other.first)).toEqual([])
  expect(await problem(settle(operator, 'approveDevice', own.id))).toBe('not_allowed')

  // The supervisor's own browser is used for the administrator: the same person may sit behind both.
  await signInAnew(staff.first, supervisor.client)
  await signInAnew(supervisor, supervisor.client)
  expect(await problem(settle(supervisor, 'approveDevice', own.id))).toBe('shared_device')
  await settle(staff.second, 'approveDevice', own.id)
  expect((await newBrowser.call('listAccounts', {})).length).toBe(4)
}, 60_000)

test('a refused device is out, also when it signs in again, and its account goes on elsewhere', async () => {
  await choose(staff.first, true)
  const thief = await signInAnew(examiner)
  const [{ id }] = await waiting(staff.first)
  await settle(supervisor, 'refuseDevice', id)
  expect(await problem(thief.call('showMe', {}))).toBe('cut_off')
  expect(await problem(signInAnew(examiner, thief))).toBe('cut_off')
  expect((await examiner.client.call('listCases', {})).items).toEqual([])
  expect(await waiting(staff.first)).toEqual([])
  // Nor does it come in when devices are not approved any more.
  await choose(staff.first, false)
  expect(await problem(signInAnew(examiner, thief))).toBe('cut_off')
  await choose(staff.first, true)
  // Let in again, it waits again: a lifting is no approval.
  const [suspension] = await staff.first.client.call('listSuspensions', {})
  expect(suspension).toMatchObject({ kind: 'device', targetId: id, suspendedBy: 'Sofia Supervisor' })
  await staff.first.client.call('liftSuspension', {
    params: { id: suspension.id },
    body: { reason: 'It was hers.' },
  })
  await signInAnew(examiner, thief)
  expect(await problem(thief.call('listCases', {}))).toBe('device_not_approved')
  await settle(staff.first, 'approveDevice', id)
  expect((await thief.call('listCases', {})).items).toEqual([])
  expect(await actionsOf(`device ${id}`)).toEqual([
    'device.wait',
    'suspension.impose',
    'device.refuse',
    'suspension.lift',
    'device.approve',
  ])
}, 60_000)

test('only an administrator chooses it, in a session; what waits is cut off when it is chosen again', async () => {
  expect(await problem(choose(supervisor, true))).toBe('not_allowed')
  expect(await problem(choose(operator, true))).toBe('not_allowed')
  const { key } = await staff.first.client.call('createApiKey', {
    body: { name: 'program', scopes: ['account.change', 'account.read'], days: 1 },
  })
  const program = newClient(service.address, key)
  expect(await problem(choose({ ...staff.first, client: program }, true))).toBe('not_allowed')
  await choose(staff.first, true)
  // A key is no device.
  expect((await program.call('listAccounts', {})).length).toBe(4)
  const browser = await signInAnew(examiner)
  expect(await problem(browser.call('listCases', {}))).toBe('device_not_approved')
  await choose(staff.first, false)
  const stream = await browser.send('streamEvents', {})
  expect(stream.status).toBe(200)
  const ended = stream.text()
  await choose(staff.first, true)
  expect(await ended).toContain('event: cut_off')
  expect(await problem(browser.call('listCases', {}))).toBe('device_not_approved')
  expect(await actionsOf(`agency ${agencyId}`)).toEqual([
    'agency.create',
    'agency.choose_device_approval',
    'agency.choose_device_approval',
    'agency.choose_device_approval',
  ])
}, 60_000)

test('who is invited sets up the second factor, and then waits; the only administrator has the operator to ask', async () => {
  await choose(staff.first, true)
  const curator = await bringIn(staff, { email: 'c@kyiv.example', name: 'New Curator', roles: ['curator'] })
  expect(await problem(curator.client.call('listCollections', {}))).toBe('device_not_approved')
  const [device] = await waiting(staff.first)
  await settle(staff.second, 'approveDevice', device.id)
  expect(await curator.client.call('listCollections', {})).toEqual([])

  for (const { accountId } of [staff.second, supervisor]) {
    await staff.first.client.call('suspend', {
      body: { kind: 'account', targetId: accountId, reason: 'Has left.' },
    })
  }
  const anew = await signInAnew(staff.first)
  const [own] = await waiting(operator)
  expect(own).toMatchObject({ agency: 'Kyiv bureau', mayApprove: true })
  await settle(operator, 'approveDevice', own.id)
  expect((await anew.call('listAccounts', {})).length).toBe(5)
}, 60_000)

test('ten browsers of an account wait at most, and the next one does not get as far', async () => {
  await choose(staff.first, true)
  const email = examiner.email
  // Before a second factor is set up, a password is enough to be a new browser.
  const { db } = service.ctx.store
  await db.updateTable('login').set({ twoFactorEnabled: 0 }).where('email', '=', email).execute()
  const tries = []
  for (let browser = 0; browser < 11; browser++) {
    const signed = newClient(service.address).call('signIn', { body: { email, password: PASSWORD } })
    tries.push(await problem(signed))
  }
  expect(tries).toEqual([...Array<string>(10).fill('it was done'), 'device_not_approved'])
  expect(await waiting(staff.first)).toHaveLength(10)
  const sessions = await staff.first.client.call('listSessionsOf', { params: { id: examiner.accountId } })
  expect(sessions).toHaveLength(11)
}, 60_000)

test('who signs in with codes in the known browser does not wait', async () => {
  await choose(staff.first, true)
  await signInAnew(examiner, examiner.client)
  expect((await examiner.client.call('listCases', {})).items).toEqual([])
  const other = await signIn(service.address, examiner)
  expect(await problem(other.call('listCases', {}))).toBe('device_not_approved')
}, 60_000)

async function actionsOf(subject: string): Promise<string[]> {
  const rows = await service.ctx.store.db
    .selectFrom('audit_event')
    .select('action')
    .where('subject', '=', subject)
    .where('outcome', '=', 'done')
    .orderBy('seq')
    .execute()
  return rows.map(({ action }) => action)
}
