import { expect, test } from 'vitest'
import { busy, clientOf, json, lost } from '../../../test/support/answering-server.ts'
import { ApiProblem, ORDER_HEADER, outlivesPage } from './api-client.ts'

test('parts of the path are encoded, what is undefined is left out of the query, lists are repeated', async () => {
  const { client, sent } = await clientOf(json({ items: [] }))
  const query = { status: 'open' as const, after: undefined }
  await client.call('listProbes', { params: { id: 'a/б?c' }, query: { limit: 5 } })
  await client.call('listCases', { query })
  expect(sent.map(({ method, url }) => [method, url])).toEqual([
    ['GET', '/api/v1/cases/a%2F%D0%B1%3Fc/probes?limit=5'],
    ['GET', '/api/v1/cases?status=open'],
  ])
  expect(sent[0].headers['content-type']).toBeUndefined()
  expect(sent[0].body).toHaveLength(0)
})

test('a body goes as JSON, a photo as its bytes; keys go in their headers', async () => {
  const { client, sent } = await clientOf(json({ id: '1' }, 201), { apiKey: 'secret' })
  const body = { number: '1', title: 'Справа', purpose: 'training' as const, legalBasis: 'test' }
  await client.call('createCase', { body, idempotencyKey: 'once-000001' })
  const photo = new Uint8Array([0xff, 0xd8, 0, 255])
  await client.call('addProbe', { params: { id: '1' }, body: photo })
  expect(sent[0].headers).toMatchObject({
    'content-type': 'application/json',
    authorization: 'Bearer secret',
    'idempotency-key': 'once-000001',
  })
  expect(JSON.parse(sent[0].body.toString())).toEqual(body)
  expect(sent[1].headers['content-type']).toBe('application/octet-stream')
  expect([...sent[1].body]).toEqual([...photo])
})

test('writings of a page are numbered, so that one that was overtaken is known', async () => {
  const { client, sent } = await clientOf(json({}))
  for (let writing = 0; writing < 2; writing++)
    await client.send('markCandidate', { params: { id: '1', rank: 1 }, body: { mark: 'later' } })
  const [first, second] = sent.map(({ headers }) => headers[ORDER_HEADER])
  expect(first).toMatch(/^[0-9a-f]{16} 1$/)
  expect(second).toBe(String(first).replace(/1$/, '2'))
})

test('a refusal is an error with its code, its words and when to ask again', async () => {
  const { client } = await clientOf(busy(7))
  await expect(client.call('showMe', {})).rejects.toMatchObject({
    name: 'ApiProblem',
    status: 503,
    code: 'busy',
    message: 'Too much at once.',
    requestId: 'r-1',
    retryAfterSeconds: 7,
  })
})

test.each([
  ['a date that is past', 'Wed, 21 Oct 2015 07:28:00 GMT', 0],
  ['words', 'soon', undefined],
  ['nothing', '', undefined],
  ['a number below zero', '-5', undefined],
])('when to ask again may be %s', (_what, header, seconds) => {
  expect(new ApiProblem(503, {}, header).retryAfterSeconds).toBe(seconds)
})

test('a date that is to come says when to ask again, in seconds', () => {
  const inTen = new Date(Date.now() + 600_000).toUTCString()
  const seconds = new ApiProblem(503, {}, inTen).retryAfterSeconds!
  expect(seconds).toBeGreaterThan(500)
  expect(seconds).toBeLessThanOrEqual(600)
})

test('an answer of something between that is no problem document is an error too', async () => {
  const { client } = await clientOf((response) => {
    response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>')
  })
  await expect(client.call('showMe', {})).rejects.toMatchObject({
    status: 502,
    code: 'internal',
    message: 'The service answered 502.',
    retryAfterSeconds: undefined,
  })
})

test('a service that is not there is what fetch says, no problem of its own', async () => {
  const { client } = await clientOf(lost)
  await expect(client.call('showMe', {})).rejects.toBeInstanceOf(TypeError)
})

test('what streams comes as the response, what has no reply as nothing', async () => {
  const { client } = await clientOf((response) => response.end('{"seq":1}\n{"seq":2}\n'))
  const log = await client.call('exportAudit', {})
  expect((await log.text()).trim().split('\n')).toHaveLength(2)
  const gone = await clientOf((response) => response.writeHead(204).end())
  expect(await gone.client.call('signOut', {})).toBeUndefined()
})

test('a request that is taken back ends with its reason', async () => {
  const leaving = new AbortController()
  const { client } = await clientOf(() => leaving.abort(new Error('left')))
  await expect(client.call('showMe', { signal: leaving.signal })).rejects.toThrow('left')
})

test('half of what browsers keep of a page that was left is sent after it, counted in bytes', () => {
  const HALF = 32 * 1024
  expect(outlivesPage('x'.repeat(HALF))).toBe(true)
  expect(outlivesPage('x'.repeat(HALF + 1))).toBe(false)
  expect(outlivesPage('ї'.repeat(HALF / 2))).toBe(true)
  expect(outlivesPage('ї'.repeat(HALF / 2 + 1))).toBe(false)
  expect(outlivesPage(new Uint8Array(HALF + 1))).toBe(false)
})
