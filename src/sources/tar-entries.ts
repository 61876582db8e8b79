import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract, type Extract, type Header } from 'tar-stream'
import { CodePageOfNames, needsCodePage, type NameDecoder, type RawName } from '../contract/archive-names.ts'
import { reasonOf } from '../errors.ts'
import { MAX_VIDEO_BYTES } from '../video/limits.ts'
import { INFLATION_ALLOWANCE_BYTES, MAX_INFLATION_RATIO } from './limits.ts'
import { collectItem, type ArchiveEntry } from './archive-source.ts'
import { drained } from './drained.ts'
import { PaxNames, REPLACED } from './pax-names.ts'
import { isOfSystem, tooManyBytes } from './read-file-item.ts'
import { refusedBytes, type ItemBytes, type WorkingPlace } from './source-item.ts'
import { type Refusal } from './refusal.ts'
import { inflatesTooMuch } from './zip-entries.ts'

type TarEntry = AsyncIterable<Buffer> & { header: Header; resume(): void }
/** With its name as the archive has it. */
interface NamedEntry {
  entry: TarEntry
  raw: RawName
}

class InflatesTooMuch extends Error {}

/** The entries of a tar archive, plain or gzipped (told by content). Memory: what one entry's reader holds. */
export async function* tarEntries(file: string): AsyncGenerator<ArchiveEntry> {
  let decoder: NameDecoder | undefined
  try {
    for await (const { entry, raw } of entriesOf(file)) {
      let taken = false
      if (needsCodePage(raw)) decoder ??= await decoderFor(file)
      yield {
        name: (decoder ?? UNICODE_NAMES).decode(raw),
        otherNames: () => UNICODE_NAMES.otherReadings(raw),
        kind: kindOf(entry.header),
        refusal: refusalOf(entry.header),
        read(place) {
          taken = true
          return readEntry(entry, place)
        },
      }
      // An entry that nobody wanted must flow past, or the next one never comes.
      if (!taken) entry.resume()
    }
  } catch (error) {
    const refusal = archiveError(error)
    yield {
      name: '(rest of the archive)',
      kind: 'file',
      refusal,
      async read() {
        return { ok: false, refusal }
      },
    }
  }
}

/** Goes through the archive for its names, which tell their code page together; only for one that has such names. */
async function decoderFor(file: string): Promise<NameDecoder> {
  const pages = new CodePageOfNames()
  try {
    for await (const { entry, raw } of entriesOf(file)) {
      pages.add(raw)
      entry.resume()
    }
  } catch {
    // Damage is met again, and named, by whoever lists the entries.
  }
  return pages.decoder()
}

async function* entriesOf(file: string): AsyncGenerator<NamedEntry> {
  // Latin-1 keeps each byte of a name as it is, whatever encoding it has.
  const parser = extract({ filenameEncoding: 'latin1', allowUnknownFormat: true } as object)
  const paxNames = new PaxNames()
  const feeding = feed(file, parser, paxNames)
  // The parser hands the error on to whoever reads the entries; here it must not count as unhandled.
  feeding.catch((error: unknown) => parser.destroy(error as Error))
  try {
    for await (const entry of parser as AsyncIterable<TarEntry>)
      yield { entry, raw: rawName(entry.header, paxNames) }
  } finally {
    parser.destroy()
    await feeding.catch(() => undefined)
  }
}

async function feed(file: string, parser: Extract, paxNames: PaxNames): Promise<void> {
  const read = createReadStream(file, { highWaterMark: 256 * 1024 })
  const write = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) {
      if (parser.destroying) return
      paxNames.push(chunk)
      if (!parser.write(chunk)) await drained(parser)
    }
    parser.end(undefined)
  }
  if (!(await isGzip(file))) return pipeline(read, write)
  return pipeline(
    read,
    createGunzip(),
    async function* (chunks: AsyncIterable<Buffer>) {
      let inflated = 0
      for await (const chunk of chunks) {
        inflated += chunk.byteLength
        if (inflated > INFLATION_ALLOWANCE_BYTES && inflated > read.bytesRead * MAX_INFLATION_RATIO)
          throw new InflatesTooMuch()
        yield chunk
      }
    },
    write,
  )
}

async function isGzip(file: string): Promise<boolean> {
  for await (const chunk of createReadStream(file, { end: 511 }) as AsyncIterable<Buffer>)
    return chunk[0] === 0x1f && chunk[1] === 0x8b
  return false
}

const UNICODE_NAMES = new CodePageOfNames().decoder()

function rawName({ name, pax }: Header, paxNames: PaxNames): RawName {
  const path = (pax as { path?: string } | null)?.path
  if (path === undefined) return { bytes: Buffer.from(name, 'latin1'), isUtf8: false }
  const bytes = path.includes(REPLACED) ? paxNames.take() : undefined
  return bytes === undefined ? { bytes: Buffer.from(name, 'utf8'), isUtf8: true } : { bytes, isUtf8: false }
}

function kindOf({ type, name }: Header): ArchiveEntry['kind'] {
  if (type === 'directory' || name.endsWith('/')) return 'folder'
  if (type === 'file' || type === 'contiguous-file') return 'file'
  return type === 'link' || type === 'symlink' ? 'link' : 'other'
}

function refusalOf({ size }: Header): Refusal | undefined {
  if (size <= MAX_VIDEO_BYTES) return undefined
  const result = tooManyBytes(size)
  return result.ok ? undefined : result.refusal
}

async function readEntry(entry: TarEntry, place: WorkingPlace | undefined): Promise<ItemBytes> {
  const { size } = entry.header
  try {
    const item = await collectItem(entry, size, place)
    if (item === undefined) return tooManyBytes(size)
    if (!item.ok || (item.video ?? item.bytes).byteLength === size) return item
    await item.video?.close()
    return refusedBytes('damaged_archive', 'The archive ends in the middle of it.')
  } catch (error) {
    return { ok: false, refusal: archiveError(error) }
  }
}

function archiveError(error: unknown): Refusal {
  if (error instanceof InflatesTooMuch) return inflatesTooMuch()
  if (isOfSystem(error))
    return { reason: 'read_failed', detail: `The archive cannot be read from here on: ${reasonOf(error)}.` }
  const reason = /unexpected end/i.test(reasonOf(error)) ? 'it ends too early' : reasonOf(error)
  return { reason: 'damaged_archive', detail: `The archive is damaged from here on: ${reason}.` }
}
