import { inflateSync } from 'node:zlib'
import { TIFF_TAG, tiffDirectories, tiffNumber } from './tiff-directories.ts'

const SIGNATURE_BYTES = 8
/** Length, type and checksum of a chunk. */
const CHUNK_FRAME_BYTES = 12
/** Chunks that are gone through: files are written in pieces of 8 KiB and more. */
const MAX_CHUNKS = 100_000
/** EXIF of more is not unpacked; cameras write 64 KiB. */
const MAX_EXIF_BYTES = 4 * 1024 * 1024

/** The chunks of a PNG in their order, as far as they are whole; checksums are not checked. */
export function* pngChunks(bytes: Uint8Array): Generator<{ type: string; data: Uint8Array }> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = SIGNATURE_BYTES
  for (let count = 0; count < MAX_CHUNKS && at + CHUNK_FRAME_BYTES <= file.byteLength; count++) {
    const length = file.readUInt32BE(at)
    const end = at + CHUNK_FRAME_BYTES + length
    if (end > file.byteLength) return
    yield { type: file.toString('latin1', at + 4, at + 8), data: file.subarray(at + 8, at + 8 + length) }
    at = end
  }
}

/**
 * The EXIF block of a PNG, as TIFF bytes: chunk `eXIf`, before or after the picture's data (PNG third edition, 11.3.3.7),
 * or the text in hex digits that ImageMagick and others wrote before there was such a chunk.
 */
export function pngExif(bytes: Uint8Array): Uint8Array | undefined {
  let fromText: Uint8Array | undefined
  for (const { type, data } of pngChunks(bytes)) {
    if (type === 'eXIf') return withoutMark(data)
    if (type === 'tEXt' || type === 'zTXt' || type === 'iTXt') fromText ??= rawProfile(type, data)
  }
  return fromText
}

/** The orientation that a PNG's EXIF asks for, 1 to 8; undefined when it does not say. */
export function pngOrientation(bytes: Uint8Array): number | undefined {
  const exif = pngExif(bytes)
  const [first] = exif === undefined ? [] : tiffDirectories(exif)
  const value = first === undefined ? undefined : tiffNumber(first, TIFF_TAG.orientation)
  return value !== undefined && value >= 1 && value <= 8 ? value : undefined
}

/** An EXIF block without the mark that JPEG puts before it, which some writers copy too. */
export function withoutMark(block: Uint8Array): Uint8Array {
  const mark = Buffer.from(block.subarray(0, 6)).toString('latin1')
  return mark === 'Exif\0\0' ? block.subarray(6) : block
}

/** `Raw profile type exif` or `APP1`: a name, a length and hex digits on lines (ImageMagick, coders/png.c writes it so). */
function rawProfile(type: string, data: Uint8Array): Uint8Array | undefined {
  const chunk = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const nameEnd = chunk.indexOf(0)
  if (!/^Raw profile type (exif|APP1)$/i.test(chunk.toString('latin1', 0, Math.max(0, nameEnd))))
    return undefined
  try {
    const text = profileText(type, chunk, nameEnd + 1)
    const match = /^\s*\w+\s+(\d+)\s+([\da-fA-F\s]+)$/.exec(text)
    if (match === null) return undefined
    const block = Buffer.from(match[2].replaceAll(/\s/g, ''), 'hex')
    const exif = withoutMark(block)
    return ['II', 'MM'].includes(Buffer.from(exif.subarray(0, 2)).toString('latin1')) ? exif : undefined
  } catch {
    return undefined
  }
}

/** After the name: zTXt has the method and packed text; iTXt a flag, the method, two more names, and text. */
function profileText(type: string, chunk: Buffer, at: number): string {
  const unpack = (packed: Buffer): string =>
    inflateSync(packed, { maxOutputLength: MAX_EXIF_BYTES * 2 }).toString('latin1')
  if (type === 'tEXt') return chunk.toString('latin1', at, at + MAX_EXIF_BYTES * 2)
  if (type === 'zTXt') return unpack(chunk.subarray(at + 1))
  const languageEnd = chunk.indexOf(0, at + 2)
  const text = chunk.subarray(chunk.indexOf(0, languageEnd + 1) + 1)
  return chunk[at] === 1 ? unpack(text) : text.toString('latin1')
}
