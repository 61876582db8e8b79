import type { DetectionMode } from '../types.ts'
import { isReduced, rawOfTiff } from './camera-raw.ts'
import { openRaw } from './open-raw.ts'
import { openWithVips } from './open-with-vips.ts'
import { refuse, type Opening } from './opening.ts'
import { TIFF_TAG, tiffDirectories, tiffNumber, type TiffDirectory } from './tiff-directories.ts'

/**
 * Opens a TIFF file: a camera raw by its preview, anything else by its first page that is not a reduced copy. Pages that
 * follow are said. A sound file of a kind that libvips does not read is unsupported, not damaged.
 */
export async function openTiff(bytes: Uint8Array, mode: DetectionMode): Promise<Opening> {
  const directories = tiffDirectories(bytes)
  const raw = rawOfTiff(directories)
  if (raw !== undefined) return openRaw(bytes, raw, mode)
  const pages = directories.filter(({ page }) => page !== undefined)
  const whole = pages.filter((page) => !isReduced(page))
  // A file whose pages are all reduced copies has the picture itself below them.
  const chosen = whole[0] ?? directories.find((directory) => !isReduced(directory)) ?? pages[0]
  const place = chosen?.below ?? { page: chosen?.page ?? 0, place: undefined }
  const opening = await openWithVips(
    {
      bytes,
      format: 'tiff',
      page: place.page,
      ...(place.place === undefined ? {} : { subifd: place.place }),
      frames: Math.max(1, whole.length),
    },
    mode,
  )
  if (opening.outcome === 'open' || chosen === undefined) return opening
  if (opening.reason !== 'damaged' && opening.reason !== 'unsupported_format') return opening
  const kind = unreadKind(chosen) ?? (isWhole(chosen, bytes.byteLength) ? opening.detail : undefined)
  if (kind === undefined) return opening
  return refuse(
    'unsupported_format',
    `TIFF files of this kind are not read (${kind}); save it as JPEG or PNG`,
  )
}

/** Ways of packing that the built-in libtiff has no reader for, or that are no TIFF at all (registered values of tag 259). */
const UNREAD_COMPRESSIONS: Record<number, string> = {
  6: 'old-style JPEG',
  32_767: 'Sony raw',
  34_661: 'JBIG',
  34_663: 'JBIG2',
  34_712: 'JPEG 2000',
  34_713: 'Nikon raw',
  34_887: 'LERC',
  34_892: 'lossy JPEG of DNG',
  34_925: 'LZMA',
  50_000: 'Zstandard',
  50_001: 'WebP',
  50_002: 'JPEG XL',
  52_546: 'JPEG XL',
}
/** None, CCITT, LZW, JPEG, Deflate, NeXT, PackBits, ThunderScan, SGI Log. */
const READ_COMPRESSIONS = new Set([
  1, 2, 3, 4, 5, 7, 8, 32_766, 32_771, 32_773, 32_809, 32_946, 34_676, 34_677,
])
const UNREAD_COLOURS: Record<number, string> = { 8: 'CIE L*a*b*', 9: 'ICC L*a*b*', 10: 'ITU L*a*b*' }
const SEPARATE_PLANES = 2
const COMPLEX_SAMPLES = new Set([5, 6])

/** What about a picture, that could not be read, is of a kind that is not read. */
function unreadKind(directory: TiffDirectory): string | undefined {
  const compression = tiffNumber(directory, TIFF_TAG.compression) ?? 1
  if (!READ_COMPRESSIONS.has(compression))
    return UNREAD_COMPRESSIONS[compression] ?? `compression ${compression}`
  const colours = UNREAD_COLOURS[tiffNumber(directory, TIFF_TAG.photometric) ?? 0]
  if (colours !== undefined) return colours
  const isTiled = directory.tags.has(TIFF_TAG.tileWidth)
  if (isTiled && tiffNumber(directory, TIFF_TAG.planarConfiguration) === SEPARATE_PLANES)
    return 'tiles of separate planes'
  const samples = tiffNumber(directory, TIFF_TAG.sampleFormat) ?? 1
  if (COMPLEX_SAMPLES.has(samples)) return 'complex numbers'
  const bits = tiffNumber(directory, TIFF_TAG.bitsPerSample) ?? 1
  return [1, 2, 4, 8, 16, 32, 64].includes(bits) ? undefined : `${bits} bits a sample`
}

/** Packed without loss of a check: a decoder that fails on whole strips of these met a kind, not damage. */
const UNPACKED = 1

/** Whether all of an unpacked picture's bytes are in the file. */
function isWhole(directory: TiffDirectory, fileBytes: number): boolean {
  if ((tiffNumber(directory, TIFF_TAG.compression) ?? 1) !== UNPACKED) return false
  const values = (tag: number): number[] => directory.tags.get(tag)?.values ?? []
  const isTiled = directory.tags.has(TIFF_TAG.tileWidth)
  const offsets = values(isTiled ? TIFF_TAG.tileOffsets : TIFF_TAG.stripOffsets)
  const lengths = values(isTiled ? TIFF_TAG.tileByteCounts : TIFF_TAG.stripByteCounts)
  if (offsets.length === 0 || offsets.length !== lengths.length) return false
  return offsets.every((offset, index) => offset + lengths[index] <= fileBytes)
}
