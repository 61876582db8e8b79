import { afterAll, beforeAll, expect, test } from 'vitest'
import { cookieHeader } from '../../scripts/browser-fetch.ts'
import { SoftwarePasskey } from '../../test/support/software-passkey.ts'
import { totpCode } from '../../test/support/totp.ts'
import {
  join,
  newAccount,
  newAgency,
  newClient,
  PASSWORD,
  PUBLIC_URL,
  setUp,
  signIn,
  staffOf,
  startTestService,
  type Staff,
  type TestAccount,
  type TestService,
} from '../../test/support/test-service.ts'

let service: TestService
let operator: TestAccount
let agencyId: string
let administrator: TestAccount
/** The administrator, and another one as the second person. */
let staff: Staff

beforeAll(async () => {
  service = await startTestService()
  operator = await setUp(service)
  agencyId = await newAgency(operator, 'Kyiv bureau')
  administrator = await newAccount(operator, agencyId, 'Ada Admin', ['administrator'])
  staff = { first: administrator, second: (await staffOf(operator, agencyId)).second }
}, 60_000)
afterAll(() => service.remove())

test('the set-up link makes the operator, once', async () => {
  const me = await operator.client.call('showMe', {})
  expect(me).toMatchObject({ roles: ['operator'], agencyId: null, assurance: 'totp', hasSecondFactor: true })
  const again = join(service.address, service.setupLink!, { email: 'other@instance.example', name: 'Other' })
  await expect(again).rejects.toMatchObject({ status: 404, code: 'not_found' })
})

test('an invitation says what it is for, works once, and gives just its roles', async () => {
  const body = { email: 'eva@kyiv.example', name: 'Eva Examiner', roles: ['examiner' as const] }
  const { id, link } = await administrator.client.call('invite', { body })
  const token = new URL(link!).hash.slice(1)
  const shown = await newClient(service.address).call('showInvitation', { body: { token } })
  expect(shown).toEqual({
    email: 'eva@kyiv.example',
    name: 'Eva Examiner',
    agency: 'Kyiv bureau',
    roles: ['examiner'],
    needsCode: true,
  })
  const { code } = await staff.second.client.call('giveInvitationCode', { params: { id }, body: {} })
  const other = { email: 'somebody@else.example', name: 'Somebody Else', code }
  const eva = await join(service.address, link!, other)
  const me = await eva.client.call('showMe', {})
  expect(me).toMatchObject({
    name: 'Eva Examiner',
    roles: [],
    waitingRoles: ['examiner'],
    agency: 'Kyiv bureau',
  })
  expect(eva.email).toBe('eva@kyiv.example')
  await expect(join(service.address, link!, { email: 'x@y.example', name: 'X' })).rejects.toMatchObject({
    status: 404,
  })
})

test('an administrator cannot make operators or accounts of other agencies', async () => {
  const body = { email: 'n@kyiv.example', name: 'N' }
  const asOperator = administrator.client.call('invite', { body: { ...body, roles: ['operator'] } })
  await expect(asOperator).rejects.toMatchObject({ status: 400 })
  const other = await newAgency(operator, 'Odesa bureau')
  const invited = await administrator.client.call('invite', {
    body: { ...body, roles: ['examiner'], agencyId: other },
  })
  expect(invited.agencyId).toBe(agencyId)
})

test('a password alone opens the own account only', async () => {
  const body = { email: 'half@kyiv.example', name: 'Half In', roles: ['examiner' as const] }
  const { id, link } = await administrator.client.call('invite', { body })
  const { code } = await staff.second.client.call('giveInvitationCode', { params: { id }, body: {} })
  const client = newClient(service.address)
  const token = new URL(link!).hash.slice(1)
  await client.call('acceptInvitation', { body: { token, password: PASSWORD, code } })
  await client.call('signIn', { body: { email: body.email, password: PASSWORD } })
  expect((await client.call('showMe', {})).permissions).toEqual([])
  await expect(client.call('listCases', {})).rejects.toMatchObject({
    status: 403,
    code: 'second_factor_missing',
  })
})

test('signing in needs password and code; a recovery code works once', async () => {
  const client = newClient(service.address)
  const { email, recoveryCodes } = administrator
  const first = await client.call('signIn', { body: { email, password: PASSWORD } })
  expect(first.state).toBe('second_factor')
  await expect(client.call('showMe', {})).rejects.toMatchObject({ status: 401 })
  await expect(client.call('signInWithCode', { body: { code: '000000' } })).rejects.toMatchObject({
    status: 401,
  })
  await client.call('signInWithCode', { body: { recoveryCode: recoveryCodes[0] } })
  expect(await client.call('showMe', {})).toMatchObject({ assurance: 'totp', name: 'Ada Admin' })
  const other = newClient(service.address)
  await other.call('signIn', { body: { email, password: PASSWORD } })
  const used = other.call('signInWithCode', { body: { recoveryCode: recoveryCodes[0] } })
  await expect(used).rejects.toMatchObject({ status: 401 })
})

