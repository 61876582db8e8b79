import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  newAccount,
  newAgency,
  newClient,
  PASSWORD,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../support/test-service.ts'
import { freshTotpCode } from '../support/totp.ts'

// Ways around sign-in, invitations and keys, as they were tried on a running service.

let service: TestService
let operator: TestAccount
let agencyId: string

beforeEach(async () => {
  service = await startTestService()
  operator = await setUp(service)
  agencyId = await newAgency(operator, 'Kyiv bureau')
}, 60_000)
afterEach(() => service.remove())

test('of many wrong passwords at once only as many are tried as are free, and the owner gets in from a known device', async () => {
  const eva = await newAccount(operator, agencyId, 'Owner', ['examiner'])
  const guesses = await Promise.all(
    Array.from({ length: 15 }, async (_, guess) => {
      const body = { email: eva.email, password: `wrong password ${guess}` }
      return (await newClient(service.address).send('signIn', { body })).status
    }),
  )
  expect(guesses.filter((status) => status === 401)).toHaveLength(5)
  expect(guesses.filter((status) => status === 429)).toHaveLength(10)
  const body = { email: eva.email, password: PASSWORD }
  await expect(newClient(service.address).call('signIn', { body })).rejects.toMatchObject({ status: 429 })
  await expect(eva.client.call('signIn', { body })).resolves.toMatchObject({ state: 'second_factor' })
})

test('of two invitations to one address that are accepted at once, one makes the account and the other changes nothing', async () => {
  const otherAgency = await newAgency(operator, 'Lviv bureau')
  const email = 'both@kyiv.example'
  const tokens = []
  for (const id of [agencyId, otherAgency]) {
    const body = { email, name: 'Both', roles: ['administrator' as const], agencyId: id }
    const { link } = await operator.client.call('invite', { body })
    tokens.push(new URL(link!).hash.slice(1))
  }
  const passwords = ['the first long sentence', 'the second long sentence']
  const answers = await Promise.all(
    tokens.map(async (token, at) => {
      const body = { token, password: passwords[at] }
      return (await newClient(service.address).send('acceptInvitation', { body })).status
    }),
  )
  expect(answers.toSorted((a, b) => a - b)).toEqual([201, 409])
  const won = answers.indexOf(201)
  const client = newClient(service.address)
  await client.call('signIn', { body: { email, password: passwords[won] } })
  expect(await client.call('showMe', {})).toMatchObject({ agencyId: won === 0 ? agencyId : otherAgency })
  const lost = newClient(service.address).call('signIn', { body: { email, password: passwords[1 - won] } })
  await expect(lost).rejects.toMatchObject({ status: 401 })
})

test('a key that is bound to a case opens nothing of the agency, and its stream ends with it', async () => {
  const lead = await newAccount(operator, agencyId, 'Key Lead', ['supervisor', 'examiner', 'liaison'])
  const { id: caseId } = await lead.client.call('createCase', {
    body: { number: 'K-1', title: 'Keys', purpose: 'find_missing_person', legalBasis: 'test' },
  })
  const scopes = [
    'case.read' as const,
    'person.read' as const,
    'collection.read' as const,
    'alert.read' as const,
  ]
  const bound = await lead.client.call('createApiKey', { body: { name: 'bound', scopes, caseId, days: 1 } })
  const free = await lead.client.call('createApiKey', { body: { name: 'free', scopes, days: 1 } })
  const withKey = newClient(service.address, bound.key)
  await expect(withKey.call('showCase', { params: { id: caseId } })).resolves.toMatchObject({ number: 'K-1' })
  for (const name of ['listPeople', 'listCollections', 'listAlerts', 'streamEvents'] as const) {
    expect((await withKey.send(name, {})).status, name).toBe(403)
  }
  const stream = await newClient(service.address, free.key).send('streamEvents', {})
  const ended = stream.text()
  await lead.client.call('deleteApiKey', { params: { id: free.id } })
  expect(await ended).toContain('event: cut_off')
})

test('a code from an app lets in once: not again, not at the same moment, not by whoever saw it typed when it was set up', async () => {
  const eva = await newAccount(operator, agencyId, 'Owner', ['examiner'])
  const code = await freshTotpCode(eva.totpSecret)
  const begun = async () => {
    const client = newClient(service.address)
    await client.call('signIn', { body: { email: eva.email, password: PASSWORD } })
    return client
  }
  const clients = await Promise.all([begun(), begun(), begun()])
  const answers = await Promise.all(
    clients.map(async (client) => (await client.send('signInWithCode', { body: { code } })).status),
  )
  expect(answers.toSorted((a, b) => a - b)).toEqual([200, 401, 401])
  const sessions = await service.ctx.store.db
    .selectFrom('login_session')
    .select('id')
    .where('userId', '=', eva.accountId)
    .execute()
  expect(sessions).toHaveLength(2)
  for (const [at, client] of clients.entries()) {
    expect((await client.send('showMe', {})).status).toBe(answers[at])
  }
  const late = await begun()
  await expect(late.call('signInWithCode', { body: { code } })).rejects.toMatchObject({ status: 401 })
  const next = await begun()
  await next.call('signInWithCode', { body: { code: await freshTotpCode(eva.totpSecret) } })
  expect((await next.call('showMe', {})).accountId).toBe(eva.accountId)
})

test('the code that set up the app signs in nowhere else', async () => {
  const { link } = await operator.client.call('invite', {
    body: { email: 'seen@kyiv.example', name: 'Seen', roles: ['administrator'], agencyId },
  })
  const client = newClient(service.address)
  const body = { email: 'seen@kyiv.example', password: PASSWORD }
  const token = new URL(link!).hash.slice(1)
  await client.call('acceptInvitation', { body: { token, password: PASSWORD } })
  await client.call('signIn', { body })
  const { uri } = await client.call('beginTotp', { body: { password: PASSWORD } })
  const code = await freshTotpCode(new URL(uri).searchParams.get('secret')!)
  await client.call('confirmTotp', { body: { code } })
  const onlooker = newClient(service.address)
  await onlooker.call('signIn', { body })
  await expect(onlooker.call('signInWithCode', { body: { code } })).rejects.toMatchObject({ status: 401 })
})

test('an administrator who changes the own roles is told that it is done', async () => {
  const ada = await newAccount(operator, agencyId, 'Ada', ['administrator'])
  const roles = ['administrator' as const, 'curator' as const]
  const { status } = await ada.client.send('changeRoles', { params: { id: ada.accountId }, body: { roles } })
  expect(status).toBe(204)
  expect((await ada.client.call('showMe', {})).roles.toSorted()).toEqual(roles)
})
