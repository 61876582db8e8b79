import { afterEach, beforeEach, expect, test } from 'vitest'
import { ACCOUNT_REQUESTS_A_MINUTE } from '../../src/http/limits.ts'
import {
  newAccount,
  newAgency,
  newClient,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../support/test-service.ts'

// What somebody does to the audit log who is refused again and again.

let service: TestService
let operator: TestAccount
let agencyId: string

beforeEach(async () => {
  service = await startTestService()
  operator = await setUp(service)
  agencyId = await newAgency(operator, 'Kyiv bureau')
}, 60_000)
afterEach(() => service.remove())

/** Refusals in the log, in order: what, and how many it stands for. */
async function refusals(): Promise<string[]> {
  const rows = await service.ctx.store.db
    .selectFrom('audit_event')
    .select(['action', 'details', 'actor'])
    .where('outcome', '=', 'refused')
    .orderBy('seq')
    .execute()
  return rows.map(({ action, actor, details }) => {
    const { route, step, times, requestsAMinute } = JSON.parse(details!) as Record<string, string | number>
    return [actor, action, route ?? step ?? requestsAMinute, times]
      .filter((part) => part !== undefined)
      .join(' ')
  })
}

test('thousands of refused requests are the first of each kind in full and one event with their number', async () => {
  const field = await newAccount(operator, agencyId, 'Fedir', ['field_officer'])
  const before = await service.ctx.store.db
    .selectFrom('audit_event')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  const statuses = new Map<number, number>()
  const ask = async (name: 'listInvitations' | 'listSuspensions') => {
    const { status } = await field.client.send(name, {})
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  const more = 300
  for (let at = 0; at < ACCOUNT_REQUESTS_A_MINUTE + more; at += 50) {
    await Promise.all(Array.from({ length: 50 }, () => ask('listInvitations')))
  }
  expect((await refusals()).slice(0, 2)).toEqual([
    'Fedir access.refuse /api/v1/invitations',
    `Fedir access.limit ${ACCOUNT_REQUESTS_A_MINUTE}`,
  ])
  const during = await service.ctx.store.db
    .selectFrom('audit_event')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  // A minute may have passed meanwhile on a slow machine.
  expect(during.count - before.count).toBeLessThan(8)

  await service.stop()
  const written = await refusals()
  const refused = statuses.get(403)!
  const limited = statuses.get(429)!
  expect(refused + limited).toBe(ACCOUNT_REQUESTS_A_MINUTE + more)
  expect(limited).toBeGreaterThan(0)
  const stoodFor = (action: string) =>
    written
      .filter((line) => line.includes(action))
      .reduce(
        (sum, line) => sum + Number(/ \S+ (\d+)$/.exec(line.replace(/^.*? access/, 'access'))?.[1] ?? 1),
        0,
      )
  expect(stoodFor('access.refuse')).toBe(refused)
  expect(stoodFor('access.limit')).toBe(limited)
}, 120_000)

test('wrong passwords and codes for one account do not hide those for another, nor another kind of refusal', async () => {
  const [eva, oleh] = [
    await newAccount(operator, agencyId, 'Eva', ['examiner']),
    await newAccount(operator, agencyId, 'Oleh', ['examiner']),
  ]
  for (const { email } of [eva, eva, eva, oleh, { email: 'nobody@kyiv.example' }]) {
    await newClient(service.address).send('signIn', { body: { email, password: 'a wrong password' } })
  }
  const subjects = async () => {
    const rows = await service.ctx.store.db
      .selectFrom('audit_event')
      .select(['subject', 'details'])
      .where('action', '=', 'session.sign_in')
      .where('outcome', '=', 'refused')
      .orderBy('seq')
      .execute()
    return rows.map(({ subject, details }) => [
      subject,
      (JSON.parse(details!) as { times?: number }).times ?? 1,
    ])
  }
  const full = [
    [`account ${eva.accountId}`, 1],
    [`account ${oleh.accountId}`, 1],
    [null, 1],
  ]
  expect(await subjects()).toEqual(full)
  await service.stop()
  expect(await subjects()).toEqual([...full, [`account ${eva.accountId}`, 2]])
})
