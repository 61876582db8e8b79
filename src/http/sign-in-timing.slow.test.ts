import { performance } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { PUBLIC_URL, setUp, startTestService } from '../../test/support/test-service.ts'
import { API_PREFIX, endpoints } from '../contract/endpoints.ts'

/** Pairs of attempts; together below the limit of attempts from one address in a minute. */
const PAIRS = 24
/** As a share of an attempt. Leaving out the hash of the password for unknown addresses makes it more than 1. */
const MOST_DIFFERENCE = 0.4

test('whether an address has an account shows neither in the answer nor in its time', async () => {
  const service = await startTestService()
  const { email: known } = await setUp(service)
  const attempt = async (email: string): Promise<{ ms: number; answer: object }> => {
    const start = performance.now()
    const response = await fetch(`${service.address}${API_PREFIX}${endpoints.signIn.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: PUBLIC_URL },
      body: JSON.stringify({ email, password: 'not the right sentence' }),
    })
    const { requestId: _requestId, ...problem } = (await response.json()) as Record<string, unknown>
    const ms = performance.now() - start
    const headers = [...response.headers.keys()].toSorted()
    // Failures are forgotten, so that the lock after five of them does not answer instead.
    await service.ctx.store.db.deleteFrom('sign_in_failure').execute()
    return { ms, answer: { status: response.status, headers, problem } }
  }
  await attempt(known)
  // Pairs in turn, and medians: what slows the machine down for a while slows down both.
  const differences: number[] = []
  const times: number[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const unknown = `nobody-${pair}@instance.example`
    const order = pair % 2 === 0 ? [known, unknown] : [unknown, known]
    const first = await attempt(order[0])
    const second = await attempt(order[1])
    expect(first.answer).toEqual(second.answer)
    expect(first.answer).toMatchObject({ status: 401, problem: { code: 'sign_in_refused' } })
    differences.push(pair % 2 === 0 ? first.ms - second.ms : second.ms - first.ms)
    times.push(first.ms, second.ms)
  }
  expect(Math.abs(median(differences))).toBeLessThan(MOST_DIFFERENCE * median(times))
  await service.remove()
}, 120_000)

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
