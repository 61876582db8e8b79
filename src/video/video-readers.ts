import { MAX_VIDEO_READERS } from './limits.ts'

interface Waiting {
  importId: string
  start: () => void
}

/**
 * Lets so many videos be read at a time as the engine has use for: `MAX_VIDEO_READERS` in the whole service, whoever asked,
 * and of one import one after another, so that a folder of long films leaves a place for somebody else's clip. The frames of
 * one video keep every worker of the engine busy.
 */
export class VideoReaders {
  readonly #reading = new Set<string>()
  #waiting: Waiting[] = []

  /**
   * Runs `work` when there is a place, in the order of asking.
   * @throws the signal's reason when it fires before; what `work` throws
   */
  async run<Result>(
    importId: string,
    work: () => Promise<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    await this.#place(importId, signal)
    try {
      return await work()
    } finally {
      this.#reading.delete(importId)
      this.#next()
    }
  }

  async #place(importId: string, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const mine = { importId, start: resolve }
    this.#waiting.push(mine)
    const leave = (): void => {
      // Who has a place already keeps it: the work itself looks at the signal.
      if (!this.#waiting.includes(mine)) return
      this.#waiting = this.#waiting.filter((other) => other !== mine)
      reject(signal!.reason as Error)
    }
    signal?.addEventListener('abort', leave, { once: true })
    this.#next()
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }

  #next(): void {
    while (this.#reading.size < MAX_VIDEO_READERS) {
      const at = this.#waiting.findIndex(({ importId }) => !this.#reading.has(importId))
      if (at < 0) return
      const [{ importId, start }] = this.#waiting.splice(at, 1)
      this.#reading.add(importId)
      start()
    }
  }
}

const ofEngines = new WeakMap<object, VideoReaders>()

/** The readers of an engine: everything that reads videos with it shares them. */
export function videoReadersOf(engine: object): VideoReaders {
  let readers = ofEngines.get(engine)
  if (readers === undefined) {
    readers = new VideoReaders()
    ofEngines.set(engine, readers)
  }
  return readers
}
