import { AppError } from '../../errors.ts'
import { ConnectionThread } from './connection-thread.ts'
import type { ConnectionSettings } from './connection-worker.ts'
import type { StatementResult } from './run-statement.ts'

/** Reading connections of one process. More than cores: short reads go on while long ones are under way. */
export const READER_THREADS = 4
/** Threads that end but are still in a query that they were to give up. */
const MAX_ENDING = 4
/** Reads that may wait for a thread. */
export const MAX_WAITING_READS = 5000
/** How long one query may read. The longest of our own takes a fiftieth at a million photos. */
export const READ_LIMIT_MS = 30_000
/** How long a query that nobody waits for any more may go on: most end before a new thread would be there. */
const GIVEN_UP_MS = 250

export interface ReaderPoolLimits {
  readLimitMs: number
  givenUpMs: number
}

const LIMITS: ReaderPoolLimits = { readLimitMs: READ_LIMIT_MS, givenUpMs: GIVEN_UP_MS }

type Job = (thread: ConnectionThread) => void

/**
 * Reading connections in threads of their own. A query runs until it ends, until nobody waits for it or until it has
 * taken too long: SQLite cannot be stopped from outside its thread, so the thread is then ended and another one started.
 */
export class ReaderPool {
  readonly #settings: ConnectionSettings
  readonly #limits: ReaderPoolLimits
  readonly #idle: ConnectionThread[] = []
  readonly #working = new Set<ConnectionThread>()
  readonly #ending = new Set<Promise<void>>()
  readonly #waiting: Job[] = []

  constructor(settings: Omit<ConnectionSettings, 'readOnly'>, limits: ReaderPoolLimits = LIMITS) {
    this.#settings = { ...settings, readOnly: true }
    this.#limits = limits
    this.#idle.push(new ConnectionThread(this.#settings))
  }

  /**
   * @param signal gives the query up; what comes back then is of no use
   * @throws AppError `busy` when too many wait, `limit_exceeded` when the query takes too long
   */
  async run(
    sql: string,
    parameters: readonly unknown[],
    signal: AbortSignal | undefined,
  ): Promise<StatementResult> {
    const thread = await this.#take()
    const isGivenUp = (): boolean => signal?.aborted ?? false
    await thread.opened
    if (isGivenUp()) {
      this.#release(thread)
      return NOTHING
    }
    let tooLong: NodeJS.Timeout | undefined
    let givenUp: NodeJS.Timeout | undefined
    const giveUp = (): void => {
      givenUp = setTimeout(() => this.#retire(thread), this.#limits.givenUpMs)
    }
    let isTooLong = false
    try {
      tooLong = setTimeout(() => {
        isTooLong = true
        this.#retire(thread)
      }, this.#limits.readLimitMs)
      signal?.addEventListener('abort', giveUp, { once: true })
      return await thread.run(sql, parameters)
    } catch (error) {
      if (isGivenUp()) return NOTHING
      if (isTooLong) throw readTooLong(this.#limits.readLimitMs)
      throw error
    } finally {
      signal?.removeEventListener('abort', giveUp)
      clearTimeout(tooLong)
      clearTimeout(givenUp)
      this.#release(thread)
    }
  }

  async close(): Promise<void> {
    const threads = [...this.#idle.splice(0), ...this.#working]
    await Promise.all([...threads.map((thread) => thread.close()), ...this.#ending])
  }

  async #take(): Promise<ConnectionThread> {
    const idle = this.#idle.pop()
    const thread = idle ?? (this.#mayStart() ? new ConnectionThread(this.#settings) : undefined)
    if (thread !== undefined) {
      this.#working.add(thread)
      return thread
    }
    if (this.#waiting.length >= MAX_WAITING_READS) {
      throw new AppError('busy', 'Too many queries wait for the record; try again in a moment.', {
        retryAfterSeconds: 1,
      })
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #mayStart(): boolean {
    return this.#working.size < READER_THREADS && this.#ending.size <= MAX_ENDING
  }

  /** Gives the thread, or a new one in place of one that ended, to who waits longest. */
  #release(thread: ConnectionThread): void {
    this.#working.delete(thread)
    if (!thread.ended) this.#idle.push(thread)
    this.#serveWaiting()
  }

  #serveWaiting(): void {
    while (this.#waiting.length > 0 && (this.#idle.length > 0 || this.#mayStart())) {
      const thread = this.#idle.pop() ?? new ConnectionThread(this.#settings)
      this.#working.add(thread)
      this.#waiting.shift()?.(thread)
    }
  }

  #retire(thread: ConnectionThread): void {
    const ended = thread.retire().finally(() => {
      this.#ending.delete(ended)
      this.#serveWaiting()
    })
    this.#ending.add(ended)
  }
}

const NOTHING: StatementResult = { columns: [], rows: [], changes: 0, lastInsertRowid: 0 }

function readTooLong(limitMs: number): AppError {
  return new AppError(
    'limit_exceeded',
    `Reading the record for this took more than ${limitMs / 1000} s and was stopped. Ask for less: fewer days, rarer words, one collection.`,
  )
}
