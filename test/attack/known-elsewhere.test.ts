import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  newAccount,
  newAgency,
  newClient,
  PASSWORD,
  setUp,
  staffOf,
  startTestService,
  type Staff,
  type TestAccount,
  type TestService,
} from '../support/test-service.ts'

// An administrator invites addresses to learn who has an account in another agency.

let service: TestService
let operator: TestAccount
let curious: Staff
let auditor: TestAccount
/** Of the other agency. */
let known: TestAccount

beforeAll(async () => {
  service = await startTestService()
  operator = await setUp(service)
  const agencyId = await newAgency(operator, 'Kyiv bureau')
  curious = await staffOf(operator, agencyId)
  auditor = await newAccount(operator, agencyId, 'Anna Auditor', ['auditor'])
  known = await newAccount(operator, await newAgency(operator, 'Lviv bureau'), 'Lev Liaison', ['liaison'])
}, 60_000)
afterAll(() => service.remove())

/** What is different with each invitation, made the same. */
function alike(value: unknown, email: string): unknown {
  const text = JSON.stringify(value)
    .replaceAll(email, 'ADDRESS')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/#[\w-]+"/g, '#TOKEN"')
  return JSON.parse(text) as unknown
}

/** Everything that the curious agency is answered and shown about an address that it invites. */
async function seenOf(email: string): Promise<unknown> {
  const { first, second } = curious
  const invited = await first.client.send('invite', {
    body: { email, name: 'Somebody', roles: ['curator'] },
  })
  const invitation = (await invited.json()) as { id: string; link: string }
  const params = { id: invitation.id }
  const code = await second.client.send('giveInvitationCode', { params, body: {} })
  const isOf = (row: { id: string }) => row.id === invitation.id
  const token = new URL(invitation.link).hash.slice(1)
  const shown = await newClient(service.address).send('showInvitation', { body: { token } })
  const wrong = await newClient(service.address).send('acceptInvitation', {
    body: { token, password: PASSWORD, code: 'WRONG-WRONG' },
  })
  const { items } = await auditor.client.call('readAudit', {})
  return alike(
    {
      statuses: [invited.status, code.status, shown.status, wrong.status],
      invitation,
      headers: [...invited.headers.keys()],
      lists: [
        (await first.client.call('listInvitations', {})).filter(isOf),
        (await second.client.call('listInvitations', {})).filter(isOf),
      ],
      roles: await first.client.call('listRoleRequests', {}),
      accounts: (await first.client.call('listAccounts', {})).map(({ email: of }) => of),
      shown: await shown.json(),
      refusal: ((await wrong.json()) as { detail: string }).detail,
      events: items
        .filter(({ subject }) => subject === `invitation ${invitation.id}`)
        .map(({ action, outcome, details }) => ({ action, outcome, details })),
    },
    // As it is kept.
    email.toLowerCase(),
  )
}

test('an address of another agency, of an operator, and one that nobody has are told apart by nothing', async () => {
  const unknown = await seenOf('nobody@elsewhere.example')
  expect(unknown).toMatchObject({ statuses: [201, 200, 200, 400], lists: [[{}], [{}]] })
  expect(await seenOf(known.email)).toEqual(unknown)
  expect(await seenOf(operator.email)).toEqual(unknown)
  expect(await seenOf(known.email.toUpperCase())).toEqual(unknown)
})

test('who accepts an invitation to an address that has an account changes nothing of it, and the inviter sees nothing of that', async () => {
  const { first, second } = curious
  const body = { email: known.email, name: 'Somebody', roles: ['curator' as const] }
  const { id, link } = await first.client.call('invite', { body })
  const { code } = await second.client.call('giveInvitationCode', { params: { id }, body: {} })
  const accept = newClient(service.address).call('acceptInvitation', {
    body: { token: new URL(link!).hash.slice(1), password: 'another long sentence', code },
  })
  await expect(accept).rejects.toMatchObject({ status: 409 })
  expect((await first.client.call('listInvitations', {})).map((row) => row.id)).toContain(id)
  const again = newClient(service.address)
  const first2 = await again.call('signIn', { body: { email: known.email, password: PASSWORD } })
  expect(first2.state).toBe('second_factor')
  expect((await known.client.call('showMe', {})).roles).toEqual(['liaison'])
})

test('an address of the own agency is said to have an account; to an operator, who sees every account, any is', async () => {
  const own = { email: auditor.email, name: 'Anna', roles: ['curator' as const] }
  await expect(curious.first.client.call('invite', { body: own })).rejects.toMatchObject({ status: 409 })
  const any = { email: known.email, name: 'Lev', roles: ['operator' as const] }
  await expect(operator.client.call('invite', { body: any })).rejects.toMatchObject({ status: 409 })
})
