import { createReadStream } from 'node:fs'
import { once } from 'node:events'
import { Parser, type ReadEntry } from 'tar'
import { reasonOf } from '../../errors.ts'
import { MAX_INFLATION_RATIO, MAX_ITEM_BYTES } from '../limits.ts'
import { collectBytes, type ArchiveEntry } from './archive-source.ts'
import { tooManyBytes } from './read-file-item.ts'
import { refusedBytes, type ItemBytes, type Refusal } from './source-item.ts'
import { inflatesTooMuch } from './zip-entries.ts'

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
        read() {
          taken = true
          return readEntry(next)
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
  #wake: () => void = () => undefined

  constructor(file: string) {
    this.#parser = new Parser({
      strict: false,
      maxDecompressionRatio: MAX_INFLATION_RATIO,
      onReadEntry: (entry) => this.#push(entry),
      onwarn: (code, message) => {
        // What the parser only warns of loses entries: an archive cut short, a header with a wrong checksum.
        if (code === 'TAR_ENTRY_INVALID' || code === 'TAR_BAD_ARCHIVE' || code === 'TAR_ABORT') {
          this.#push(new Error(String(message)))
        }
      },
    })
    this.#parser.on('error', (error: Error) => this.#push(error))
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
    this.#ended = true
    this.#file.destroy()
    this.#parser.removeAllListeners('drain')
  }

  #push(item: ReadEntry | Error): void {
    this.#queue.push(item)
    this.#wake()
  }

  async #pump(): Promise<void> {
    try {
      for await (const chunk of this.#file) {
        if (this.#ended) return
        if (!this.#parser.write(chunk as Buffer)) await once(this.#parser, 'drain')
      }
      const ended = once(this.#parser, 'end')
      this.#parser.end()
      await ended
    } catch (error) {
      if (!this.#ended) this.#push(error instanceof Error ? error : new Error(reasonOf(error)))
    } finally {
      this.#ended = true
      this.#wake()
    }
  }
}

function kindOf(entry: ReadEntry): ArchiveEntry['kind'] {
  switch (entry.type) {
    case 'File':
    case 'OldFile':
    case 'ContiguousFile':
      return 'file'
    case 'Directory':
    case 'GNUDumpDir':
      return 'folder'
    case 'Link':
    case 'SymbolicLink':
      return 'link'
    default:
      return 'other'
  }
}

function refusalOf(entry: ReadEntry): Refusal | undefined {
  if (entry.size <= MAX_ITEM_BYTES) return undefined
  const result = tooManyBytes(entry.size)
  return result.ok ? undefined : result.refusal
}

async function readEntry(entry: ReadEntry): Promise<ItemBytes> {
  const bytes = await collectBytes(entry)
  if (bytes === undefined) return tooManyBytes(entry.size)
  if (bytes.byteLength < entry.size) return refusedBytes('damaged_archive', 'The archive ends in the middle of it.')
  return { ok: true, bytes }
}

function endOfArchive(error: Error): ArchiveEntry {
  const refusal: Refusal = /ratio/i.test(error.message)
    ? inflatesTooMuch()
    : { reason: 'damaged_archive', detail: `The archive is damaged from here on: ${error.message}.` }
  return {
    name: '(rest of the archive)',
    kind: 'file',
    refusal,
    async read() {
      return { ok: false, refusal }
    },
  }
}
