interface SerialQueueOptions {
  /** Pieces of work that may be under way or wait; more are refused. No limit unless given. */
  most?: number
  /** What refused work is answered with. */
  refusal?: () => Error
}

/** Work done one piece after another, in the order in which it came. A piece that fails fails for who gave it, and no other. */
export class SerialQueue {
  readonly #options: SerialQueueOptions
  #last: Promise<void> = Promise.resolve()
  #length = 0
  #closed: (() => Error) | undefined

  constructor(options: SerialQueueOptions = {}) {
    this.#options = options
  }

  /** @throws what `work` throws; the refusal of a queue that is full or closed */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    const leave = await this.take()
    try {
      return await work()
    } finally {
      leave()
    }
  }

  /** Waits for a turn. @returns what ends it @throws the refusal of a queue that is full or closed */
  async take(): Promise<() => void> {
    const { most = Number.POSITIVE_INFINITY, refusal } = this.#options
    if (this.#closed !== undefined) throw this.#closed()
    if (this.#length >= most) throw refusal?.() ?? new Error('the queue is full')
    this.#length += 1
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    await before
    return () => {
      this.#length -= 1
      resolve()
    }
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
