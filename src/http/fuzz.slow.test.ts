import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  malformedRequest,
  oddRequest,
  operationsOf,
  type Attempt,
  type OpenApi,
} from '../../test/support/fuzz-requests.ts'
import {
  newAccount,
  newAgency,
  setUp,
  startTestService,
  type TestService,
} from '../../test/support/test-service.ts'
import { ROLES, type Permission } from '../contract/roles.ts'

/** As the project promises; each is wrong in one way by construction. */
const MALFORMED = 3200
/** Requests as the document allows them, with odd values. */
const ODD = 800
/** Each account may make 1200 requests a minute; a refusal for that would say nothing about the request. */
const ACCOUNTS = 6
const SEED = 20_220_224

const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as OpenApi
const operations = operationsOf(document)

let service: TestService
const keys: { key: string; permissions: Set<string> }[] = []

beforeAll(async () => {
  service = await startTestService({ trustProxy: '127.0.0.1' })
  const operator = await setUp(service)
  const agencyId = await newAgency(operator, 'Agency')
  const roles = ROLES.filter((role) => role !== 'operator')
  const accounts = [operator]
  for (let account = 0; account < ACCOUNTS; account++) {
    accounts.push(await newAccount(operator, agencyId, `Account ${account}`, roles))
  }
  for (const { client } of accounts) {
    const scopes: Permission[] = (await client.call('showMe', {})).permissions
    const { key } = await client.call('createApiKey', { body: { name: 'fuzz', scopes, days: 1 } })
    keys.push({ key, permissions: new Set<string>(scopes) })
  }
}, 120_000)
afterAll(() => service.remove())

let sent = 0

/** Sends the bytes as they are, as somebody who may do it; a client library would put some of them right. */
async function send({
  access,
  method,
  path,
  headers,
  body,
}: Attempt): Promise<{ status: number; type: string }> {
  sent += 1
  const may = keys.filter(({ permissions }) => permissions.has(access))
  const { key } = (may.length === 0 ? keys : may)[sent % (may.length === 0 ? keys : may).length]
  const request = httpRequest(new URL(service.address), {
    method,
    path,
    headers: {
      ...headers,
      authorization: `Bearer ${key}`,
      // Another address each time: signing in is limited by address.
      'x-forwarded-for': `10.${sent >> 16}.${(sent >> 8) & 255}.${sent & 255}`,
    },
  })
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const type = response.headers['content-type'] ?? ''
  if (type.startsWith('text/event-stream')) response.destroy()
  else await text(response)
  return { status: response.statusCode!, type }
}

test(`${MALFORMED} malformed requests get 4xx and a problem document`, async () => {
  const tried = new Set<string>()
  await fc.assert(
    fc.asyncProperty(malformedRequest(operations), async (attempt) => {
      tried.add(attempt.operation)
      const { status, type } = await send(attempt)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(500)
      expect(status, 'the limit on requests says nothing about this one').not.toBe(429)
      expect(type).toMatch(/^application\/problem\+json/)
    }),
    { numRuns: MALFORMED, seed: SEED },
  )
  expect(operations.filter(({ name }) => !tried.has(name))).toEqual([])
})

test(`${ODD} well-formed requests with odd values never get 5xx`, async () => {
  await fc.assert(
    fc.asyncProperty(oddRequest(operations), async (attempt) => {
      expect((await send(attempt)).status).toBeLessThan(500)
    }),
    { numRuns: ODD, seed: SEED },
  )
  expect((await fetch(`${service.address}/ready`)).status).toBe(200)
})
