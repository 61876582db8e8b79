import type { PhotoFacts } from '../types.ts'
import { multiPictureCount } from './jpeg-frame.ts'
import { pngChunks } from './png-exif.ts'

/** How far the tables of a sequence are looked for: they stand before its pictures, or at the file's end. */
const TABLES_BYTES = 1024 * 1024
/** More is nonsense in a damaged table. */
const MOST_FRAMES = 1_000_000

/** Pictures that a file says it has, where its decoder does not count them (undefined: it does): several JPEGs, animated PNG, sequences of AVIF and HEIF. */
export function frameCount(bytes: Uint8Array, format: PhotoFacts['format']): number | undefined {
  if (format === 'jpeg') return multiPictureCount(bytes)
  if (format === 'png') return animatedPngFrames(bytes)
  return format === 'avif' || format === 'heic' ? sequenceFrames(bytes) : undefined
}

/** Chunk `acTL` of animated PNG (PNG third edition, 11.3.4): the number of frames comes first. */
function animatedPngFrames(bytes: Uint8Array): number {
  for (const { type, data } of pngChunks(bytes)) {
    if (type === 'IDAT') return 1
    if (type === 'acTL' && data.byteLength >= 4) return reasonable(Buffer.from(data).readUInt32BE(0))
  }
  return 1
}

const SEQUENCE_BRANDS = /avis|msf1|hevc|hevx/

/** A sequence's first track counts its samples in `stsz` (ISO/IEC 14496-12, 8.7.3): version and flags, size, count. */
function sequenceFrames(bytes: Uint8Array): number | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const brands = file.toString('latin1', 8, Math.min(file.readUInt32BE(0), 256))
  if (!SEQUENCE_BRANDS.test(brands)) return undefined
  for (const part of [file.subarray(0, TABLES_BYTES), file.subarray(-TABLES_BYTES)]) {
    const at = part.indexOf('stsz', 0, 'latin1')
    if (at >= 0 && at + 16 <= part.byteLength) return reasonable(part.readUInt32BE(at + 12))
  }
  return undefined
}

function reasonable(count: number): number {
  return count >= 1 && count <= MOST_FRAMES ? count : 1
}
