import { expect, test } from 'vitest'
import { ApiProblem } from '../../api.ts'
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