test('a second factor cannot be added by somebody who knows the password only', async () => {
  const client = newClient(service.address)
  await client.call('signIn', { body: { email: administrator.email, password: PASSWORD } })
  await expect(client.call('beginTotp', { body: { password: PASSWORD } })).rejects.toMatchObject({
    status: 401,
  })
  await expect(client.call('beginPasskey', {})).rejects.toMatchObject({ status: 401 })
})

test('unknown address, wrong password and lock give nothing away', async () => {
  const attempt = async (email: string) => {
    const response = await newClient(service.address).send('signIn', {
      body: { email, password: 'wrong password 1' },
    })
    const { requestId: _requestId, ...problem } = (await response.json()) as Record<string, unknown>
    return { status: response.status, ...problem }
  }
  const answers = { known: [] as unknown[], unknown: [] as unknown[] }
  for (let round = 0; round < 6; round++) {
    answers.known.push(await attempt(operator.email))
    answers.unknown.push(await attempt('nobody@nowhere.example'))
  }
  expect(answers.known.slice(0, 5)).toEqual(answers.unknown.slice(0, 5))
  expect(answers.known[5]).toMatchObject({ status: 429, code: 'too_many_requests' })
  expect(answers.unknown[5]).toMatchObject({ status: 429, code: 'too_many_requests' })
  const right = newClient(service.address).call('signIn', {
    body: { email: operator.email, password: PASSWORD },
  })
  await expect(right).rejects.toMatchObject({ status: 429, retryAfterSeconds: expect.any(Number) })
})

test('well-known, short and own-name passwords are refused', async () => {
  const invitation = await administrator.client.call('invite', {
    body: { email: 'oleksandra@kyiv.example', name: 'Oleksandra', roles: ['liaison'] },
  })
  const token = new URL(invitation.link!).hash.slice(1)
  const given = { params: { id: invitation.id }, body: {} }
  const { code } = await staff.second.client.call('giveInvitationCode', given)
  for (const password of ['short', 'passwordpassword', 'aaaaaaaaaaaaaaaa', 'oleksandra123']) {
    const accept = newClient(service.address).call('acceptInvitation', { body: { token, password, code } })
    await expect(accept, password).rejects.toMatchObject({ status: 400, code: 'bad_input' })
  }
})

test('sessions are listed with device and can be ended', async () => {
  const second = await signIn(service.address, administrator)
  const sessions = await administrator.client.call('listMySessions', {})
  expect(sessions.filter(({ current }) => current)).toHaveLength(1)
  const other = sessions.find(({ current }) => !current)!
  expect(other.address).toBe('127.0.0.1')
  await expect(second.call('showMe', {})).resolves.toBeDefined()
  for (const { id, current } of sessions) {
    if (!current) await administrator.client.call('endMySession', { params: { id } })
  }
  await expect(second.call('showMe', {})).rejects.toMatchObject({ status: 401 })
})

test('an API key does what its scopes say and no more', async () => {
  const { key } = await administrator.client.call('createApiKey', {
    body: { name: 'script', scopes: ['account.read'], days: 1 },
  })
  const program = newClient(service.address, key)
  expect((await program.call('listAccounts', {})).length).toBeGreaterThan(1)
  await expect(program.call('listSuspensions', {})).rejects.toMatchObject({ status: 403 })
  const more = { body: { name: 'more', scopes: ['account.read' as const], days: 1 } }
  await expect(program.call('createApiKey', more)).rejects.toMatchObject({ status: 403 })
  const beyond = { body: { name: 'beyond', scopes: ['case.read' as const], days: 1 } }
  await expect(administrator.client.call('createApiKey', beyond)).rejects.toMatchObject({ status: 403 })
  const [{ id }] = await administrator.client.call('listApiKeys', {})
  await administrator.client.call('deleteApiKey', { params: { id } })
  await expect(program.call('listAccounts', {})).rejects.toMatchObject({ status: 401 })
})

