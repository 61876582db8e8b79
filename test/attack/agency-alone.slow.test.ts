import { afterEach, beforeEach, expect, test } from 'vitest'
import { ApiProblem } from '../../src/contract/client/api-client.ts'
import { runLikeness } from '../support/run-likeness.ts'
import {
  firstAdministrator,
  join,
  newAgency,
  newClient,
  PASSWORD,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../support/test-service.ts'

// An agency's only administrator is gone, or has lost every browser. Nobody of the agency can let anybody in.

let service: TestService
let operator: TestAccount
let agencyId: string
let adam: TestAccount

const NORA = { email: 'nora@kyiv.example', name: 'Nora New' }
const REASON = 'Adam has left, order 12'

beforeEach(async () => {
  service = await startTestService()
  operator = await setUp(service)
  agencyId = await newAgency(operator, 'Kyiv bureau')
  adam = await firstAdministrator(operator, agencyId, {
    email: 'adam@kyiv.example',
    name: 'Adam Administrator',
  })
}, 60_000)
afterEach(() => service.remove())

async function problem(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.catch((reason: unknown) => reason)
  return error instanceof ApiProblem ? error.code : 'it was done'
}
/** The operator's command, on the record that the service has open. */
async function access(
  ...args: string[]
): Promise<{ exitCode: number | null; reply: Record<string, unknown> }> {
  const all = ['access', ...args, '--data', service.dataFolder, '--as', 'Olena at the machine', '--json']
  const { exitCode, stdout } = await runLikeness(all)
  return { exitCode, reply: JSON.parse(stdout) as Record<string, unknown> }
}
async function event(action: string) {
  const { actor, account_id, agency_id, details } = await service.ctx.store.db
    .selectFrom('audit_event')
    .select(['actor', 'account_id', 'agency_id', 'details'])
    .where('action', '=', action)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  return { actor, account_id, agency_id, details: JSON.parse(details!) as Record<string, unknown> }
}

test('who is gone is suspended, the next one is invited, and the operator lets them in by the command, with a reason', async () => {
  const body = { ...NORA, roles: ['administrator' as const], agencyId }
  const { id, link } = await operator.client.call('invite', { body })
  // As an account, the operator who invited is never the second person.
  const give = () => operator.client.call('giveInvitationCode', { params: { id }, body: {} })
  expect(await problem(give())).toBe('not_allowed')
  // While the administrator is there, it is for him: the command does not go past him.
  const early = await access('give-code', id, '--reason', REASON)
  expect(early).toMatchObject({ exitCode: 2, reply: { error: { code: 'not_allowed' } } })
  await operator.client.call('suspend', {
    body: { kind: 'account', targetId: adam.accountId, reason: 'Has left.' },
  })
  expect(await problem(give())).toBe('not_allowed')

  const { reply: before } = await access('waiting')
  expect(before).toMatchObject({ invitations: [{ id, email: NORA.email }], roles: [], devices: [] })
  const { reply } = await access('give-code', id, '--reason', REASON)
  const nora = await join(service.address, link!, { ...NORA, code: reply['code'] as string })
  expect(await problem(nora.client.call('listAccounts', {}))).toBe('not_allowed')
  const { reply: after } = await access('waiting')
  const [request] = after['roles'] as { id: string }[]
  expect(request).toMatchObject({ agency: 'Kyiv bureau', email: NORA.email, role: 'administrator' })
  const asAccount = operator.client.call('confirmRole', { params: { id: request.id }, body: {} })
  expect(await problem(asAccount)).toBe('not_allowed')
  await access('confirm-role', request.id, '--reason', REASON)
  expect(await nora.client.call('listAccounts', {})).toHaveLength(2)

  const said = { actor: 'Olena at the machine', account_id: null, agency_id: agencyId }
  expect(await event('account.give_code')).toEqual({ ...said, details: { reason: REASON } })
  expect(await event('role.confirm')).toMatchObject({ ...said, details: { reason: REASON } })
  const { exitCode } = await runLikeness(['audit', 'verify', '--data', service.dataFolder])
  expect(exitCode).toBe(0)
}, 120_000)

test('without a reason nothing is done', async () => {
  const { exitCode, stderr } = await runLikeness([
    'access',
    'confirm-role',
    'x',
    '--data',
    service.dataFolder,
  ])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('--reason')
}, 60_000)

test('an administrator who is alone and has lost every browser gets in by the command where new devices wait', async () => {
  await adam.client.call('chooseDeviceApproval', { body: { required: true } })
  const anew = newClient(service.address)
  await anew.call('signIn', { body: { email: adam.email, password: PASSWORD } })
  await anew.call('signInWithCode', { body: { recoveryCode: adam.recoveryCodes.pop()! } })
  expect(await problem(anew.call('listAccounts', {}))).toBe('device_not_approved')
  const { reply } = await access('waiting')
  const [device] = reply['devices'] as { id: string }[]
  expect(device).toMatchObject({ email: adam.email, address: '127.0.0.1' })
  await access('approve-device', device.id, '--reason', 'All browsers were lost')
  expect(await anew.call('listAccounts', {})).toHaveLength(1)
  expect(await event('device.approve')).toMatchObject({
    actor: 'Olena at the machine',
    agency_id: agencyId,
    details: { account: adam.accountId, reason: 'All browsers were lost' },
  })
}, 120_000)
