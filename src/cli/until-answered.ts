import { setTimeout as delay } from 'node:timers/promises'
import { waitAfter } from '../concurrency/back-off.ts'
import { AppError } from '../errors.ts'

const TRIES = 8
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 30_000
const PASSING = new Set(['busy', 'too_many_requests', 'unreachable'])

/**
 * Asks again while a service is busy or away; the wait doubles from one second to thirty, unless the service names one.
 * @throws AppError what else it answers, or the last of 8 such answers; the signal's reason
 */
export async function untilAnswered<Answer>(
  ask: () => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof AppError) || !PASSING.has(error.code) || tries >= TRIES) throw error
      const { retryAfterSeconds: asked } = error
      const waitMs = asked === undefined ? waitAfter(tries, FIRST_WAIT_MS, LONGEST_WAIT_MS) : asked * 1000
      await delay(Math.min(waitMs, LONGEST_WAIT_MS), undefined, { signal })
    }
  }
}
