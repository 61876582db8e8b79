import type { Worker } from 'node:worker_threads'
import { startThread } from '../../concurrency/start-thread.ts'
import { SerialQueue } from '../../concurrency/serial-queue.ts'
import { AppError } from '../../errors.ts'
import type { RecordFiles } from './checkpoint.ts'
import type { CheckpointReply, CheckpointRequest } from './checkpoint-worker.ts'

/** One thread that copies logs; started when first needed, one task at a time. */
export class CheckpointThread {
  readonly #files: RecordFiles
  readonly #key: string | undefined
  #worker: Worker | undefined
  readonly #queue = new SerialQueue()
  #background = false

  constructor(files: RecordFiles, key: string | undefined) {
    this.#files = files
    this.#key = key
  }

  run(task: CheckpointRequest['task'], newKey?: string): Promise<Extract<CheckpointReply, { ok: true }>> {
    return this.#queue.run(() => this.#perform(task, newKey))
  }

  /** A failure is not lost: the log stays as it is and the next checkpoint meets the same trouble and says so. */
  runInBackground(): void {
    if (this.#background) return
    this.#background = true
    void this.run('checkpoint')
      .catch(() => undefined)
      .finally(() => {
        this.#background = false
      })
  }

  async end(): Promise<void> {
    await this.#queue.idle()
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  #perform(
    task: CheckpointRequest['task'],
    newKey?: string,
  ): Promise<Extract<CheckpointReply, { ok: true }>> {
    const worker = (this.#worker ??= this.#begin())
    return new Promise((resolve, reject) => {
      const complete = (reply: CheckpointReply): void => {
        worker.off('error', reject)
        worker.off('exit', ended)
        if (reply.ok) resolve(reply)
        else reject(new AppError(reply.code, reply.message))
      }
      const ended = (): void =>
        reject(
          new AppError(
            'internal',
            'The thread that copies the write-ahead log ended; the log stays as it is.',
          ),
        )
      worker.once('message', complete)
      worker.once('error', reject)
      worker.once('exit', ended)
      const request: CheckpointRequest = { files: this.#files, key: this.#key, task }
      worker.postMessage(newKey === undefined ? request : { ...request, newKey })
    })
  }

  /** One that ended, whatever ended it, is replaced by the next task. */
  #begin(): Worker {
    const worker = startThread(import.meta.url, 'checkpoint-worker')
    // Told to the task that it was on; between two tasks there is nobody to tell.
    worker.on('error', () => {})
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
    })
    return worker
  }
}
