import { ApiProblem } from '../../api.ts'

/** How often a file is tried again when the service is busy or cannot be reached, and how long before the first time. */
const TRIES = 8
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 30_000

/** Tries again while the service is busy or away: the same name is the same file, so nothing is taken in twice. */
export async function untilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (failure) {
      const isRefused = failure instanceof ApiProblem && ![429, 503].includes(failure.status)
      if (isRefused || tries >= TRIES) throw failure
      const asked = failure instanceof ApiProblem ? failure.retryAfterSeconds : undefined
      const waitMs = asked === undefined ? FIRST_WAIT_MS * 2 ** (tries - 1) : asked * 1000
      await new Promise((resolve) => {
        setTimeout(resolve, Math.min(waitMs, LONGEST_WAIT_MS))
      })
    }
  }
}
