import type { PhotoFacts } from '../types.ts'
import type { CameraRaw } from './camera-raw.ts'

/** What a file is, by its first bytes; never by its name. */
export type SniffedFormat =
  | PhotoFacts['format']
  | 'svg'
  | 'pdf'
  | 'bmp'
  | 'jxl'
  | 'jp2'
  | 'video'
  | 'text'
  | 'unknown'

/** How many bytes {@link sniffFormat} looks at. */
export const SNIFF_BYTES = 512

/**
 * Names the format of a file from its first {@link SNIFF_BYTES} bytes.
 * Signatures: JPEG SOI, PNG, GIF87a/89a, RIFF WEBP, TIFF and BigTIFF byte orders, ISO BMFF brands (ISO/IEC 23008-12
 * annex B for HEIC, the AVIF specification for `avif` and `avis`), camera raws with beginnings of their own. Other camera
 * raws are TIFF files, and are told apart by what stands in them (camera-raw.ts).
 */
export function sniffFormat(bytes: Uint8Array): SniffedFormat {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, SNIFF_BYTES))
  const ascii = (from: number, to: number): string => head.toString('latin1', from, to)
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'jpeg'
  if (ascii(0, 8) === '\x89PNG\r\n\x1a\n') return 'png'
  if (ascii(0, 6) === 'GIF87a' || ascii(0, 6) === 'GIF89a') return 'gif'
  if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP') return 'webp'
  const raw = RAW_STARTS.find(([start, at]) => ascii(at, at + start.length) === start)
  if (raw !== undefined) return raw[2]
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(ascii(0, 4))) return 'tiff'
  if (ascii(4, 8) === 'ftyp') return sniffBrand(head)
  if (ascii(0, 5) === '%PDF-') return 'pdf'
  if (ascii(0, 2) === 'BM' && head.length > 14) return 'bmp'
  if (ascii(0, 2) === '\xff\x0a' || ascii(4, 8) === 'JXL ') return 'jxl'
  if (ascii(4, 8) === 'jP  ' || ascii(0, 4) === '\xff\x4f\xff\x51') return 'jp2'
  if (ascii(0, 4) === '\x1a\x45\xdf\xa3' || (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'AVI '))
    return 'video'
  if (/<svg[\s>]/i.test(head.toString('utf8'))) return 'svg'
  return looksLikeText(head) ? 'text' : 'unknown'
}

/** Beginnings of camera raws that are not TIFF, or TIFF with a mark of their own: text, its place, kind. */
const RAW_STARTS: readonly (readonly [string, number, CameraRaw])[] = [
  ['FUJIFILMCCD-RAW', 0, 'raf'],
  ['IIU\0', 0, 'rw2'],
  ['IIRO', 0, 'orf'],
  ['IIRS', 0, 'orf'],
  ['MMOR', 0, 'orf'],
  ['\0MRM', 0, 'mrw'],
  ['FOVb', 0, 'x3f'],
  ['HEAPCCDR', 6, 'crw'],
  ['II*\0\x10\0\0\0CR', 0, 'cr2'],
]

/** HEVC pictures, and those of HEIF of other kinds, of which the decoder says whether it reads them. */
const HEIF_BRANDS = new Set([
  'heic',
  'heix',
  'heim',
  'heis',
  'hevc',
  'hevx',
  'mif1',
  'mif2',
  'mif3',
  'msf1',
  'miaf',
])
const AVIF_BRANDS = new Set(['avif', 'avis'])
/** Low-overhead files (ISO/IEC 23008-12, `mini`) have no other brand, and name the kind of picture as their version. */
const LOW_OVERHEAD_BRAND = 'mif3'

function sniffBrand(head: Buffer): SniffedFormat {
  const boxBytes = Math.min(head.readUInt32BE(0), head.length)
  const brands = [head.toString('latin1', 8, 12)]
  if (brands[0] === 'crx ') return 'cr3'
  if (brands[0] === LOW_OVERHEAD_BRAND) brands.push(head.toString('latin1', 12, 16))
  for (let at = 16; at + 4 <= boxBytes; at += 4) brands.push(head.toString('latin1', at, at + 4))
  // AVIF files may name `mif1` as their major brand, so AVIF's own brands are looked for first.
  if (brands.some((brand) => AVIF_BRANDS.has(brand))) return 'avif'
  return brands.some((brand) => HEIF_BRANDS.has(brand)) ? 'heic' : 'video'
}

function looksLikeText(head: Buffer): boolean {
  return (
    head.length > 0 && head.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d)
  )
}
