import { BackOff } from './concurrency/back-off.ts'
import type { PartState, PartStatus } from './concurrency/part-state.ts'
import type { Engine } from './engine/types.ts'

const FIRST_RETRY_MS = 1000
const LONGEST_RETRY_MS = 5 * 60_000

/**
 * One engine for all who ask, started when first asked for. A start that failed is told to who asked, and tried again by
 * itself with growing waits until it works: a registry that could not be reached once must not stop a service for good.
 */
export class KeptEngine {
  readonly #create: () => Promise<Engine>
  readonly #backOff = new BackOff(FIRST_RETRY_MS, LONGEST_RETRY_MS)
  #starting: Promise<Engine> | undefined
  #state: PartState = 'idle'
  #retry: NodeJS.Timeout | undefined
  #failures = 0
  #lastFailure: PartStatus['lastFailure']
  #closed = false

  constructor(create: () => Promise<Engine>) {
    this.#create = create
  }

  /** How it stands, without starting it. */
  get status(): PartStatus {
    return { state: this.#state, failures: this.#failures, lastFailure: this.#lastFailure }
  }

  /** @throws what starting it throws; until it is tried again, the same at once */
  get(): Promise<Engine> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    const engine = await this.#starting?.catch(() => undefined)
    await engine?.close()
  }

  async #start(): Promise<Engine> {
    this.#state = 'starting'
    try {
      const engine = await this.#create()
      this.#backOff.succeeded()
      this.#state = 'ready'
      return engine
    } catch (error) {
      this.#state = 'failed'
      this.#failures += 1
      this.#lastFailure = { error, atMs: Date.now() }
      if (!this.#closed) this.#retry = setTimeout(() => this.#again(), this.#backOff.failed()).unref()
      throw error
    }
  }

  #again(): void {
    this.#starting = this.#start()
    // Who asks next is told; nobody waits now.
    this.#starting.catch(() => undefined)
  }
}
