import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { THREAD_FLAGS, programFile } from '../../concurrency/start-thread.ts'
import { AppError, reasonOf } from '../../errors.ts'
import type { FollowedFaces, PhotoReading } from '../types.ts'
import type { Readiness, TaskStarted, WorkerSettings, WorkerTask } from './messages.ts'

/** Photos that may wait for a worker; more are refused, so that a queue cannot grow without end. */
const MAX_WAITING = 1024
/** A worker that was told to stop and has not by then hangs in one step; its thread is ended. */
const STOP_WITHIN_MS = 5000

/**
 * Worker threads that read photos, one photo each.
 *
 * [Note: Containment] A reading that nobody wants any more, or that takes longer than the limit, ends by itself before its
 * next network runs: ending a thread inside onnxruntime ends the process (Napi::Error, seen after a few dozen). Only a
 * photo on which one step hangs, or that breaks its worker, costs that worker and nothing else: the thread is ended, a
 * new one takes its place, and the photo is unreadable with a reason. A crash of native code (libvips, onnxruntime)
 * would take the whole process with it, since threads share one; what reaches libvips is therefore sniffed, limited to
 * a few readers and limited in size (open-photo.ts), and the fuzz test is there to show that this holds.
 */
export class PhotoPool {
  readonly #pool: Piscina
  readonly #maxPhotoSeconds: number
  /** What to do when a worker takes a task up. */
  readonly #starts = new Map<number, () => void>()
  /** Readings that have not ended, by their flags. */
  readonly #underWay = new Map<Int32Array<SharedArrayBuffer>, Promise<PhotoReading>>()
  #lastTask = 0

  private constructor(settings: WorkerSettings, workers: number, maxPhotoSeconds: number) {
    this.#maxPhotoSeconds = maxPhotoSeconds
    this.#pool = new Piscina({
      filename: fileURLToPath(programFile(import.meta.url, 'read-photo-worker')),
      execArgv: THREAD_FLAGS,
      minThreads: workers,
      maxThreads: workers,
      maxQueue: MAX_WAITING,
      workerData: settings,
    })
    this.#pool.on('message', ({ startedTask }: TaskStarted) => this.#starts.get(startedTask)?.())
    // A worker that breaks between two photos is replaced by the pool; there is nobody to tell.
    this.#pool.on('error', () => {})
  }

  /**
   * Starts the workers and waits until all have their networks in memory.
   * @throws AppError what `loadPack` throws
   */
  static async start(settings: WorkerSettings, workers: number, maxPhotoSeconds: number): Promise<PhotoPool> {
    const pool = new PhotoPool(settings, workers, maxPhotoSeconds)
    const readiness = await Promise.all(
      Array.from({ length: workers }, async () => pool.#pool.run(undefined, { name: 'prepare' })),
    ).catch(async (error: unknown) => {
      await pool.close()
      throw error
    })
    for (const worker of readiness as Readiness[]) {
      if (worker.ready) continue
      await pool.close()
      throw new AppError(worker.code, worker.message)
    }
    return pool
  }

  /**
   * Reads one photo.
   * @throws AppError `limit_exceeded` when too many photos wait, `internal` for what should not happen; an AbortError
   * when `signal` is aborted or the pool is closed
   */
  async read(
    photo: Omit<WorkerTask, 'task' | 'stop'>,
    signal: AbortSignal | undefined,
  ): Promise<PhotoReading> {
    signal?.throwIfAborted()
    const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    const unwanted = Promise.withResolvers<never>()
    const end = (): void => {
      Atomics.store(stop, 0, 1)
      unwanted.reject(signal?.reason)
    }
    signal?.addEventListener('abort', end, { once: true })
    const reading = this.#readToEnd(photo, stop)
    this.#underWay.set(stop, reading)
    try {
      // Whoever asked is told at once; the worker sees the flag a little later.
      return await Promise.race([reading, unwanted.promise])
    } finally {
      signal?.removeEventListener('abort', end)
    }
  }

  /** Follows faces to another frame of a video. @throws as `read` */
  async follow(
    frame: Omit<WorkerTask, 'task' | 'stop'>,
    signal: AbortSignal | undefined,
  ): Promise<FollowedFaces> {
    // What a worker gives depends on what it was asked.
    const followed = (await this.read(frame, signal)) as PhotoReading | FollowedFaces
    if (followed.outcome === 'followed') return followed
    return { outcome: 'followed', templates: (frame.near ?? []).map(() => undefined) }
  }

  /** Ends the workers; readings under way are refused. */
  async close(): Promise<void> {
    for (const stop of this.#underWay.keys()) Atomics.store(stop, 0, 1)
    await Promise.allSettled(this.#underWay.values())
    await this.#pool.destroy()
  }

  async #readToEnd(
    photo: Omit<WorkerTask, 'task' | 'stop'>,
    stop: Int32Array<SharedArrayBuffer>,
  ): Promise<PhotoReading> {
    const task = ++this.#lastTask
    const force = new AbortController()
    let timer: NodeJS.Timeout | undefined
    let tookTooLong = false
    this.#starts.set(task, () => {
      timer = setTimeout(() => {
        tookTooLong = true
        Atomics.store(stop, 0, 1)
        timer = setTimeout(() => force.abort(), STOP_WITHIN_MS)
      }, this.#maxPhotoSeconds * 1000)
    })
    try {
      const message: WorkerTask = { task, ...photo, stop }
      return (await this.#pool.run(message, { name: 'readInWorker', signal: force.signal })) as PhotoReading
    } catch (error) {
      if (tookTooLong) {
        const detail = `reading it took longer than ${this.#maxPhotoSeconds} s`
        return { outcome: 'unreadable', reason: 'took_too_long', detail }
      }
      if (Atomics.load(stop, 0) === 1) throw new DOMException('The reading was stopped.', 'AbortError')
      return explain(error)
    } finally {
      clearTimeout(timer)
      this.#starts.delete(task)
      this.#underWay.delete(stop)
    }
  }
}

function explain(error: unknown): PhotoReading {
  const { name, code, message } = error as NodeJS.ErrnoException
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return { outcome: 'unreadable', reason: 'out_of_memory', detail: 'not enough memory to read it' }
  if (name === 'AbortError') throw error
  if (message === 'Task queue is at limit')
    throw new AppError(
      'limit_exceeded',
      `More than ${MAX_WAITING} photos wait for a worker; wait for some of them before giving more.`,
      { cause: error },
    )
  throw new AppError('internal', `Reading a photo failed: ${reasonOf(error)}`, { cause: error })
}
