import { crc32, createInflateRaw } from 'node:zlib'
import { INFLATION_ALLOWANCE_BYTES, MAX_INFLATION_RATIO } from '../limits.ts'
import { ByteFeed, type ByteSource } from './byte-feed.ts'
import { ArchiveFault } from './capture.ts'
import { MAX_HEADER_LINE_BYTES } from './archive-limits.ts'

// RFC 1952, section 2.3
const FLAG_HEADER_CRC = 2
const FLAG_EXTRA = 4
const FLAG_NAME = 8
const FLAG_COMMENT = 16
const FIXED_HEADER_BYTES = 10
const TRAILER_BYTES = 8
const MEMBER_START = Buffer.from([0x1f, 0x8b, 8])
const SCAN_BYTES = 64 * 1024
/** Places behind a damaged member that are tried as the beginning of the next; chance makes one in 16 MB. */
const MAX_MEMBER_TRIES = 10_000

/** One gzip member of a file that has many: web archives compress record by record, so that each can be read on its own. */
export interface GzipMember {
  /** Its bytes, inflated. */
  chunks: AsyncGenerator<Uint8Array>
  /** Where the next member begins; undefined until `chunks` has come to its end. */
  readonly end: number | undefined
}

/** Compressed and inflated bytes of an archive so far; an archive may inflate to `MAX_INFLATION_RATIO` times its size. */
export interface InflationTally {
  compressed: number
  inflated: number
}

export async function isGzipAt(source: ByteSource, at: number): Promise<boolean> {
  const head = await headOf(source, at, 3)
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8
}

/**
 * Inflates the member that begins at an offset. Its checksum is checked at its end.
 * @throws ArchiveFault `damaged_archive`, `inflates_too_much`
 */
export async function gzipMember(source: ByteSource, at: number, tally: InflationTally): Promise<GzipMember> {
  const dataAt = at + (await headerBytes(source, at))
  let end: number | undefined
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const inflate = createInflateRaw({ chunkSize: 64 * 1024 })
    // Its failure is met by whoever reads; until then it must not count as unhandled.
    inflate.on('error', () => undefined)
    const before = { ...tally }
    let sum = 0
    let length = 0
    const feeding = feed(inflate, source.read(dataAt))
    try {
      for await (const piece of inflate as AsyncIterable<Buffer>) {
        sum = crc32(piece, sum)
        length += piece.byteLength
        tally.inflated = before.inflated + length
        tally.compressed = before.compressed + inflate.bytesWritten
        refuseBomb(tally)
        yield piece
      }
    } catch (error) {
      if (error instanceof ArchiveFault) throw error
      throw new ArchiveFault('damaged_archive', `the compressed data at byte ${at} cannot be inflated`)
    } finally {
      inflate.destroy()
      await feeding
    }
    const consumed = inflate.bytesWritten
    const trailer = await headOf(source, dataAt + consumed, TRAILER_BYTES)
    if (
      trailer.byteLength < TRAILER_BYTES ||
      trailer.readUInt32LE(0) !== sum ||
      trailer.readUInt32LE(4) !== length % 2 ** 32
    )
      throw new ArchiveFault('damaged_archive', `the checksum of the compressed data at byte ${at} differs`)
    end = dataAt + consumed + TRAILER_BYTES
  }
  return {
    chunks: chunks(),
    get end() {
      return end
    },
  }
}

/**
 * Where the next member begins that holds a record, after one that is damaged: by the first bytes of gzip, and by what it
 * inflates to.
 */
export async function nextMember(source: ByteSource, from: number): Promise<number | undefined> {
  const feed = new ByteFeed(source.read(from))
  let tries = 0
  try {
    for (;;) {
      const piece = await feed.peek(SCAN_BYTES)
      for (let at = piece.indexOf(MEMBER_START); at >= 0; at = piece.indexOf(MEMBER_START, at + 1)) {
        if (at > piece.byteLength - FIXED_HEADER_BYTES && piece.byteLength === SCAN_BYTES) break
        if (++tries > MAX_MEMBER_TRIES) return undefined
        if (await holdsRecord(source, from + feed.position + at)) return from + feed.position + at
      }
      if (piece.byteLength < SCAN_BYTES) return undefined
      await feed.skip(SCAN_BYTES - FIXED_HEADER_BYTES)
    }
  } finally {
    await feed.close()
  }
}

async function holdsRecord(source: ByteSource, at: number): Promise<boolean> {
  let feed: ByteFeed | undefined
  try {
    const member = await gzipMember(source, at, { compressed: 0, inflated: 0 })
    feed = new ByteFeed(member.chunks)
    return (await feed.peek(5)).toString('latin1') === 'WARC/'
  } catch (error) {
    if (error instanceof ArchiveFault) return false
    throw error
  } finally {
    await feed?.close()
  }
}

function refuseBomb({ compressed, inflated }: InflationTally): void {
  if (inflated <= INFLATION_ALLOWANCE_BYTES || inflated <= compressed * MAX_INFLATION_RATIO) return
  throw new ArchiveFault(
    'inflates_too_much',
    `it inflates to more than MAX_INFLATION_RATIO, ${MAX_INFLATION_RATIO} times its size, as web pages never do`,
  )
}

/** Writes until the compressed data ends: then zlib leaves input untouched, and `bytesWritten` says where. */
async function feed(
  inflate: ReturnType<typeof createInflateRaw>,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  let fed = 0
  try {
    for await (const chunk of chunks) {
      fed += chunk.byteLength
      const closed = await new Promise<boolean>((resolve) => {
        inflate.once('close', () => resolve(true))
        inflate.write(chunk, (error) => resolve(error !== null && error !== undefined))
      })
      inflate.removeAllListeners('close')
      if (closed || inflate.destroyed || inflate.bytesWritten < fed) return
    }
    inflate.end()
  } catch (error) {
    inflate.destroy(error instanceof Error ? error : undefined)
  }
}

async function headerBytes(source: ByteSource, at: number): Promise<number> {
  const feed = new ByteFeed(source.read(at))
  try {
    const head = await feed.peek(FIXED_HEADER_BYTES + 2)
    if (head.byteLength < FIXED_HEADER_BYTES || head[0] !== 0x1f || head[1] !== 0x8b || head[2] !== 8)
      throw new ArchiveFault('damaged_archive', `at byte ${at} stands something that is not gzip`)
    const flags = head[3]
    let bytes = FIXED_HEADER_BYTES
    if ((flags & FLAG_EXTRA) !== 0) bytes += 2 + (head.byteLength > 11 ? head.readUInt16LE(10) : 0)
    for (const flag of [FLAG_NAME, FLAG_COMMENT]) {
      if ((flags & flag) !== 0) bytes = await afterZero(feed, bytes)
    }
    return (flags & FLAG_HEADER_CRC) === 0 ? bytes : bytes + 2
  } finally {
    await feed.close()
  }
}

async function afterZero(feed: ByteFeed, from: number): Promise<number> {
  const bytes = await feed.peek(from + MAX_HEADER_LINE_BYTES)
  const zero = bytes.indexOf(0, from)
  if (zero < 0) throw new ArchiveFault('damaged_archive', 'a gzip header does not end')
  return zero + 1
}

async function headOf(source: ByteSource, at: number, count: number): Promise<Buffer> {
  const feed = new ByteFeed(source.read(at))
  try {
    return Buffer.from(await feed.peek(count))
  } finally {
    await feed.close()
  }
}