test('a request with a key makes a thing once, however often and at once it is sent', async () => {
  const body = { name: 'Lviv bureau' }
  const make = () => operator.client.send('createAgency', { body, idempotencyKey: 'lviv-0001' })
  const answers = await Promise.all([make(), make(), make()])
  const ids = new Set<string>()
  for (const answer of answers) {
    // Those that came while the first was under way are told so; they may ask again.
    expect([201, 409]).toContain(answer.status)
    if (answer.ok) ids.add(((await answer.json()) as { id: string }).id)
  }
  expect(ids.size).toBe(1)
  const [id] = ids
  const again = await operator.client.call('createAgency', { body, idempotencyKey: 'lviv-0001' })
  expect(again).toMatchObject({ id, name: 'Lviv bureau' })
  const other = operator.client.call('createAgency', {
    body: { name: 'Another' },
    idempotencyKey: 'lviv-0001',
  })
  await expect(other).rejects.toMatchObject({ status: 409 })
  // What failed may be tried again under the same key.
  const taken = { body: { name: 'Kyiv bureau' }, idempotencyKey: 'kyiv-0002' }
  await expect(operator.client.call('createAgency', taken)).rejects.toMatchObject({ status: 409 })
  await expect(operator.client.call('createAgency', taken)).rejects.toThrow('called')
})

test('an invitation sent again makes no second one and shows no link', async () => {
  const invitation = {
    body: { email: 'once@kyiv.example', name: 'Once', roles: ['auditor' as const] },
    idempotencyKey: 'invite-0001',
  }
  await administrator.client.call('invite', invitation)
  await expect(administrator.client.call('invite', invitation)).rejects.toThrow('shown only once')
  const open = await administrator.client.call('listInvitations', {})
  expect(open.filter(({ email }) => email === 'once@kyiv.example')).toHaveLength(1)
})

test('a passkey signs in alone, for both factors, and only from here and once for each challenge', async () => {
  const { client } = await newAccount(operator, agencyId, 'Pavlo Passkey', ['examiner'])
  const passkey = new SoftwarePasskey(PUBLIC_URL)
  const made = passkey.register(await client.call('beginPasskey', {}))
  await client.call('addPasskey', { body: { name: 'desk', response: made } })
  expect(await client.call('listPasskeys', {})).toMatchObject([{ name: 'desk' }])

  const browser = newClient(service.address)
  const response = passkey.assert(await browser.call('passkeyChallenge', {}))
  const challenged = new Map(browser.cookies)
  expect(await browser.call('signInWithPasskey', { body: { response } })).toEqual({ state: 'signed_in' })
  expect(await browser.call('showMe', {})).toMatchObject({ name: 'Pavlo Passkey', assurance: 'passkey' })
  expect((await browser.call('listCases', {})).items).toEqual([])

  const refused = async (answer: Record<string, unknown>, from = newClient(service.address)) => {
    await expect(from.call('signInWithPasskey', { body: { response: answer } })).rejects.toMatchObject({
      status: 401,
    })
  }
  const replaying = newClient(service.address)
  for (const [name, value] of challenged) replaying.cookies.set(name, value)
  await refused(response, replaying)
  await refused(response)

  const unverified = newClient(service.address)
  passkey.verifiesUser = false
  await refused(passkey.assert(await unverified.call('passkeyChallenge', {})), unverified)
  passkey.verifiesUser = true

  const forged = newClient(service.address)
  const other = new SoftwarePasskey(PUBLIC_URL).assert(await forged.call('passkeyChallenge', {}))
  await refused({ ...other, id: response['id'], rawId: response['id'] }, forged)
})

test('a passkey of another origin is not taken', async () => {
  const { client } = await newAccount(operator, agencyId, 'Petro Phished', ['examiner'])
  const made = new SoftwarePasskey('http://likeness.evil').register(await client.call('beginPasskey', {}))
  const add = client.call('addPasskey', { body: { name: 'evil', response: made } })
  await expect(add).rejects.toMatchObject({ status: 400, code: 'bad_input' })
  expect(await client.call('listPasskeys', {})).toEqual([])
})

test('requests from another site are refused', async () => {
  const cookie = cookieHeader(administrator.client.cookies)
  const suspend = (headers: Record<string, string>) =>
    fetch(`${service.address}/api/v1/suspensions`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ kind: 'account', targetId: operator.accountId, reason: 'x' }),
    })
  for (const headers of [
    {},
    { origin: 'http://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'null' },
  ]) {
    const response = await suspend(headers)
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ code: 'foreign_origin' })
  }
})

test('the cookie is for this site, for HTTP and for no script', async () => {
  const client = newClient(service.address)
  const response = await client.send('signIn', { body: { email: administrator.email, password: PASSWORD } })
  for (const line of response.headers.getSetCookie()) {
    expect(line).toMatch(/HttpOnly/i)
    expect(line).toMatch(/SameSite=Strict/i)
  }
  expect(totpCode('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', 59_000)).toBe('287082')
})
