import sharp, { type Sharp, type SharpOptions } from 'sharp'
import { reasonOf } from '../../errors.ts'
import { isOwnProcess } from '../own-process.ts'
import type { Raster } from '../raster.ts'
import type { Box, DetectionMode, PhotoFacts, UnreadableReason } from '../types.ts'
import { decodeHeic } from './decode-heic.ts'
import { MAX_DECODE_SECONDS, MAX_PIXELS, MAX_WHOLE_PIXELS, MIN_SIDE_PX, WORKING_SIDE_PX } from './limits.ts'
import { perceptualHash } from './perceptual-hash.ts'
import { sniffFormat, type SniffedFormat } from './sniff.ts'

/** A decoded photo: a working picture for detection, and the original for cutting small faces from. */
export interface OpenPhoto {
  facts: PhotoFacts
  /** The upright photo, at most the mode's working side long. */
  working: Raster
  /** Original pixels per working pixel, >= 1. */
  scale: number
  /**
   * Decodes one part of the upright original at full size.
   * @param box pixels of the upright original; clipped to the picture
   * @returns the part and the original's coordinates of its top-left corner
   */
  cut(box: Box): Promise<{ raster: Raster; x: number; y: number }>
}

export type Opening = { outcome: 'open'; photo: OpenPhoto } | Refusal
export interface Refusal {
  outcome: 'unreadable'
  reason: UnreadableReason
  detail: string
}

// libvips has these settings for the whole process: another's, which uses Likeness as a library, is left as it is.
if (isOwnProcess()) {
  sharp.cache(false)
  // One photo a worker thread, all cores busy with photos: more threads inside one photo only add switching.
  sharp.concurrency(1)
  // Only these readers may ever see a file; SVG, PDF and the rest stay shut whatever the bytes claim.
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({
    operation: [
      'VipsForeignLoadJpeg',
      'VipsForeignLoadPng',
      'VipsForeignLoadWebp',
      'VipsForeignLoadNsgif',
      'VipsForeignLoadTiff',
      'VipsForeignLoadHeif',
    ],
  })
}

/** Alpha is laid over mid-grey, which neither hides nor invents a face's outline. */
const BACKGROUND = { r: 127, g: 127, b: 127 }
/** A picture up to this many times the working side is kept as it is: resampling it would cost more than it saves. */
const KEEP_FACTOR = 1.25

/**
 * Reads a photo's bytes with every limit applied: sniff -> header -> size limits -> decode upright, sRGB, 8 bit.
 * Animated files and documents give their first frame. Unreadable files are values, not errors.
 */
export async function openPhoto(bytes: Uint8Array, mode: DetectionMode): Promise<Opening> {
  if (bytes.byteLength === 0) return refuse('empty_file', 'the file is empty')
  const format = sniffFormat(bytes)
  const unsupported = refuseFormat(format)
  if (unsupported !== undefined) return unsupported
  try {
    if (format === 'heic') return await openHeic(bytes, mode)
    return await openWithVips(bytes, format as PhotoFacts['format'], mode)
  } catch (error) {
    return refuseDecode(error)
  }
}

function refuse(reason: UnreadableReason, detail: string): Refusal {
  return { outcome: 'unreadable', reason, detail }
}

function refuseFormat(format: SniffedFormat): Refusal | undefined {
  if (READABLE.has(format)) return undefined
  if (format === 'unknown') return refuse('not_an_image', 'this is not a picture')
  if (format === 'text') return refuse('not_an_image', 'this is text, not a picture')
  if (format === 'video') return refuse('unsupported_format', 'this is a video; only pictures are read here')
  return refuse('unsupported_format', `${format.toUpperCase()} files are not read; save it as JPEG or PNG`)
}

const READABLE: ReadonlySet<SniffedFormat> = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'heic'])

/** One line, without libvips' repetitions and internal names. */
function refuseDecode(error: unknown): Refusal {
  const message = reasonOf(error).split('\n')[0]?.trim() ?? ''
  if (/timeout/i.test(message))
    return refuse('took_too_long', `decoding took longer than ${MAX_DECODE_SECONDS} s`)
  if (/pixel limit|exceeds/i.test(message)) return refuse('too_many_pixels', `more than ${MAX_PIXELS} pixels`)
  if (/out of memory|allocat/i.test(message)) return refuse('out_of_memory', 'not enough memory to decode it')
  const plain = message.replaceAll(/Vips\w+:\s*/g, '').replace(/^Input (buffer|file) /, 'the file ')
  return refuse('damaged', `damaged or cut short (${plain})`)
}

