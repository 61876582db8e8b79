import type { DetectionMode, PhotoFacts, PhotoRemark } from '../types.ts'
import { behindPicture } from './behind-picture.ts'
import { CAMERA_RAWS, type CameraRaw } from './camera-raw.ts'
import { frameCount } from './frame-count.ts'
import { jpegFrame, unreadJpegKind } from './jpeg-frame.ts'
import { openHeic } from './open-heic.ts'
import { openRaw } from './open-raw.ts'
import { openTiff } from './open-tiff.ts'
import { openWithVips } from './open-with-vips.ts'
import { refuse, refuseDecode, type Opening, type Refusal } from './opening.ts'
import { pngOrientation } from './png-exif.ts'
import { isOnlySequence, withStillBrand } from './picture-sequence.ts'
import { sniffFormat, type SniffedFormat } from './sniff.ts'

/**
 * Reads a photo's bytes with every limit applied: sniff -> header -> size limits -> decode upright, sRGB, 8 bit.
 * Animated files and documents give their first picture, AVIF and HEIF their own; what of a file was not read stands in its remarks.
 * Unreadable files are values, not errors.
 */
export async function openPhoto(bytes: Uint8Array, mode: DetectionMode): Promise<Opening> {
  if (bytes.byteLength === 0) return refuse('empty_file', 'the file is empty')
  const format = sniffFormat(bytes)
  const unsupported = refuseFormat(format)
  if (unsupported !== undefined) return unsupported
  try {
    return withBehind(bytes, await openFormat(bytes, format as PhotoFacts['format'], mode))
  } catch (error) {
    return refuseDecode(error)
  }
}

async function openFormat(
  bytes: Uint8Array,
  format: PhotoFacts['format'],
  mode: DetectionMode,
): Promise<Opening> {
  if (isRaw(format)) return openRaw(bytes, format, mode)
  if (format === 'tiff') return openTiff(bytes, mode)
  const frames = frameCount(bytes, format)
  if ((format === 'avif' || format === 'heic') && isOnlySequence(bytes)) return refuseSequence(format)
  if (format === 'heic') return openHeic(bytes, frames, mode)
  if (format === 'jpeg') {
    const frame = jpegFrame(bytes)
    const kind = frame === undefined ? undefined : unreadJpegKind(frame)
    if (kind !== undefined) return refuse('unsupported_format', `${kind} is not read; save it as JPEG or PNG`)
  }
  const orientation = format === 'png' ? pngOrientation(bytes) : undefined
  const readable = format === 'avif' ? withStillBrand(bytes) : bytes
  return openWithVips(
    { bytes: readable, format, frames, ...(orientation === undefined ? {} : { orientation }) },
    mode,
  )
}

/** Says what stands in the file behind the picture. */
function withBehind(bytes: Uint8Array, opening: Opening): Opening {
  if (opening.outcome !== 'open') return opening
  const { photo } = opening
  if (photo.facts.format !== 'jpeg' && photo.facts.format !== 'heic') return opening
  const { hasVideo, pictures } = behindPicture(bytes)
  const remarks: PhotoRemark[] = [...photo.facts.remarks]
  if (pictures > 0) remarks.push({ kind: 'more_pictures', count: pictures })
  if (hasVideo) remarks.push({ kind: 'video_inside' })
  return { ...opening, photo: { ...photo, facts: { ...photo.facts, remarks } } }
}

function refuseSequence(format: 'avif' | 'heic'): Refusal {
  const name = format.toUpperCase()
  return refuse(
    'unsupported_format',
    `an ${name} sequence without a picture of its own is not read; save it as a video`,
  )
}

function isRaw(format: PhotoFacts['format']): format is CameraRaw {
  return (CAMERA_RAWS as readonly string[]).includes(format)
}

function refuseFormat(format: SniffedFormat): Refusal | undefined {
  if (format === 'unknown') return refuse('not_an_image', 'this is not a picture')
  if (format === 'text') return refuse('not_an_image', 'this is text, not a picture')
  if (format === 'video') return refuse('unsupported_format', 'this is a video; only pictures are read here')
  if (!UNREAD.has(format)) return undefined
  return refuse('unsupported_format', `${format.toUpperCase()} files are not read; save it as JPEG or PNG`)
}

const UNREAD: ReadonlySet<SniffedFormat> = new Set(['svg', 'pdf', 'bmp', 'jxl', 'jp2'])
