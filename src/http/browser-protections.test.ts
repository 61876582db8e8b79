import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  newAccount,
  newAgency,
  newClient,
  PASSWORD,
  setUp,
  startTestService,
  type TestService,
} from '../../test/support/test-service.ts'

const HTTPS = 'https://likeness.test'

test('behind HTTPS every cookie is bound to this host alone and out of reach of scripts', async () => {
  const service = await startTestService({ publicUrl: HTTPS })
  onTestFinished(() => service.remove())
  const post = (path: string, body: object) =>
    fetch(`${service.address}/api/v1${path}`, {
      method: 'POST',
      headers: { origin: HTTPS, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const token = new URL(service.setupLink!).hash.slice(1)
  const who = { email: 'operator@instance.example', name: 'Olena' }
  expect((await post('/invitations/accept', { token, password: PASSWORD, ...who })).status).toBe(201)
  const signedIn = await post('/session', { email: who.email, password: PASSWORD })
  const cookies = signedIn.headers.getSetCookie()
  expect(cookies.length).toBeGreaterThan(1)
  for (const cookie of cookies) {
    expect(cookie).toMatch(/^__Host-likeness\.\w+=/)
    for (const attribute of [/; Secure/i, /; HttpOnly/i, /; SameSite=Strict/i, /; Path=\/(;|$)/i])
      expect(cookie).toMatch(attribute)
    expect(cookie).not.toMatch(/; Domain=/i)
  }
  const names = cookies.map((cookie) => cookie.split(';')[0]).join('; ')
  const me = await fetch(`${service.address}/api/v1/session`, { headers: { cookie: names } })
  expect(me.status).toBe(200)
  expect(me.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
})

test('answers are kept nowhere, read as what they are, framed by nobody; files are saved, not shown', async () => {
  const service = await startTestService()
  onTestFinished(() => service.remove())
  const operator = await setUp(service)
  for (const client of [operator.client, newClient(service.address)]) {
    const { headers } = await client.send('showMe', {})
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-type')).toMatch(/^application\/(problem\+)?json; charset=utf-8$/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    const policy = headers.get('content-security-policy')!
    for (const directive of [
      "default-src 'none'",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ])
      expect(policy).toContain(directive)
  }
  const auditor = await newAccount(operator, await newAgency(operator, 'Kyiv'), 'Anna', ['auditor'])
  const log = await auditor.client.send('exportAudit', {})
  expect(log.headers.get('content-disposition')).toBe('attachment; filename="likeness-exportAudit.jsonl"')
  expect((await log.text()).trim().split('\n').length).toBeGreaterThan(1)
  const trace = await fetch(service.address, { method: 'OPTIONS' })
  expect(trace.status).toBe(404)
})

describe('passwords', () => {
  let service: TestService
  beforeAll(async () => {
    service = await startTestService()
  }, 60_000)
  afterAll(() => service.remove())

  // What is refused leaves the link as it was.
  test.each(['likeness2026!!', 'Likeness-Likeness1', 'operator12345'])(
    '%s is no password',
    async (password) => {
      const token = new URL(service.setupLink!).hash.slice(1)
      const body = { token, password, email: 'operator@instance.example', name: 'Olena' }
      const { status } = await newClient(service.address).send('acceptInvitation', { body })
      expect(status).toBe(400)
    },
  )
})
