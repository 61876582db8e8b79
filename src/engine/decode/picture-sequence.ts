/** Image sequences of AVIF and HEIF (ISO/IEC 23008-12, clause 7): tracks as in a video, beside a picture of their own. */

/** How far tables are looked for: they stand before the pictures, or at the file's end. */
const TABLES_BYTES = 1024 * 1024
const SEQUENCE_BRANDS = /avis|msf1|hevc|hevx/
/** Where `ftyp` names the major brand. */
const MAJOR_BRAND_AT = 8
const AVIF_SEQUENCE = 'avis'
const AVIF_STILL = 'avif'

/**
 * Pictures in a sequence's first track, as `stsz` counts them (ISO/IEC 14496-12, 8.7.3): version and flags, size, count.
 * @returns undefined when it is no sequence, or has no such table where one is looked for
 */
export function sequenceSamples(bytes: Uint8Array): number | undefined {
  const file = bufferOf(bytes)
  if (!isSequence(file)) return undefined
  for (const part of [file.subarray(0, TABLES_BYTES), file.subarray(-TABLES_BYTES)]) {
    const at = part.indexOf('stsz', 0, 'latin1')
    if (at >= 0 && at + 16 <= part.byteLength) return part.readUInt32BE(at + 12)
  }
  return undefined
}

/** Whether it has tracks alone, and names no picture (`pitm`) that stands for it. */
export function isOnlySequence(bytes: Uint8Array): boolean {
  const file = bufferOf(bytes)
  if (!isSequence(file)) return false
  const holds = (box: string): boolean =>
    [file.subarray(0, TABLES_BYTES), file.subarray(-TABLES_BYTES)].some((part) =>
      part.includes(box, 0, 'latin1'),
    )
  return holds('moov') && !holds('pitm')
}

/**
 * The same file under the brand of a still picture: libvips knows AVIF by its major brand, and most animated files call
 * themselves sequences first, whose own picture stands in them as in any other.
 */
export function withStillBrand(bytes: Uint8Array): Uint8Array {
  const file = bufferOf(bytes)
  if (file.toString('latin1', MAJOR_BRAND_AT, MAJOR_BRAND_AT + 4) !== AVIF_SEQUENCE) return bytes
  const still = Buffer.from(file)
  still.write(AVIF_STILL, MAJOR_BRAND_AT, 'latin1')
  return still
}

function isSequence(file: Buffer): boolean {
  return SEQUENCE_BRANDS.test(file.toString('latin1', MAJOR_BRAND_AT, Math.min(file.readUInt32BE(0), 256)))
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
