import type { Worker } from 'node:worker_threads'
import { startThread } from '../../concurrency/start-thread.ts'
import { ARCHIVE_THREAD_HEAP_MB, SILENCE_LIMIT_MS } from './archive-limits.ts'
import type {
  ArchiveCall,
  ArchiveCalls,
  BytesMessage,
  CallMessage,
  ThreadMessage,
} from './archive-messages.ts'
import { ArchiveFault } from './capture.ts'

/** Reads a part of an original; the vault's side of a replay. */
export type RangeReader = (from: number, length: number) => Promise<Uint8Array>

interface Waiting {
  resolve: (answer: unknown) => void
  reject: (error: unknown) => void
}

/**
 * A thread that reads web archives, so that nothing hostile in them can hold up or bring down the program: its heap is
 * limited, and it is ended when nothing was heard of it for `SILENCE_LIMIT_MS`. Begun when first asked.
 */
export class ArchiveThread {
  #worker: Worker | undefined
  readonly #waiting = new Map<number, Waiting>()
  readonly #vaults = new Map<number, RangeReader>()
  #calls = 0
  #silence: NodeJS.Timeout | undefined

  /** @throws ArchiveFault with what is wrong with the archive, or `took_too_long`, `out_of_memory` */
  ask<Name extends keyof ArchiveCalls>(
    name: Name,
    ask: ArchiveCalls[Name]['ask'],
  ): Promise<ArchiveCalls[Name]['answer']> {
    const worker = (this.#worker ??= this.#begin())
    const number = ++this.#calls
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve: resolve as (answer: unknown) => void, reject })
      this.#listen()
      worker.postMessage({ number, call: { name, ask } as ArchiveCall } satisfies CallMessage)
    })
  }

  /** Lets the thread read an original. @returns the number by which it is asked for */
  offer(reader: RangeReader): number {
    const vault = this.#vaults.size + 1
    this.#vaults.set(vault, reader)
    return vault
  }

  async close(): Promise<void> {
    const worker = this.#worker
    if (worker !== undefined && this.#waiting.size === 0) await this.ask('close', {}).catch(() => undefined)
    this.#worker = undefined
    this.#fail(new ArchiveFault('read_failed', 'reading was broken off'))
    await worker?.terminate()
  }

  #begin(): Worker {
    const worker = startThread(import.meta.url, 'archive-worker', {
      resourceLimits: { maxOldGenerationSizeMb: ARCHIVE_THREAD_HEAP_MB },
    })
    worker.on('message', (message: ThreadMessage) => void this.#take(worker, message))
    worker.on('error', (error: Error & { code?: string }) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      this.#end(
        isMemory
          ? new ArchiveFault(
              'out_of_memory',
              `it needs more than ARCHIVE_THREAD_HEAP_MB, ${ARCHIVE_THREAD_HEAP_MB} MB of memory`,
            )
          : new ArchiveFault('damaged_archive', `it broke the reading of it (${error.message})`),
      )
    })
    worker.on('exit', () => {
      if (this.#worker === worker)
        this.#end(new ArchiveFault('read_failed', 'the thread that reads it ended'))
    })
    worker.unref()
    return worker
  }

  async #take(worker: Worker, message: ThreadMessage): Promise<void> {
    this.#listen()
    if (message.kind === 'need') {
      const bytes = await this.#vaults
        .get(message.vault)?.(message.from, message.length)
        .catch(() => undefined)
      worker.postMessage({ request: message.request, bytes } satisfies BytesMessage)
      return
    }
    if (message.kind === 'alive') return
    const waiting = this.#waiting.get(message.number)
    this.#waiting.delete(message.number)
    this.#listen()
    if (message.kind === 'answer') waiting?.resolve(message.answer)
    else waiting?.reject(new ArchiveFault(message.reason, message.message))
  }

  /** The clock runs while an answer is due, from the last sign of life on; the thread keeps the program alive as long. */
  #listen(): void {
    clearTimeout(this.#silence)
    if (this.#waiting.size === 0) return this.#worker?.unref()
    this.#worker?.ref()
    this.#silence = setTimeout(
      () =>
        this.#end(
          new ArchiveFault(
            'took_too_long',
            `nothing was heard from its reading for ${SILENCE_LIMIT_MS / 1000} s`,
          ),
        ),
      SILENCE_LIMIT_MS,
    )
  }

  #end(fault: ArchiveFault): void {
    const worker = this.#worker
    this.#worker = undefined
    void worker?.terminate()
    this.#fail(fault)
  }

  #fail(fault: ArchiveFault): void {
    clearTimeout(this.#silence)
    for (const { reject } of this.#waiting.values()) reject(fault)
    this.#waiting.clear()
  }
}
