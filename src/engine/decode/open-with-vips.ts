import sharp, { type Sharp, type SharpOptions } from 'sharp'
import { isOwnProcess } from '../own-process.ts'
import type { Raster } from '../raster-types.ts'
import type { DetectionMode, PhotoFacts, PhotoRemark } from '../types.ts'
import { MAX_DECODE_SECONDS, MAX_PIXELS, MIN_SIDE_PX, WORKING_SIDE_PX } from './limits.ts'
import { openRaster } from './open-raster.ts'
import { partThatIsThere } from './part-that-is-there.ts'
import { checkSize, refuse, refuseDecode, type Opening, type Refusal } from './opening.ts'

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
export const BACKGROUND = { r: 127, g: 127, b: 127 }
/** A picture up to this many times the working side is kept as it is: resampling it would cost more than it saves. */
export const KEEP_FACTOR = 1.25

/** What is read of a file, and what is known of it beforehand. */
export interface VipsPicture {
  bytes: Uint8Array
  /** What libvips reads it as. */
  format: 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif'
  /** What the file is, where that is something else: a camera raw, whose preview is read. */
  fileFormat?: PhotoFacts['format']
  /** Of several pages, which; and which picture below it. */
  page?: number
  subifd?: number
  /** For a picture that has none of its own, 1 to 8. */
  orientation?: number
  /** Pictures in the file, where the decoder does not say or counts others too. */
  frames?: number | undefined
  remarks?: readonly PhotoRemark[]
}

/**
 * Decodes with libvips: header -> size limits -> decode upright, sRGB, 8 bit. A file whose end is missing gives the part
 * that is there, with a remark; one of which nothing can be used is refused.
 */
export async function openWithVips(picture: VipsPicture, mode: DetectionMode): Promise<Opening> {
  try {
    return await open(picture, mode, 'error')
  } catch (error) {
    const refusal = refuseDecode(error)
    if (refusal.reason !== 'damaged') return refusal
    return (await openPart(picture, mode).catch(() => undefined)) ?? refusal
  }
}

/** @returns undefined when nothing of it can be used */
async function openPart(picture: VipsPicture, mode: DetectionMode): Promise<Opening | undefined> {
  const part = partThatIsThere(picture.bytes, picture.format)
  if (part === undefined) return undefined
  const remarks = [{ kind: 'cut_short' as const }, ...(picture.remarks ?? [])]
  const opening = await open({ ...picture, bytes: part, remarks }, mode, 'none')
  if (opening.outcome === 'open' && !hasPicture(opening.photo.working)) return undefined
  return opening
}

async function open(
  picture: VipsPicture,
  mode: DetectionMode,
  failOn: 'error' | 'none',
): Promise<Opening | Refusal> {
  const { bytes, format } = picture
  const options: SharpOptions = {
    limitInputPixels: MAX_PIXELS,
    failOn,
    sequentialRead: true,
    page: picture.page ?? 0,
    pages: 1,
    ...(picture.subifd === undefined ? {} : { tiff: { subifd: picture.subifd } }),
  }
  const header = await sharp(bytes, options).metadata()
  // In a process of others any reader of libvips may answer; only the one that the bytes are for is believed.
  if (header.format !== (format === 'avif' ? 'heif' : format))
    return refuse('damaged', `it begins as ${format.toUpperCase()}, and is read as ${header.format}`)
  // Of several pictures in an AVIF file, the one that the file names as its own. Its size may be another.
  if (picture.page === undefined && (header.pagePrimary ?? 0) > 0)
    return open({ ...picture, page: header.pagePrimary! }, mode, failOn)
  const { width, height } = header
  const streams =
    (format === 'jpeg' || format === 'png' || format === 'tiff') && !(header.isProgressive ?? false)
  const refused = checkSize(width, height, !streams)
  if (refused !== undefined) return refused
  const own = header.orientation ?? 1
  const orientation = own === 1 ? (picture.orientation ?? 1) : own
  const turned = orientation >= 5
  const upright = turned ? { width: height, height: width } : { width, height }
  const side = WORKING_SIDE_PX[mode]
  const decoder = (): Sharp => {
    const image = sharp(bytes, options).timeout({ seconds: MAX_DECODE_SECONDS })
    return own === orientation ? image.autoOrient() : turn(image, orientation)
  }
  const working = decoder()
  if (Math.max(width, height) > side * KEEP_FACTOR)
    working.resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
  const raster = await toRaster(working)
  const frames = picture.frames ?? header.pages ?? 1
  const facts = {
    format: picture.fileFormat ?? format,
    exifOrientation: orientation,
    frames,
    remarks: remarksOf(picture, frames),
  }
  return openRaster(raster, upright, facts, async ({ x: left, y: top, width, height }) =>
    toRaster(decoder().extract({ left, top, width, height })),
  )
}

function remarksOf({ remarks = [] }: VipsPicture, frames: number): PhotoRemark[] {
  return frames > 1 ? [...remarks, { kind: 'more_pictures', count: frames - 1 }] : [...remarks]
}

/** Quarter turns and mirrors of EXIF orientation (Exif 2.32, 4.6.4 A, tag 274), for a picture that does not say its own. */
function turn(image: Sharp, orientation: number): Sharp {
  const degrees = [0, 0, 0, 180, 180, 90, 90, 270, 270][orientation]
  const isMirrored = [2, 4, 5, 7].includes(orientation)
  const turned = image.rotate(degrees)
  return isMirrored ? turned.flop() : turned
}

export async function toRaster(decoder: Sharp): Promise<Raster> {
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

/** The missing part is filled with one colour. Levels by which a filled line may vary, where a decoder smooths. */
const FILL_VARIATION = 6

/** Whether enough lines of a picture, either way, show something. */
function hasPicture({ data, width, height }: Raster): boolean {
  const varies = (start: number, step: number, count: number): boolean => {
    for (let at = start, index = 0; index < count; index++, at += step)
      for (let channel = 0; channel < 3; channel++)
        if (Math.abs(data[at + channel] - data[start + channel]) > FILL_VARIATION) return true
    return false
  }
  let [rows, columns] = [0, 0]
  for (let y = 0; y < height && rows < MIN_SIDE_PX; y++) if (varies(y * width * 3, 3, width)) rows += 1
  for (let x = 0; x < width && columns < MIN_SIDE_PX; x++) if (varies(x * 3, width * 3, height)) columns += 1
  return rows >= MIN_SIDE_PX && columns >= MIN_SIDE_PX
}
