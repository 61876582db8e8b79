import { createReadStream } from 'node:fs'
import { once } from 'node:events'
import { Parser, type ReadEntry } from 'tar'
import { reasonOf } from '../../errors.ts'
import { MAX_VIDEO_BYTES } from '../../video/limits.ts'
import { MAX_INFLATION_RATIO } from '../limits.ts'
import { collectItem, type ArchiveEntry } from './archive-source.ts'
import { tooManyBytes } from './read-file-item.ts'
import { refusedBytes, type ItemBytes, type Refusal, type WorkingPlace } from './source-item.ts'
import { inflatesTooMuch } from './zip-entries.ts'

const FILE_TYPES = new Set<string>(['File', 'OldFile', 'ContiguousFile'])
const FOLDER_TYPES = new Set<string>(['Directory', 'GNUDumpDir'])
const LINK_TYPES = new Set<string>(['Link', 'SymbolicLink'])

/** The entries of a tar archive, plain or gzipped (told by content). Memory: what one entry's reader holds. */
export async function* tarEntries(file: string): AsyncGenerator<ArchiveEntry> {
  const feed = new TarFeed(file)
  try {
    for (;;) {
      const next = await feed.next()
      if (next === undefined) return
      if (next instanceof Error) {
        yield endOfArchive(next)
        return
      }
      let taken = false
      yield {
        name: next.path,
        kind: kindOf(next),
        refusal: refusalOf(next),
        read(place) {
          taken = true
          return readEntry(next, place)
        },
      }
      // An entry that nobody wanted must flow past, or the next one never comes.
      if (!taken) next.resume()
    }
  } finally {
    feed.stop()
  }
}

/** Pushes the file through the parser as fast as entries are taken, and hands entries out one by one. */
class TarFeed {
  readonly #queue: (ReadEntry | Error)[] = []
  readonly #parser: Parser
  readonly #file: ReturnType<typeof createReadStream>
  #ended = false
  #current: ReadEntry | undefined
  #wake: () => void = () => undefined
  #resume: () => void = () => undefined

  constructor(file: string) {
    this.#parser = new Parser({
      strict: false,
      maxDecompressionRatio: MAX_INFLATION_RATIO,
      onReadEntry: (entry) => {
        // Whoever reads the entry meets its error; for entries that nobody reads it says nothing.
        entry.on('error', () => undefined)
        this.#current = entry
        this.#push(entry)
      },
      onwarn: (code, message) => {
        // What the parser only warns of loses entries: an archive cut short, a header with a wrong checksum.
        if (code === 'TAR_ENTRY_INVALID' || code === 'TAR_BAD_ARCHIVE' || code === 'TAR_ABORT') {
          this.#push(new Error(message))
        }
      },
    })
    this.#parser.on('error', (error: Error) => {
      this.#current?.destroy(error)
      this.#push(error)
      this.#finish()
    })
    this.#parser.on('drain', () => this.#resume())
    this.#file = createReadStream(file, { highWaterMark: 256 * 1024 })
    void this.#pump()
  }

  async next(): Promise<ReadEntry | Error | undefined> {
    while (this.#queue.length === 0) {
      if (this.#ended) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#queue.shift()
  }

  stop(): void {
    this.#finish()
    this.#file.destroy()
  }

  /** No more entries come; whoever waits is told. */
  #finish(): void {
    this.#ended = true
    this.#resume()
    this.#wake()
  }

  #push(item: ReadEntry | Error): void {
    this.#queue.push(item)
    this.#wake()
  }

  async #pump(): Promise<void> {
    try {
      for await (const chunk of this.#file) {
        if (this.#ended) return
        const taken = new Promise<void>((resolve) => {
          this.#resume = resolve
        })
        if (!this.#parser.write(chunk as Buffer) && !this.#ended) await taken
      }
      if (this.#ended) return
      const ended = once(this.#parser, 'end')
      this.#parser.end()
      await ended
    } catch (error) {
      if (!this.#ended) this.#push(error instanceof Error ? error : new Error(reasonOf(error)))
    } finally {
      this.#finish()
    }
  }
}

function kindOf(entry: ReadEntry): ArchiveEntry['kind'] {
  if (FILE_TYPES.has(entry.type)) return 'file'
  if (FOLDER_TYPES.has(entry.type)) return 'folder'
  return LINK_TYPES.has(entry.type) ? 'link' : 'other'
}

function refusalOf(entry: ReadEntry): Refusal | undefined {
  if (entry.size <= MAX_VIDEO_BYTES) return undefined
  const result = tooManyBytes(entry.size)
  return result.ok ? undefined : result.refusal
}

async function readEntry(entry: ReadEntry, place: WorkingPlace | undefined): Promise<ItemBytes> {
  try {
    const item = await collectItem(entry as AsyncIterable<Buffer>, entry.size, place)
    if (item === undefined) return tooManyBytes(entry.size)
    if ((item.video ?? item.bytes).byteLength === entry.size) return item
    await item.video?.close()
    return refusedBytes('damaged_archive', 'The archive ends in the middle of it.')
  } catch (error) {
    return { ok: false, refusal: archiveError(reasonOf(error)) }
  }
}

function archiveError(message: string): Refusal {
  if (/ratio/i.test(message)) return inflatesTooMuch()
  return { reason: 'damaged_archive', detail: `The archive is damaged from here on: ${message}.` }
}

function endOfArchive(error: Error): ArchiveEntry {
  const refusal = archiveError(error.message)
  return {
    name: '(rest of the archive)',
    kind: 'file',
    refusal,
    async read() {
      return { ok: false, refusal }
    },
  }
}
