import { Worker } from 'node:worker_threads'
import type { ExifFacts, ExifReply, ExifRequest } from './exif-worker.ts'

/** EXIF stands at the beginning of JPEG, PNG and WebP files; segments before it rarely pass 64 KiB each. */
const HEAD_BYTES = 256 * 1024
/** HEIC, AVIF and TIFF may keep it anywhere; of those the whole file is read up to this size. */
const WHOLE_FILE_LIMIT_BYTES = 32 * 1024 * 1024
/** A header that takes longer is given up and its worker ended: parsers can be led round in circles. */
export const EXIF_TIME_LIMIT_MS = 3000

const NOTHING: ExifFacts = {
  capturedAt: undefined,
  latitude: undefined,
  longitude: undefined,
  device: undefined,
}

interface Waiting {
  resolve: (facts: ExifFacts) => void
  timer: NodeJS.Timeout
}

/** Reads EXIF in one worker thread. What cannot be read is empty, never an error: the picture counts, not its header. */
export class ExifReader {
  #worker: Worker | undefined
  #number = 0
  readonly #waiting = new Map<number, Waiting>()

  async read(bytes: Uint8Array): Promise<ExifFacts> {
    const worker = (this.#worker ??= this.#start())
    const number = this.#number++
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#giveUp(), EXIF_TIME_LIMIT_MS)
      this.#waiting.set(number, { resolve, timer })
      // A copy (slice of a Buffer would be a view), so that the worker does not take the original's memory away.
      const part = new Uint8Array(bytes.subarray(0, isBoxed(bytes) ? WHOLE_FILE_LIMIT_BYTES : HEAD_BYTES))
      worker.postMessage({ number, bytes: part } satisfies ExifRequest, [part.buffer])
    })
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
    this.#giveUp()
  }

  #start(): Worker {
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
    const worker = new Worker(new URL(`./exif-worker${extension}`, import.meta.url))
    worker.on('message', ({ number, facts }: ExifReply) => this.#settle(number, facts))
    worker.on('error', () => this.#giveUp())
    return worker
  }

  #settle(number: number, facts: ExifFacts): void {
    const waiting = this.#waiting.get(number)
    this.#waiting.delete(number)
    clearTimeout(waiting?.timer)
    waiting?.resolve(facts)
  }

  #giveUp(): void {
    void this.#worker?.terminate()
    this.#worker = undefined
    for (const number of this.#waiting.keys()) this.#settle(number, NOTHING)
  }
}

/** ISO base media (HEIC, AVIF: 'ftyp' at 4) and TIFF ('II*' or 'MM'): metadata may stand anywhere. */
function isBoxed(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1')
  return head.startsWith('ftyp', 4) || head.startsWith('II*\0') || head.startsWith('MM\0*')
}
