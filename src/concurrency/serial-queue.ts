interface SerialQueueOptions {
  /** Pieces of work that may be under way or wait; more are refused. No limit unless given. */
  most?: number
  /** What refused work is answered with. */
  refusal?: () => Error
}

/** Work done one piece after another, in the order in which it came. A piece that fails fails for who gave it, and no other. */
export class SerialQueue {
  readonly #options: SerialQueueOptions
  #last: Promise<unknown> = Promise.resolve()
  #length = 0
  #closed: (() => Error) | undefined

  constructor(options: SerialQueueOptions = {}) {
    this.#options = options
  }

  /** @throws what `work` throws; the refusal of a queue that is full or closed */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    const { most = Number.POSITIVE_INFINITY, refusal } = this.#options
    if (this.#closed !== undefined) throw this.#closed()
    if (this.#length >= most) throw refusal?.() ?? new Error('the queue is full')
    this.#length += 1
    const mine = this.#last.then(work).finally(() => {
      this.#length -= 1
    })
    this.#last = mine.catch(() => undefined)
    return mine
  }

  /** Resolves when all that was given so far has ended. */
  async idle(): Promise<void> {
    await this.#last
  }

  /** Refuses further work with `reason` and waits for what was accepted. */
  async close(reason: () => Error): Promise<void> {
    this.#closed ??= reason
    await this.#last
  }
}
