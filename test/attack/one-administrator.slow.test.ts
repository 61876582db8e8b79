import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { ApiProblem } from '../../src/contract/client/api-client.ts'
import type { Role } from '../../src/contract/roles.ts'
import {
  bringIn,
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
import { freshTotpCode } from '../support/totp.ts'

// An administrator alone, and an operator alone, try to make the people whom an identification needs.

let service: TestService
let operator: TestAccount
let agencyId: string
/** The agency's first administrator, by the operator's invitation. */
let adam: TestAccount

const ADAM = { email: 'adam@kyiv.example', name: 'Adam Administrator' }
const SOFIA = { email: 'sofia@kyiv.example', name: 'Sofia Supervisor' }

async function begin(settings: Record<string, unknown> = {}): Promise<void> {
  service = await startTestService(settings)
  operator = await setUp(service)
  agencyId = await newAgency(operator, 'Kyiv bureau')
}
async function invite(by: TestAccount, who: { email: string; name: string }, roles: Role[]) {
  return by.client.call('invite', { body: { ...who, roles } })
}
async function refused(call: Promise<unknown>): Promise<string> {
  const problem: unknown = await call.catch((error: unknown) => error)
  return problem instanceof ApiProblem ? problem.code : 'it was done'
}
const rolesOf = async ({ client }: TestAccount) => {
  const { roles, waitingRoles } = await client.call('showMe', {})
  return { roles, waitingRoles }
}

beforeEach(async () => {
  await begin()
  adam = await firstAdministrator(operator, agencyId, ADAM)
}, 60_000)
afterEach(() => service.remove())

test('an administrator cannot give himself what decides: it waits for somebody else, and he works without it', async () => {
  await adam.client
    .call('changeRoles', {
      params: { id: adam.accountId },
      body: { roles: ['administrator', 'examiner', 'supervisor'] },
    })
    .catch(() => undefined)
  expect(await rolesOf(adam)).toEqual({ roles: ['administrator'], waitingRoles: ['examiner', 'supervisor'] })
  expect(await refused(adam.client.call('listCases', {}))).toBe('not_allowed')
  const [request] = await adam.client.call('listRoleRequests', {})
  expect(request).toMatchObject({ name: 'Adam Administrator', role: 'examiner', mayConfirm: false })
  const confirm = adam.client.call('confirmRole', { params: { id: request.id }, body: {} })
  expect(await refused(confirm)).toBe('not_allowed')
})

test('an administrator has the link of whom he invites, and it opens nothing without what another gives out', async () => {
  const { id, link } = await invite(adam, SOFIA, ['supervisor'])
  const token = new URL(link!).hash.slice(1)
  const accept = (code?: string) =>
    newClient(service.address).call('acceptInvitation', {
      body: { token, password: PASSWORD, ...(code === undefined ? {} : { code }) },
    })
  expect(await refused(accept())).toBe('bad_input')
  const give = (by: TestAccount) => by.client.call('giveInvitationCode', { params: { id }, body: {} })
  expect(await refused(give(adam))).toBe('not_allowed')
  // The operator is the second person of an agency that has nobody else.
  const { code } = await give(operator)
  const sofia = await join(service.address, link!, { ...SOFIA, code })
  expect(await rolesOf(sofia)).toEqual({ roles: [], waitingRoles: ['supervisor'] })
  expect(await refused(sofia.client.call('listCases', {}))).toBe('not_allowed')
  const [request] = await operator.client.call('listRoleRequests', {})
  await operator.client.call('confirmRole', { params: { id: request.id }, body: {} })
  expect(await rolesOf(sofia)).toEqual({ roles: ['supervisor'], waitingRoles: [] })
  expect((await sofia.client.call('listCases', {})).items).toEqual([])
})

test('who guesses codes ends the invitation', async () => {
  const { link } = await invite(adam, SOFIA, ['curator'])
  const token = new URL(link!).hash.slice(1)
  for (let guess = 0; guess < 5; guess++) {
    const body = { token, password: PASSWORD, code: `WRONG-CODE${guess}` }
    expect(await refused(newClient(service.address).call('acceptInvitation', { body }))).toBe('bad_input')
  }
  const body = { token, password: PASSWORD, code: 'WRONG-CODES' }
  expect(await refused(newClient(service.address).call('acceptInvitation', { body }))).toBe('not_found')
  expect(await adam.client.call('listInvitations', {})).toEqual([])
})

test('once the agency has others, they are the second person and the operator is not', async () => {
  const sofia = await bringIn({ first: adam, second: operator }, { ...SOFIA, roles: ['supervisor'] })
  const eva = { email: 'eva@kyiv.example', name: 'Eva Examiner' }
  const { id, link } = await invite(adam, eva, ['examiner'])
  expect(await refused(operator.client.call('giveInvitationCode', { params: { id }, body: {} }))).toBe(
    'not_allowed',
  )
  const { code } = await sofia.client.call('giveInvitationCode', { params: { id }, body: {} })
  const examiner = await join(service.address, link!, { ...eva, code })
  const [request] = await sofia.client.call('listRoleRequests', {})
  expect(await operator.client.call('listRoleRequests', {})).toMatchObject([{ mayConfirm: false }])
  const params = { id: request.id }
  expect(await refused(operator.client.call('confirmRole', { params, body: {} }))).toBe('not_allowed')
  await sofia.client.call('refuseRole', { params, body: {} })
  expect(await rolesOf(examiner)).toEqual({ roles: [], waitingRoles: [] })
  expect(await refused(sofia.client.call('confirmRole', { params, body: {} }))).toBe('conflict')
})

test('a second administrator of one and the same person, at the same browser, confirms nothing', async () => {
  const anna = await bringIn(
    { first: adam, second: operator },
    { email: 'anna@kyiv.example', name: 'Anna Administrator', roles: ['administrator'] },
  )
  const { id } = await invite(adam, SOFIA, ['supervisor'])
  await adam.client.call('signIn', { body: { email: anna.email, password: PASSWORD } })
  await adam.client.call('signInWithCode', { body: { recoveryCode: anna.recoveryCodes[0] } })
  expect(await refused(anna.client.call('giveInvitationCode', { params: { id }, body: {} }))).toBe(
    'shared_device',
  )
})

test('who accepts for another person in a browser of his own has used it for both', async () => {
  const { id, link } = await invite(adam, SOFIA, ['administrator'])
  const { code } = await operator.client.call('giveInvitationCode', { params: { id }, body: {} })
  const token = new URL(link!).hash.slice(1)
  await adam.client.call('acceptInvitation', { body: { token, password: PASSWORD, code } })
  const accounts = await adam.client.call('listAccounts', {})
  const sofia = accounts.find(({ email }) => email === SOFIA.email)!
  expect(await adam.client.call('listDevicesOf', { params: { id: sofia.id } })).toHaveLength(1)
  const [request] = await operator.client.call('listRoleRequests', {})
  await operator.client.call('confirmRole', { params: { id: request.id }, body: {} })
  const elsewhere = newClient(service.address)
  await elsewhere.call('signIn', { body: { email: SOFIA.email, password: PASSWORD } })
  const { uri } = await elsewhere.call('beginTotp', { body: { password: PASSWORD } })
  const secret = new URL(uri).searchParams.get('secret')!
  await elsewhere.call('confirmTotp', { body: { code: await freshTotpCode(secret) } })
  const vera = { email: 'vera@kyiv.example', name: 'Vera' }
  const second = await invite(adam, vera, ['examiner'])
  const give = elsewhere.call('giveInvitationCode', { params: { id: second.id }, body: {} })
  expect(await refused(give)).toBe('shared_device')
})

test('an operator brings in administrators only, gives no roles, and has no second one of his confirmed by himself', async () => {
  const eva = { email: 'eva@kyiv.example', name: 'Eva' }
  const asExaminer = operator.client.call('invite', { body: { ...eva, roles: ['examiner'], agencyId } })
  expect(await refused(asExaminer)).toBe('not_allowed')
  const body = { roles: ['administrator' as const, 'supervisor' as const] }
  const change = operator.client.call('changeRoles', { params: { id: adam.accountId }, body })
  expect(await refused(change)).toBe('not_allowed')
  const more = { ...eva, roles: ['administrator' as const], agencyId }
  const { id } = await operator.client.call('invite', { body: more })
  const olha = { email: 'olha@instance.example', name: 'Olha Operator' }
  const { link } = await operator.client.call('invite', { body: { ...olha, roles: ['operator'] } })
  const other = await join(service.address, link!, olha)
  for (const { client } of [operator, other])
    expect(await refused(client.call('giveInvitationCode', { params: { id }, body: {} }))).toBe('not_allowed')
  await adam.client.call('giveInvitationCode', { params: { id }, body: {} })
})

/** A mail server that takes everything and keeps it. */
async function mailServer(): Promise<{ port: number; mails: string[]; server: Server }> {
  const mails: string[] = []
  const server = createServer((socket) => {
    let data: string | undefined
    let rest = ''
    socket.write('220 test\r\n')
    socket.on('data', (bytes) => {
      rest += bytes.toString()
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 2)
        if (data !== undefined && line !== '.') data += `${line}\n`
        else if (data !== undefined) {
          mails.push(data)
          data = undefined
          socket.write('250 kept\r\n')
        } else if (line === 'DATA') {
          data = ''
          socket.write('354 go on\r\n')
        } else if (line === 'QUIT') socket.end('221 bye\r\n')
        else socket.write('250 fine\r\n')
      }
    })
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, mails, server }
}

