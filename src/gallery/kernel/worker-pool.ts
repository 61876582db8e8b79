import type { Worker } from 'node:worker_threads'
import { startThread } from '../../concurrency/start-thread.ts'
import { AppError } from '../../errors.ts'
import { compiledKernel, startKernel, type Kernel } from './kernel.ts'
import type { ShardLayout } from './shard-layout.ts'
import type { Shard } from './shard.ts'
import type { Task, TaskReply, WorkerStart } from './tasks.ts'

interface Pending {
  resolve: (reply: TaskReply) => void
  reject: (error: Error) => void
}

/** Opening an index again takes a second or so for a million faces. */
const RETRY_AFTER_SECONDS = 2

/** Worker threads that share the shards' memories. Each takes its tasks in the order they were given. */
export class WorkerPool {
  readonly size: number
  /** The kernel on the first shard, for work too small to send away. */
  mainKernel: Kernel | undefined
  #workers: Worker[]
  #pending = new Map<number, Pending>()
  #nextNumber = 0
  #failure: Error | undefined
  #closing = false
  #layout: ShardLayout
  #module = compiledKernel()

  constructor(layout: ShardLayout) {
    this.size = layout.workers
    this.#layout = layout
    this.#workers = Array.from({ length: this.size }, (_, worker) => {
      const workerData: WorkerStart = { module: this.#module, layout, worker }
      const thread = startThread(import.meta.url, 'scan-worker', { workerData })
      thread.on('message', (reply: TaskReply) => this.#complete(reply))
      thread.on('error', (error) => this.#fail(error))
      thread.on('exit', () => this.#fail(new Error('a worker thread ended')))
      return thread
    })
  }

  /** Why nothing can be run on it any more; undefined while it works. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Gives every worker the shard's memory; shards keep the order in which they are added. */
  async addShard(shard: Shard): Promise<void> {
    this.mainKernel ??= startKernel(this.#module, shard.memory, this.#layout)
    await this.runOnAll({ kind: 'shard', memory: shard.memory })
  }

  /** Runs a task on one worker. */
  run(worker: number, task: Task): Promise<TaskReply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const number = this.#nextNumber++
    return new Promise((resolve, reject) => {
      this.#pending.set(number, { resolve, reject })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#workers[worker].postMessage({ number, task })
    })
  }

  /** Runs the same task on every worker. */
  async runOnAll(task: Task): Promise<TaskReply[]> {
    return Promise.all(Array.from({ length: this.size }, (_, worker) => this.run(worker, task)))
  }

  async close(): Promise<void> {
    this.#closing = true
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
    this.#fail(new Error('the gallery is closed'))
  }

  #complete(reply: TaskReply): void {
    const pending = this.#pending.get(reply.number)
    this.#pending.delete(reply.number)
    if (reply.error === undefined) pending?.resolve(reply)
    else pending?.reject(new AppError('internal', `The gallery's worker failed: ${reply.error}.`))
  }

  #fail(cause: Error): void {
    this.#failure ??= this.#closing
      ? new AppError('internal', 'The gallery was closed.', { cause })
      : new AppError(
          'busy',
          `The index of faces stopped working: ${cause.message}. Nothing of the record is lost; the index is opened again. Try again in a moment.`,
          { cause, retryAfterSeconds: RETRY_AFTER_SECONDS },
        )
    for (const { reject } of this.#pending.values()) reject(this.#failure)
    this.#pending.clear()
  }
}
