import { isErrorCode } from '../../errors.ts'
import { ApiProblem } from './api-client.ts'
import { pause } from './pause.ts'

const TRIES = 8
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 30_000
/** Codes of a service that will answer later; `internal` of something between that wrote no problem document. */
const PASSING: ReadonlySet<string> = new Set(['busy', 'too_many_requests', 'unreachable', 'internal'])

/**
 * Asks again while a service is busy or away; the wait doubles from one second to thirty, unless the service names one.
 * For what may be done twice: an answer that was lost was perhaps the answer to something that was done.
 * @throws ApiProblem what else it answers, or the last of 8 such answers; what `fetch` throws, after 8 times; the signal's reason
 */
export async function untilAnswered<Answer>(
  ask: () => Promise<Answer>,
  signal?: AbortSignal,
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (failure) {
      signal?.throwIfAborted()
      if (tries >= TRIES || isRefusal(failure)) throw failure
      const asked = failure instanceof ApiProblem ? failure.retryAfterSeconds : undefined
      const waitMs = asked === undefined ? FIRST_WAIT_MS * 2 ** (tries - 1) : asked * 1000
      await pause(Math.min(waitMs, LONGEST_WAIT_MS), signal)
    }
  }
}

/** Whether the service answered, and will answer the same for as long as anybody waits. */
function isRefusal(failure: unknown): boolean {
  if (!(failure instanceof ApiProblem)) return false
  if (failure.status !== 429 && failure.status !== 503) return true
  return isErrorCode(failure.code) && !PASSING.has(failure.code)
}
