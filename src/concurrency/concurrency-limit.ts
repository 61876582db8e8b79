interface ConcurrencyLimitOptions {
  /** Pieces of work at once. */
  places: number
  /** Pieces that may wait; more are refused. No limit unless given. */
  mostWaiting?: number
  /** What refused work is answered with. */
  refusal?: () => Error
}

/** Lets so many pieces of work go on at once; more wait, in the order in which they came. */
export class ConcurrencyLimit {
  readonly #options: ConcurrencyLimitOptions
  readonly #waiting: (() => void)[] = []
  #inside = 0

  constructor(options: ConcurrencyLimitOptions) {
    this.#options = options
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** @throws the refusal when as many wait as may; the signal's reason when it fires while waiting; what `work` throws */
  async run<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    await this.#enter(signal)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    const { places, mostWaiting = Number.POSITIVE_INFINITY, refusal } = this.#options
    signal?.throwIfAborted()
    if (this.#inside < places) {
      this.#inside += 1
      return
    }
    if (this.#waiting.length >= mostWaiting) throw refusal?.() ?? new Error('too many wait')
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(signal?.reason as Error)
      }
      this.#waiting.push(enter)
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }

  /** The place goes to who waits longest. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#inside -= 1
    else next()
  }
}
