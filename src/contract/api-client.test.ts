import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { ApiClient, ORDER_HEADER, outlivesPage, type ApiClientOptions } from './api-client.ts'

interface Sent {
  method: string | undefined
  url: string | undefined
  headers: IncomingMessage['headers']
  body: Buffer
}

/** A client of a service that keeps what it is sent and answers as it is told. */
async function clientOf(
  answer: (response: ServerResponse) => void,
  options: Partial<ApiClientOptions> = {},
): Promise<{ client: ApiClient; sent: Sent[] }> {
  const sent: Sent[] = []
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url, headers } = request
    sent.push({ method, url, headers, body: await buffer(request) })
    answer(response)
  }
  const server = createServer((request, response) => void receive(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { client: new ApiClient({ server: `http://127.0.0.1:${port}`, ...options }), sent }
}

const json =
  (value: unknown, status = 200) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }

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
  const { client } = await clientOf((response) => {
    response.setHeader('retry-after', '7')
    json({ code: 'busy', detail: 'Too much at once.', requestId: 'r-1' }, 503)(response)
  })
  await expect(client.call('showMe', {})).rejects.toMatchObject({
    name: 'ApiProblem',
    status: 503,
    code: 'busy',
    message: 'Too much at once.',
    requestId: 'r-1',
    retryAfterSeconds: 7,
  })
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
  const { client } = await clientOf((response) => response.destroy())
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
