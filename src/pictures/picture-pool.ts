import os from 'node:os'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { THREAD_FLAGS, programFile } from '../concurrency/start-thread.ts'
import { AppError, reasonOf } from '../errors.ts'
import type { PictureResult, PictureTask } from './picture-task.ts'

/** Pictures that may wait for a worker. */
const MAX_WAITING = 64
const RETRY_AFTER_SECONDS = 2
/** A picture that takes longer is given up, and its worker with it. */
const MAX_PICTURE_MS = 60_000

/** Worker threads that make pictures; started when first needed. Uploads are opened here and in the engine, nowhere else. */
export class PicturePool {
  #pool: Piscina | undefined

  /**
   * @throws AppError `unreadable_input` when the photo cannot be read or a step cannot be done, `busy`, the signal's reason
   */
  async make(task: PictureTask, signal: AbortSignal): Promise<Extract<PictureResult, { outcome: 'made' }>> {
    const limit = AbortSignal.timeout(MAX_PICTURE_MS)
    const result = await this.#run(task, AbortSignal.any([signal, limit])).catch((error: unknown) => {
      signal.throwIfAborted()
      if (limit.aborted) throw new AppError('unreadable_input', 'Making this picture took too long.')
      if (reasonOf(error) === 'Task queue is at limit') {
        throw new AppError('busy', 'Too many pictures are being made. Try again in a moment.', {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        })
      }
      throw error
    })
    if (result.outcome === 'made') return result
    throw new AppError('unreadable_input', `This photo cannot be used: ${result.detail}`)
  }

  async close(): Promise<void> {
    await this.#pool?.destroy()
    this.#pool = undefined
  }

  async #run(task: PictureTask, signal: AbortSignal): Promise<PictureResult> {
    this.#pool ??= new Piscina({
      filename: fileURLToPath(programFile(import.meta.url, 'picture-worker')),
      execArgv: THREAD_FLAGS,
      name: 'makePicture',
      minThreads: 0,
      maxThreads: os.availableParallelism(),
      maxQueue: MAX_WAITING,
      idleTimeout: 60_000,
    })
    return (await this.#pool.run(task, { signal })) as PictureResult
  }
}
