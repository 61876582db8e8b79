import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createInflateRaw } from 'node:zlib'
import { configure, Reader, ZipReader } from '@zip.js/zip.js'
import type { RangedBytes } from './web-archive/byte-feed.ts'

// APPNOTE.TXT 6.3.10, section 4.4.5
export const STORED = 0
export const DEFLATED = 8
export const DEFLATED_64 = 9
/** Ways of compressing that are not read, by the names that people see in their programs. */
const METHOD_NAMES: Record<number, string> = {
  1: 'Shrink',
  6: 'Implode',
  12: 'BZip2',
  14: 'LZMA',
  20: 'Zstandard',
  93: 'Zstandard',
  95: 'XZ',
  96: 'a method for JPEG',
  97: 'WavPack',
  98: 'PPMd',
}

/** How a part of a zip is packed and where it stands, among the bytes that the zip was opened from. */
export interface PackedPart {
  /** Where its data begin. */
  from: number
  /** As packed. */
  bytes: number
  method: number
}

/** A part of a zip, with where its header begins, counted from the zip's own beginning. */
export interface ZipPart extends PackedPart {
  header: number
}

/** What is wrong with the way in which a file of a zip is compressed; undefined when it is read. */
export function unreadMethod(method: number): string | undefined {
  if (method === STORED || method === DEFLATED || method === DEFLATED_64) return undefined
  const name = METHOD_NAMES[method] ?? `method ${method}`
  return `compressed in a way that is not read here (${name}); unpack the archive and pack it again as an ordinary zip`
}

/**
 * The bytes of a part, unpacked.
 * @param zip the zip alone, without what stands before and after it
 * @throws when it is damaged or cannot be read
 */
export async function* unpacked(
  bytes: RangedBytes,
  part: ZipPart,
  zip: ByteWindow,
): AsyncGenerator<Uint8Array> {
  const packed = bytes.part(part.from, part.bytes).read(0)
  if (part.method === STORED) yield* packed
  else if (part.method === DEFLATED) yield* inflated(packed)
  else yield* inflated64(zip, part.header)
}

/** Bytes at any place, fewer where they end. */
export interface ByteWindow {
  byteLength: number
  at(place: number, count: number): Promise<Uint8Array>
}

/** Inflates raw deflate data; an error of reading and one of the data are met by whoever reads. */
export async function* inflated(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw()
  const feeding = pipeline(Readable.from(packed), inflate)
  // The same error comes out of the stream; here it must not count as unhandled.
  feeding.catch(() => undefined)
  try {
    yield* inflate as AsyncIterable<Buffer>
  } finally {
    inflate.destroy()
    await feeding.catch(() => undefined)
  }
}

/** Deflate64, which only the zip library of the browser program knows: it finds the part by where its header stands. */
async function* inflated64(zip: ByteWindow, header: number): AsyncGenerator<Uint8Array> {
  configure({ useWebWorkers: false })
  const reader = new ZipReader(new PartReader(zip))
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      if (entry.offset !== header || entry.directory) continue
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
      const unpacking = entry.getData(writable, { checkSignature: true })
      unpacking.catch(() => undefined)
      try {
        yield* readable
      } finally {
        await readable.cancel().catch(() => undefined)
      }
      await unpacking
      return
    }
  } finally {
    await reader.close()
  }
  throw new Error('it is not in the list of files')
}

class PartReader extends Reader<undefined> {
  readonly #zip: ByteWindow

  constructor(zip: ByteWindow) {
    super(undefined)
    this.#zip = zip
    this.size = zip.byteLength
  }

  override readUint8Array(place: number, count: number): Promise<Uint8Array> {
    return this.#zip.at(place, count)
  }
}
