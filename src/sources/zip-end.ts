import { ByteFeed, type RangedBytes } from './web-archive/byte-feed.ts'

// APPNOTE.TXT 6.3.10, sections 4.3.16, 4.3.15 and 4.3.14
const END = 0x06054b50
const END_BYTES = 22
const LOCATOR = 0x07064b50
const LOCATOR_BYTES = 20
const END_64 = 0x06064b50
const END_64_BYTES = 56
const DIRECTORY_ENTRY = 0x02014b50
const STEP_BYTES = 64 * 1024
/** Bytes after a zip's end that are searched for it: cut-outs of disks and mail are padded, seldom by more. */
export const MAX_BYTES_AFTER_ZIP = 64 * 1024 * 1024

/** Where a zip stands among bytes that may come before and after it. */
export interface ZipBounds {
  /** Where its own offsets count from. */
  begin: number
  /** End of its fixed end record; a comment, which may be cut short, is left out. */
  end: number
  /** It is one part of several that belong together. */
  isSplit: boolean
}

/**
 * Finds the end record of a zip, from the last bytes on, and believes only one whose directory stands where it says.
 * @returns undefined when there is none in the last `MAX_BYTES_AFTER_ZIP`
 */
export async function findZip(bytes: RangedBytes): Promise<ZipBounds | undefined> {
  const last = Math.max(0, bytes.byteLength - MAX_BYTES_AFTER_ZIP - END_BYTES)
  for (let from = bytes.byteLength; from > last;) {
    const end = Math.min(bytes.byteLength, from + END_BYTES - 1)
    from = Math.max(last, from - STEP_BYTES)
    const piece = await bytesAt(bytes, from, end - from)
    for (let at = piece.lastIndexOf('PK\u0005\u0006', undefined, 'latin1'); at >= 0;) {
      const found = await boundsBy(bytes, from + at)
      if (found !== undefined) return found
      at = at === 0 ? -1 : piece.lastIndexOf('PK\u0005\u0006', at - 1, 'latin1')
    }
  }
  return undefined
}

async function boundsBy(bytes: RangedBytes, at: number): Promise<ZipBounds | undefined> {
  const record = await bytesAt(bytes, at, END_BYTES)
  if (record.byteLength < END_BYTES || record.readUInt32LE(0) !== END) return undefined
  const end = at + END_BYTES
  if (record.readUInt16LE(4) !== record.readUInt16LE(6) || isPart(record.readUInt16LE(4)))
    return { begin: 0, end, isSplit: true }
  const wide = await wideBounds(bytes, at)
  if (wide !== undefined) return wide
  const size = record.readUInt32LE(12)
  const offset = record.readUInt32LE(16)
  if (record.readUInt16LE(10) === 0 && size === 0)
    return { begin: Math.max(0, at - offset), end, isSplit: false }
  const begin = at - size - offset
  if (begin >= 0 && (await isDirectory(bytes, at - size))) return { begin, end, isSplit: false }
  return (await isDirectory(bytes, offset)) ? { begin: 0, end, isSplit: false } : undefined
}

/** A number that stands for 'see the larger record' is no part's number. */
function isPart(disk: number): boolean {
  return disk !== 0 && disk !== 0xffff
}

/** Of archives with more than 65,535 files or 4 GB. */
async function wideBounds(bytes: RangedBytes, at: number): Promise<ZipBounds | undefined> {
  const locator = await bytesAt(bytes, at - LOCATOR_BYTES, LOCATOR_BYTES)
  if (locator.byteLength < LOCATOR_BYTES || locator.readUInt32LE(0) !== LOCATOR) return undefined
  const offset = Number(locator.readBigUInt64LE(8))
  const end = at + END_BYTES
  for (const place of [at - LOCATOR_BYTES - END_64_BYTES, offset]) {
    const record = await bytesAt(bytes, place, 4)
    if (record.byteLength === 4 && record.readUInt32LE(0) === END_64 && place >= offset)
      return { begin: place - offset, end, isSplit: false }
  }
  return undefined
}

async function isDirectory(bytes: RangedBytes, at: number): Promise<boolean> {
  const head = await bytesAt(bytes, at, 4)
  return head.byteLength === 4 && head.readUInt32LE(0) === DIRECTORY_ENTRY
}

/** Fewer bytes, or none, where the bytes do not reach. */
export async function bytesAt(bytes: RangedBytes, at: number, count: number): Promise<Buffer> {
  if (at < 0 || at >= bytes.byteLength) return Buffer.alloc(0)
  const feed = new ByteFeed(bytes.part(at, Math.min(count, bytes.byteLength - at)).read(0))
  try {
    return Buffer.from(await feed.peek(count))
  } finally {
    await feed.close()
  }
}