test('with a mail server the link goes to the address, and who invites never sees it', async () => {
  await service.remove()
  const { port, mails, server } = await mailServer()
  await begin({ smtpUrl: `smtp://127.0.0.1:${port}`, mailFrom: 'likeness@kyiv.example' })
  const body = { ...SOFIA, roles: ['administrator' as const], agencyId }
  const invited = await operator.client.call('invite', { body })
  expect(invited).toMatchObject({ link: null, needsCode: false })
  expect(mails).toHaveLength(1)
  const text = mails[0].replaceAll(/=\n/g, '')
  expect(text).toContain('To: sofia@kyiv.example')
  const token = /\/welcome#([\w-]+)/.exec(text.replaceAll('=3D', '='))![1]
  const shown = await newClient(service.address).call('showInvitation', { body: { token } })
  expect(shown).toMatchObject({ email: 'sofia@kyiv.example', needsCode: false })

  // A mail that cannot be sent leaves no invitation behind.
  server.close()
  await once(server, 'close')
  const lost = { email: 'lost@kyiv.example', name: 'Lost', roles: ['administrator' as const], agencyId }
  expect(await refused(operator.client.call('invite', { body: lost }))).toBe('unreachable')
  expect(await operator.client.call('listInvitations', {})).toHaveLength(1)
})
