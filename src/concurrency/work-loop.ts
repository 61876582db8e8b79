import { setTimeout as delay } from 'node:timers/promises'
import { BackOff } from './back-off.ts'
import type { PartState, PartStatus } from './part-state.ts'

/** Waits after a failure, unless a loop has others. */
const FIRST_RETRY_MS = 1000
const LONGEST_RETRY_MS = 60_000

export interface WorkLoopOptions {
  /**
   * Does a piece of what there is to do. What it throws is the loop's failure, not that of a piece of work whose fault is
   * its own: such a one is dealt with in the step.
   * @param signal fires when the loop is to stop
   * @param works tells that the loop works, ahead of the step's end, where the rest may take long
   * @returns whether there may be more to do at once
   */
  step: (signal: AbortSignal, works: () => void) => Promise<boolean>
  /** How long to wait when there is nothing more to do. */
  everyMs: number
  /** Told of each step that failed; the next comes after a wait that grows. */
  onTrouble: (error: unknown) => void
  /** Lets go of what a step that failed worked with, so that the next begins anew. */
  reset?: () => Promise<void>
  /** Wait after a first failure, and the longest; a second and a minute unless given. */
  retry?: { firstMs: number; longestMs: number }
  /** Whether the first step waits too. */
  waitsFirst?: boolean
  /** Whether the loop lets the process end while it waits. */
  isUnref?: boolean
}

/**
 * [Note: work loop]
 * Whatever goes on by itself is such a loop: one step after another from `start` to `stop`, a wait when there is nothing to
 * do, a longer one after each failure, until a step succeeds.
 */
export class WorkLoop {
  readonly #options: WorkLoopOptions
  readonly #backOff: BackOff
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  #woken = new AbortController()
  #state: PartState = 'idle'
  #failures = 0
  #lastFailure: PartStatus['lastFailure']

  constructor(options: WorkLoopOptions) {
    this.#options = options
    const { firstMs, longestMs } = options.retry ?? { firstMs: FIRST_RETRY_MS, longestMs: LONGEST_RETRY_MS }
    this.#backOff = new BackOff(firstMs, longestMs)
  }

  get status(): PartStatus {
    return { state: this.#state, failures: this.#failures, lastFailure: this.#lastFailure }
  }

  /** Goes on until it is stopped; what was stopped stays so. */
  start(): void {
    this.#running ??= this.#run()
  }

  /** Looks now: this process was just asked for something. */
  wake(): void {
    this.#woken.abort()
  }

  /** Begins no more steps; returns when the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#woken.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const { everyMs, waitsFirst } = this.#options
    this.#state = 'starting'
    if (waitsFirst === true) await this.#wait(everyMs)
    while (!signal.aborted) {
      this.#woken = new AbortController()
      const waitMs = await this.#step(signal)
      if (waitMs > 0) await this.#wait(waitMs)
    }
    this.#state = 'idle'
  }

  async #wait(ms: number): Promise<void> {
    const ref = this.#options.isUnref !== true
    await delay(ms, undefined, { signal: this.#woken.signal, ref }).catch(() => undefined)
  }

  /** @returns how long to wait, ms */
  async #step(signal: AbortSignal): Promise<number> {
    const { step, everyMs } = this.#options
    try {
      const isMore = await step(signal, () => this.#works())
      this.#works()
      return isMore ? 0 : everyMs
    } catch (error) {
      await this.#note(error)
      return this.#backOff.failed()
    }
  }

  #works(): void {
    this.#backOff.succeeded()
    this.#state = 'ready'
  }

  async #note(error: unknown): Promise<void> {
    const { onTrouble, reset } = this.#options
    this.#state = 'failed'
    this.#failures += 1
    this.#lastFailure = { error, atMs: Date.now() }
    onTrouble(error)
    try {
      await reset?.()
    } catch (other) {
      onTrouble(other)
    }
  }
}
