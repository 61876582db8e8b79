import { AppError } from '../errors.ts'

/** Photos that may wait for the engine for each of its workers; more are sent away, so that nobody waits without end. */
const WAITING_A_WORKER = 8
const RETRY_AFTER_SECONDS = 2

/** Lets in as many photos as the engine has workers, and a few that wait. */
export class ConcurrencyLimit {
  readonly #places: number
  readonly #waiting: (() => void)[] = []
  #inside = 0

  constructor(workers: number) {
    this.#places = workers
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** @throws AppError `busy` when as many wait as may; the signal's reason when it fires while waiting */
  async run<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    await this.#enter(signal)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#inside < this.#places) {
      this.#inside += 1
      return
    }
    if (this.#waiting.length >= this.#places * WAITING_A_WORKER) {
      throw new AppError(
        'busy',
        'All workers are busy with photos. Nothing was kept; try again in a moment.',
        {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        },
      )
    }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(signal.reason as Error)
      }
      this.#waiting.push(enter)
      signal.addEventListener('abort', giveUp, { once: true })
    })
  }

  /** The place goes to who waits longest. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#inside -= 1
    else next()
  }
}
