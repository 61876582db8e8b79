import { expect, test } from 'vitest'
import {
  busy,
  busyBetween,
  clientOf,
  json,
  lost,
  type Answer,
} from '../../../test/support/answering-server.ts'
import { ApiProblem } from './api-client.ts'
import { untilAnswered } from './until-answered.ts'

/** A service that says when to ask again: at once. */
const problem = (status: number): ApiProblem => new ApiProblem(status, { code: `answer_${status}` }, '0')

/** Asks a service that gives these answers one after the other. */
async function asked(answers: readonly (ApiProblem | string)[]): Promise<{ answer: unknown; times: number }> {
  let times = 0
  const answer: unknown = await untilAnswered(async () => {
    const next = answers[times++]
    if (typeof next === 'string') return next
    throw next
  }).catch((error: unknown) => error)
  return { answer, times }
}

test('who is busy is asked until there is an answer', async () => {
  expect(await asked([problem(503), problem(429), 'taken'])).toEqual({ answer: 'taken', times: 3 })
})

test.each([400, 401, 403, 404, 409, 413, 422, 500])(
  'a refusal with %s is passed on at once',
  async (status) => {
    const refusal = problem(status)
    expect(await asked([refusal, 'never'])).toEqual({ answer: refusal, times: 1 })
  },
)

test('after eight times the last answer is passed on', async () => {
  const answers = Array.from({ length: 20 }, () => problem(503))
  const { answer, times } = await asked(answers)
  expect(times).toBe(8)
  expect(answer).toBe(answers[7])
})

test.each(['models_unavailable', 'video_decoder_missing', 'wrong_key', 'storage_read_only'])(
  'a service that has %s says so at once: waiting changes nothing',
  async (code) => {
    const refusal = new ApiProblem(503, { code }, null)
    expect(await asked([refusal, 'never'])).toEqual({ answer: refusal, times: 1 })
  },
)

test('something between that says nothing but 503 is asked again', async () => {
  expect(await asked([new ApiProblem(503, {}, '0'), 'taken'])).toEqual({ answer: 'taken', times: 2 })
})

/** Lists cases of a server that gives these answers one after the other, the last one for good. */
async function listed(answers: readonly Answer[], signal?: AbortSignal) {
  const left = [...answers]
  const { client, sent } = await clientOf((response, request) =>
    (left.length > 1 ? left.shift()! : left[0])(response, request),
  )
  const ask = untilAnswered(() => client.call('listCases', {}), signal)
  return { sent, result: await ask.catch((error: unknown) => error) }
}

test('a lost answer, and words of something between, are asked for again', async () => {
  const cases = { items: [], next: null }
  const { sent, result } = await listed([
    lost,
    busy(),
    busyBetween,
    busy(0, 429, 'too_many_requests'),
    json(cases),
  ])
  expect(result).toEqual(cases)
  expect(sent).toHaveLength(5)
})

test('who waits for a busy service and gives up, does so at once and asks no more', async () => {
  const leaving = new AbortController()
  const longBusy: Answer = (response, request) => {
    busy(600)(response, request)
    setImmediate(() => leaving.abort(new Error('left')))
  }
  const { sent, result } = await listed([longBusy], leaving.signal)
  expect(result).toEqual(new Error('left'))
  expect(sent).toHaveLength(1)
})
