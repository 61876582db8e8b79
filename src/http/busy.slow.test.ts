import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import {
  newAccount,
  newAgency,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../../test/support/test-service.ts'

/** More than may be read at once and wait on this machine. */
const AT_ONCE = 60

let service: TestService
let examiner: TestAccount
let caseId: string

beforeAll(async () => {
  service = await startTestService()
  const operator = await setUp(service)
  examiner = await newAccount(operator, await newAgency(operator, 'Agency'), 'Examiner', ['examiner'])
  const opened = await examiner.client.call('createCase', {
    body: { number: '1', title: 'A case', purpose: 'training', legalBasis: 'test' },
  })
  caseId = opened.id
}, 60_000)
afterAll(() => service.remove())

test('with no worker free and enough waiting, the answer is 503 at once, with Retry-After, and nothing is kept', async () => {
  const photo = readFileSync(groupPhoto(1))
  const add = () => examiner.client.send('addProbe', { params: { id: caseId }, body: photo })
  // The engine must run: starting it is not what is measured here.
  expect((await add()).status).toBe(201)
  let answered = 0
  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      const response = await add()
      answered += 1
      return {
        response,
        place: answered,
        body: (await response.json()) as { code?: string; detail?: string },
      }
    }),
  )
  const taken = answers.filter(({ response }) => response.status === 201)
  const refused = answers.filter(({ response }) => response.status === 503)
  expect(taken.length + refused.length).toBe(AT_ONCE)
  expect(taken.length).toBeGreaterThan(0)
  expect(refused.length).toBeGreaterThan(0)
  for (const { response, body } of refused) {
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    expect(body).toMatchObject({ code: 'busy', detail: expect.stringContaining('Nothing was kept') })
  }
  // Who is refused does not wait for who is read: most refusals come before the last few readings.
  const last = Math.max(...refused.map(({ place }) => place))
  expect(taken.filter(({ place }) => place > last).length).toBeGreaterThan(taken.length / 2)
  const { items } = await examiner.client.call('listProbes', {
    params: { id: caseId },
    query: { limit: 200 },
  })
  expect(items).toHaveLength(taken.length + 1)
  expect((await add()).status).toBe(201)
})