function checkSize(width: number, height: number, wholeInMemory: boolean): Refusal | undefined {
  const limit = wholeInMemory ? MAX_WHOLE_PIXELS : MAX_PIXELS
  if (width * height > limit)
    return refuse(
      'too_many_pixels',
      `${width} x ${height} pixels; at most ${limit} are read from a file of this kind`,
    )
  if (width < MIN_SIDE_PX || height < MIN_SIDE_PX)
    return refuse('too_small', `${width} x ${height} pixels; a side must have at least ${MIN_SIDE_PX}`)
  return undefined
}

async function openWithVips(
  bytes: Uint8Array,
  format: PhotoFacts['format'],
  mode: DetectionMode,
): Promise<Opening> {
  const options: SharpOptions = {
    limitInputPixels: MAX_PIXELS,
    failOn: 'error',
    sequentialRead: true,
    pages: 1,
  }
  const header = await sharp(bytes, options).metadata()
  // In a process of others any reader of libvips may answer; only the one that the bytes are for is believed.
  if (header.format !== (format === 'avif' ? 'heif' : format))
    return refuse('damaged', `it begins as ${format.toUpperCase()}, and is read as ${String(header.format)}`)
  const { width, height } = header
  const streams =
    (format === 'jpeg' || format === 'png' || format === 'tiff') && !(header.isProgressive ?? false)
  const refused = checkSize(width, height, !streams)
  if (refused !== undefined) return refused
  const orientation = header.orientation ?? 1
  const turned = orientation >= 5
  const upright = turned ? { width: height, height: width } : { width, height }
  const side = WORKING_SIDE_PX[mode]
  const decoder = sharp(bytes, options).timeout({ seconds: MAX_DECODE_SECONDS }).autoOrient()
  if (Math.max(width, height) > side * KEEP_FACTOR)
    decoder.resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
  const raster = await toRaster(decoder)
  const facts = { format, exifOrientation: orientation, frames: header.pages ?? 1 }
  return openRaster(raster, upright, facts, async (box) => {
    const region = { left: box.x, top: box.y, width: box.width, height: box.height }
    return toRaster(
      sharp(bytes, options).timeout({ seconds: MAX_DECODE_SECONDS }).autoOrient().extract(region),
    )
  })
}

async function toRaster(decoder: Sharp): Promise<Raster> {
  const { data, info } = await decoder
    .flatten({ background: BACKGROUND })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  if (channels === 3) return { data, width, height }
  // Grey stays one channel where the file has no colour profile.
  const rgb = new Uint8Array(width * height * 3)
  for (let pixel = 0, to = 0; pixel < width * height; pixel++) {
    const grey = data[pixel * channels]
    rgb[to++] = grey
    rgb[to++] = grey
    rgb[to++] = grey
  }
  return { data: rgb, width, height }
}

async function openHeic(bytes: Uint8Array, mode: DetectionMode): Promise<Opening> {
  const decoding = await decodeHeic(bytes)
  if (decoding.outcome === 'refused') return refuse(decoding.reason, decoding.detail)
  const { raster: whole, frames } = decoding
  const refused = checkSize(whole.width, whole.height, true)
  if (refused !== undefined) return refused
  const rawOptions = { raw: { width: whole.width, height: whole.height, channels: 3 as const } }
  const side = WORKING_SIDE_PX[mode]
  const shrink = Math.max(whole.width, whole.height) > side * KEEP_FACTOR
  const working = shrink
    ? await toRaster(sharp(whole.data, rawOptions).resize({ width: side, height: side, fit: 'inside' }))
    : whole
  const facts = { format: 'heic' as const, exifOrientation: 1, frames }
  return openRaster(working, whole, facts, async (box) => {
    const region = { left: box.x, top: box.y, width: box.width, height: box.height }
    return toRaster(sharp(whole.data, rawOptions).extract(region))
  })
}

function openRaster(
  raster: Raster,
  upright: { width: number; height: number },
  facts: Pick<PhotoFacts, 'format' | 'exifOrientation' | 'frames'>,
  cutWhole: (box: Box) => Promise<Raster>,
): Opening {
  const photo: OpenPhoto = {
    facts: {
      ...facts,
      widthPx: upright.width,
      heightPx: upright.height,
      perceptualHash: perceptualHash(raster),
    },
    working: raster,
    scale: upright.width / raster.width,
    cut: async (box) => {
      const x = Math.min(upright.width - 1, Math.max(0, Math.floor(box.x)))
      const y = Math.min(upright.height - 1, Math.max(0, Math.floor(box.y)))
      const right = Math.min(upright.width, Math.max(x + 1, Math.ceil(box.x + box.width)))
      const bottom = Math.min(upright.height, Math.max(y + 1, Math.ceil(box.y + box.height)))
      return { raster: await cutWhole({ x, y, width: right - x, height: bottom - y }), x, y }
    },
  }
  return { outcome: 'open', photo }
}
