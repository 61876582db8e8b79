import type { Worker } from 'node:worker_threads'
import { startThread } from '../../concurrency/start-thread.ts'
import { mentionsManifest } from './mentions-manifest.ts'
import { metadataCarrier } from './metadata-carrier.ts'
import type { ExifFacts, ExifReply, ExifRequest } from './exif-worker.ts'

/** EXIF stands at the beginning of JPEG files; segments before it rarely pass 64 KiB each. */
const HEAD_BYTES = 256 * 1024
/** HEIC, AVIF and TIFF may keep it anywhere; of those the whole file is read up to this size. */
const WHOLE_FILE_LIMIT_BYTES = 32 * 1024 * 1024
/** A header that takes longer is given up and its worker ended: parsers can be led round in circles. */
export const EXIF_TIME_LIMIT_MS = 3000
/** C2PA manifests are signed over the whole file: larger ones are not checked, and hashing takes its time. */
const MANIFEST_LIMIT_BYTES = 128 * 1024 * 1024
const MANIFEST_TIME_LIMIT_MS = 20_000

const NOTHING: ExifFacts = {
  capturedAt: undefined,
  latitude: undefined,
  longitude: undefined,
  device: undefined,
  provenance: undefined,
}

/** Files after which a worker is replaced: its memory grows by some 15 KB a file (seen over 20,000 files) and never shrinks. */
const FILES_A_WORKER = 1000
/** Heap of the worker; what needs more is given up. */
const WORKER_HEAP_MB = 128
/** Two, so that a file on which one hangs until its time is over holds up nobody. */
const MAX_THREADS = 2

interface ExifTask {
  part: Uint8Array
  wantsManifest: boolean
  carrier: Uint8Array<ArrayBuffer> | undefined
}

interface Task extends ExifTask {
  resolve: (facts: ExifFacts) => void
}

/**
 * Reads EXIF in worker threads that all share who ask: one file a thread, in the order of asking. What cannot be read is
 * empty, never an error: the picture counts, not its header. A file that ends its worker costs nobody else anything.
 * Threads are begun when first needed and keep no program from ending.
 */
export class ExifReader {
  readonly #waiting: Task[] = []
  readonly #threads = new Set<ExifThread>()
  #closed = false

  async read(bytes: Uint8Array): Promise<ExifFacts> {
    const boxed = isBoxed(bytes)
    // Found in the file wherever it stands, which costs a look at the chunks' heads.
    const carrier = metadataCarrier(bytes)
    const wantsManifest = bytes.byteLength <= MANIFEST_LIMIT_BYTES && mentionsManifest(bytes)
    const part = wantsManifest ? bytes : bytes.subarray(0, boxed ? WHOLE_FILE_LIMIT_BYTES : HEAD_BYTES)
    if (carrier === undefined && !wantsManifest && !boxed && !mentionsExif(part)) return NOTHING
    if (this.#closed) return NOTHING
    // With a manifest the whole file is read, and what carries the metadata beside it.
    const request = wantsManifest
      ? { part, wantsManifest, carrier }
      : { part: carrier ?? part, wantsManifest, carrier: undefined }
    return new Promise((resolve) => {
      this.#waiting.push({ ...request, resolve })
      this.#handOut()
    })
  }

  /** Ends the threads; what waits is empty. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { resolve } of this.#waiting.splice(0)) resolve(NOTHING)
    await Promise.all([...this.#threads].map((thread) => thread.end()))
  }

  #handOut(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#freeThread()
      if (thread === undefined) return
      void this.#readIn(thread, this.#waiting.shift()!)
    }
  }

  async #readIn(thread: ExifThread, { resolve, ...task }: Task): Promise<void> {
    resolve(await thread.read(task))
    if (thread.isStale) {
      this.#threads.delete(thread)
      void thread.end()
    }
    this.#handOut()
  }

  #freeThread(): ExifThread | undefined {
    for (const thread of this.#threads) if (!thread.busy) return thread
    if (this.#threads.size >= MAX_THREADS) return undefined
    const thread = new ExifThread(() => this.#threads.delete(thread))
    this.#threads.add(thread)
    return thread
  }
}

/** One worker, which reads one file at a time. */
class ExifThread {
  readonly #worker: Worker
  #complete: ((facts: ExifFacts) => void) | undefined
  #files = 0
  #ended = false

  /** @param onEnd called when the worker is no more, whatever ended it */
  constructor(onEnd: () => void) {
    this.#worker = startThread(import.meta.url, 'exif-worker', {
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    })
    this.#worker.on('message', ({ facts }: ExifReply) => this.#complete?.(facts))
    // Out of memory, or what else breaks it: `exit` follows.
    this.#worker.on('error', () => {})
    this.#worker.on('exit', () => {
      this.#ended = true
      onEnd()
      this.#complete?.(NOTHING)
    })
    this.#worker.unref()
  }

  get busy(): boolean {
    return this.#complete !== undefined || this.#ended
  }

  get isStale(): boolean {
    return this.#ended || this.#files >= FILES_A_WORKER
  }

  read({ part, wantsManifest, carrier }: ExifTask): Promise<ExifFacts> {
    const limitMs = wantsManifest ? MANIFEST_TIME_LIMIT_MS : EXIF_TIME_LIMIT_MS
    this.#files += 1
    return new Promise((resolve) => {
      // The clock also keeps the program alive while an answer is due.
      const timer = setTimeout(() => void this.end(), limitMs)
      this.#complete = (facts) => {
        clearTimeout(timer)
        this.#complete = undefined
        resolve(facts)
      }
      // A copy (slice of a Buffer would be a view), so that the worker does not take the original's memory away.
      const copy = new Uint8Array(part)
      this.#worker.postMessage({ bytes: copy, wantsManifest, carrier } satisfies ExifRequest, [copy.buffer])
    })
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** JPEG and WebP hold 'Exif' before the data, PNG a chunk 'eXIf', XMP and IPTC have marks of their own; most pictures from the web hold none. */
function mentionsExif(head: Uint8Array): boolean {
  const buffer = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  return (
    buffer.includes('Exif', 0, 'latin1') ||
    buffer.includes('eXIf', 0, 'latin1') ||
    buffer.includes('EXIF', 0, 'latin1') ||
    buffer.includes('http://ns.adobe.com/xap/', 0, 'latin1') ||
    buffer.includes('XML:com.adobe.xmp', 0, 'latin1') ||
    buffer.includes('Photoshop 3.0', 0, 'latin1')
  )
}

/** ISO base media (HEIC, AVIF: 'ftyp' at 4) and TIFF ('II*' or 'MM'): metadata may stand anywhere. */
function isBoxed(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1')
  return head.startsWith('ftyp', 4) || head.startsWith('II*\0') || head.startsWith('MM\0*')
}
