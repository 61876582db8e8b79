import { callbackify } from 'node:util'
import yauzl from 'yauzl'
import { CodePageOfNames, needsCodePage, type NameDecoder, type RawName } from '../contract/archive-names.ts'
import { reasonOf } from '../errors.ts'
import type { RangedBytes } from './web-archive/byte-feed.ts'
import { ArchiveFault } from './web-archive/capture.ts'
import { unpacked, type ByteWindow, type ZipPart } from './unpack.ts'
import { bytesAt, findZip } from './zip-end.ts'

// APPNOTE.TXT 6.3.10, section 4.4.4
const FLAG_UTF8_NAME = 0x0800
/** Bytes that are read at once of a zip's list of files, and where one file's data begin. */
const LIST_WINDOW_BYTES = 256 * 1024
const HEADER_WINDOW_BYTES = 1024
/** Where the length of the comment stands, from the end of the end record: the comment is left out. */
const COMMENT_LENGTH_BYTES = 2

const UNICODE_NAMES = new CodePageOfNames().decoder()

/** A file or folder of a zip. */
export interface ZipEntry {
  name: string
  /** How programs that guess another code page would write the name. */
  otherNames: () => string[]
  facts: yauzl.Entry
}

/** A zip whose files can be read at any place; what stands before it and after its end is passed over. */
export interface OpenZip {
  /** In their order. May be called again. @throws when the list of files is damaged, after those before the damage */
  entries(): AsyncGenerator<ZipEntry>
  /** Where an entry's data stand, among the bytes that the zip was opened from. @throws when they are not there */
  locate(facts: yauzl.Entry): Promise<ZipPart>
  /** An entry's bytes, unpacked: as many as the zip says. @throws when they are damaged or cannot be read */
  read(facts: yauzl.Entry): AsyncGenerator<Uint8Array>
}

/** @throws ArchiveFault `damaged_archive`, `split_archive`, `read_failed` */
export async function openZip(bytes: RangedBytes): Promise<OpenZip> {
  let bounds
  try {
    bounds = await findZip(bytes)
  } catch (error) {
    throw new ArchiveFault('read_failed', `the zip cannot be read (${reasonOf(error)})`)
  }
  if (bounds === undefined)
    throw new ArchiveFault(
      'damaged_archive',
      'the list of files at the end of the zip is missing; it may be cut short',
    )
  if (bounds.isSplit)
    throw new ArchiveFault(
      'split_archive',
      'it is one part of a zip that was split; join the parts, or unpack them and pack one zip',
    )
  const { begin, end } = bounds
  const open = async (windowBytes: number): Promise<yauzl.ZipFile> => {
    const reader = new WindowReader(bytes, { begin, end }, windowBytes)
    // Sizes are checked entry by entry: one that is wrong costs no other.
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: false }
    try {
      return await yauzl.fromRandomAccessReaderPromise(reader, end - begin, options)
    } catch (error) {
      throw new ArchiveFault('damaged_archive', `the zip cannot be opened (${reasonOf(error)})`)
    }
  }
  const zip = await open(HEADER_WINDOW_BYTES)
  const locate = async (facts: yauzl.Entry): Promise<ZipPart> => {
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(facts, { minimal: true })
    const { compressedSize, compressionMethod: method, relativeOffsetOfLocalHeader: header } = facts
    return { from: begin + fileDataStart, bytes: compressedSize, method, header }
  }
  let decoder: Promise<NameDecoder> | undefined
  return {
    async *entries() {
      for await (const facts of (await open(LIST_WINDOW_BYTES)).eachEntry()) {
        const raw = rawName(facts)
        if (needsCodePage(raw)) decoder ??= decoderFor(await open(LIST_WINDOW_BYTES))
        const names = (await decoder) ?? UNICODE_NAMES
        yield { name: names.decode(raw), otherNames: () => names.otherReadings(raw), facts }
      }
    },
    locate,
    async *read(facts) {
      const window = new WindowReader(bytes, bounds, LIST_WINDOW_BYTES)
      yield* exactly(unpacked(bytes, await locate(facts), window), facts.uncompressedSize)
    },
  }
}

async function* exactly(chunks: AsyncIterable<Uint8Array>, declared: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.byteLength
    if (bytes > declared) throw new Error('it has more bytes than the archive says')
    yield chunk
  }
  if (bytes < declared) throw new Error(`${declared - bytes} of its bytes are missing`)
}

/** Goes through all names, once one needs it: which code page they are in is told from all of them. */
async function decoderFor(zip: yauzl.ZipFile): Promise<NameDecoder> {
  const pages = new CodePageOfNames()
  try {
    for await (const entry of zip.eachEntry()) pages.add(rawName(entry))
  } catch {
    // Damage is met again, and named, by whoever lists the files.
  }
  return pages.decoder()
}

function rawName({ fileNameRaw, extraFieldRaw, generalPurposeBitFlag }: yauzl.Entry): RawName {
  return {
    bytes: fileNameRaw,
    isUtf8: (generalPurposeBitFlag & FLAG_UTF8_NAME) !== 0,
    extra: extraFieldRaw,
  }
}

/** Lets the library read the zip alone, a window at a time, wherever the bytes are. */
class WindowReader extends yauzl.RandomAccessReader implements ByteWindow {
  readonly #bytes: RangedBytes
  readonly #begin: number
  readonly byteLength: number
  readonly #windowBytes: number
  #at = 0
  #window: Buffer = Buffer.alloc(0)

  constructor(bytes: RangedBytes, { begin, end }: { begin: number; end: number }, windowBytes: number) {
    super()
    this.#bytes = bytes
    this.#begin = begin
    this.byteLength = end - begin
    this.#windowBytes = windowBytes
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    callbackify(this.at.bind(this))(position, length, (error, piece) =>
      error === null ? callback(null, piece.copy(buffer, offset)) : callback(error),
    )
  }

  /** Fewer bytes at the end of the zip, or where the file was cut meanwhile. */
  async at(position: number, length: number): Promise<Buffer> {
    if (position < this.#at || position + length > this.#at + this.#window.byteLength) {
      const count = Math.min(Math.max(length, this.#windowBytes), this.byteLength - position)
      this.#at = position
      this.#window = count <= 0 ? Buffer.alloc(0) : await bytesAt(this.#bytes, this.#begin + position, count)
      const commentAt = this.byteLength - COMMENT_LENGTH_BYTES - position
      if (commentAt >= 0 && commentAt + COMMENT_LENGTH_BYTES <= this.#window.byteLength)
        this.#window.writeUInt16LE(0, commentAt)
    }
    return this.#window.subarray(position - this.#at, position - this.#at + length)
  }
}
