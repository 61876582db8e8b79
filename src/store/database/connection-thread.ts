import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../../concurrency/start-thread.ts'
import { AppError } from '../../errors.ts'
import type { ConnectionSettings, StatementReply, StatementRequest } from './connection-worker.ts'
import type { StatementResult } from './run-statement.ts'

/** Memory of a connection thread beside SQLite's page cache of 2 MB: rows on their way. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 }

/** A connection to the record, in this thread or another. Statements run in the order in which they are given. */
export interface RecordConnection {
  /** As of the last statement that ended. */
  readonly inTransaction: boolean
  /** Whether it can take no more statements; an open transaction of it is undone. */
  readonly ended: boolean
  run(sql: string, parameters: readonly unknown[]): Promise<StatementResult>
  close(): Promise<void>
}

interface Pending {
  resolve(result: StatementResult): void
  reject(error: Error): void
}

/** One libsql connection in a thread of its own, so that the event loop waits for no query and no fsync. */
export class ConnectionThread implements RecordConnection {
  readonly #worker: Worker
  readonly #pending: Pending[] = []
  readonly #opened = Promise.withResolvers<void>()
  #isEnding = false
  inTransaction = false
  ended = false

  constructor(settings: ConnectionSettings) {
    this.#worker = startThread(import.meta.url, 'connection-worker', {
      workerData: settings,
      resourceLimits: THREAD_LIMITS,
    })
    this.#worker.on('message', (reply: StatementReply | 'open') => {
      if (reply === 'open') this.#opened.resolve()
      else this.#complete(reply)
      // A record that nobody closed does not keep the process; a statement under way does.
      if (this.#pending.length === 0 && !this.#isEnding) this.#worker.unref()
    })
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(undefined))
  }

  /** Resolves when it can begin with statements, or has ended. */
  get opened(): Promise<void> {
    return this.#opened.promise
  }

  async run(sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    if (this.ended) throw threadEnded(undefined)
    return new Promise((resolve, reject) => {
      if (this.#pending.length === 0) this.#worker.ref()
      this.#pending.push({ resolve, reject })
      const request: StatementRequest = { sql, parameters: parameters.map(alone) }
      this.#worker.postMessage(request)
    })
  }

  /** Ends the thread, which waits for the statement under way; what is asked of it fails at once. @returns when it has ended */
  async retire(): Promise<void> {
    this.#isEnding = true
    this.#worker.ref()
    this.#fail(undefined)
    await this.#worker.terminate()
  }

  async close(): Promise<void> {
    if (this.ended) return
    this.#isEnding = true
    const exited = once(this.#worker, 'exit')
    this.#worker.ref()
    this.#worker.postMessage('close')
    await exited
  }

  #complete(reply: StatementReply): void {
    this.inTransaction = reply.inTransaction
    const pending = this.#pending.shift()
    if ('result' in reply) pending?.resolve(reply.result)
    else {
      const { message, ...codes } = reply.failure
      pending?.reject(Object.assign(new Error(message), codes))
    }
  }

  #fail(cause: unknown): void {
    this.ended = true
    this.inTransaction = false
    this.#opened.resolve()
    for (const pending of this.#pending.splice(0)) pending.reject(threadEnded(cause))
  }
}

/** Bytes without the rest of the buffer that they are a part of: that would be copied with them. */
function alone(value: unknown): unknown {
  return value instanceof Uint8Array && value.byteLength < value.buffer.byteLength
    ? new Uint8Array(value)
    : value
}

function threadEnded(cause: unknown): AppError {
  return new AppError(
    'busy',
    'The thread that reads and writes the record ended. Nothing of this step was written; try again.',
    { cause, retryAfterSeconds: 1 },
  )
}
