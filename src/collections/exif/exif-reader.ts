import { Worker } from 'node:worker_threads'
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

interface Waiting {
  resolve: (facts: ExifFacts) => void
  timer: NodeJS.Timeout
}

/** Reads EXIF in a worker thread. What cannot be read is empty, never an error: the picture counts, not its header. */
export class ExifReader {
  #lane: ExifLane | undefined

  async read(bytes: Uint8Array): Promise<ExifFacts> {
    const boxed = isBoxed(bytes)
    // Found in the file wherever it stands, which costs a look at the chunks' heads.
    const carrier = metadataCarrier(bytes)
    const wantsManifest = bytes.byteLength <= MANIFEST_LIMIT_BYTES && mentionsManifest(bytes)
    const part = wantsManifest ? bytes : bytes.subarray(0, boxed ? WHOLE_FILE_LIMIT_BYTES : HEAD_BYTES)
    if (carrier === undefined && !wantsManifest && !boxed && !mentionsExif(part)) return NOTHING
    if (this.#lane === undefined || this.#lane.worn) {
      this.#lane?.retire()
      this.#lane = new ExifLane()
    }
    return this.#lane.read(wantsManifest ? part : (carrier ?? part), wantsManifest, carrier)
  }

  async close(): Promise<void> {
    this.#lane?.giveUp()
    this.#lane = undefined
  }
}

/** One worker and what waits for it. */
class ExifLane {
  readonly #waiting = new Map<number, Waiting>()
  readonly #worker: Worker
  #files = 0
  #retired = false
  #ended = false

  constructor() {
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
    this.#worker = new Worker(new URL(`./exif-worker${extension}`, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    })
    this.#worker.on('message', ({ number, facts }: ExifReply) => this.#settle(number, facts))
    this.#worker.on('error', () => this.giveUp())
  }

  get worn(): boolean {
    return this.#ended || this.#files >= FILES_A_WORKER
  }

  read(
    part: Uint8Array,
    wantsManifest: boolean,
    carrier: Uint8Array<ArrayBuffer> | undefined,
  ): Promise<ExifFacts> {
    const number = this.#files++
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => this.giveUp(),
        wantsManifest ? MANIFEST_TIME_LIMIT_MS : EXIF_TIME_LIMIT_MS,
      )
      this.#waiting.set(number, { resolve, timer })
      // A copy (slice of a Buffer would be a view), so that the worker does not take the original's memory away.
      const copy = new Uint8Array(part)
      this.#worker.postMessage(
        {
          number,
          bytes: copy,
          wantsManifest,
          carrier: wantsManifest ? carrier : undefined,
        } satisfies ExifRequest,
        [copy.buffer],
      )
    })
  }

  /** Ends the worker when nothing waits for it any more. */
  retire(): void {
    this.#retired = true
    if (this.#waiting.size === 0) this.giveUp()
  }

  /** Ends the worker now; what waits is empty. */
  giveUp(): void {
    this.#ended = true
    void this.#worker.terminate()
    for (const number of this.#waiting.keys()) this.#settle(number, NOTHING)
  }

  #settle(number: number, facts: ExifFacts): void {
    const waiting = this.#waiting.get(number)
    this.#waiting.delete(number)
    clearTimeout(waiting?.timer)
    waiting?.resolve(facts)
    if (this.#retired && !this.#ended && this.#waiting.size === 0) this.giveUp()
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
