import { jpegFrame } from './jpeg-frame.ts'
import { TIFF_TAG, tiffDirectories, tiffNumber, type TiffDirectory } from './tiff-directories.ts'

/** Files of a camera's sensor, by the ending that cameras give them; `raw` for makers without a name here. */
export const CAMERA_RAWS = [
  'dng',
  'cr2',
  'cr3',
  'crw',
  'nef',
  'arw',
  'orf',
  'rw2',
  'raf',
  'pef',
  'srw',
  'mrw',
  'x3f',
  'raw',
] as const
export type CameraRaw = (typeof CAMERA_RAWS)[number]

/** A camera raw's picture as the camera itself developed it. */
export interface RawPreview {
  jpeg: Uint8Array
  /** EXIF orientation, 1 to 8, that the raw says for it; a preview may have one of its own. */
  orientation: number
}

/** A smaller preview is a thumbnail: the faces of a group are lost in it, and nobody would know. */
export const MIN_PREVIEW_SIDE_PX = 640

const COLOUR_FILTER_ARRAY = 32_803
const LINEAR_RAW = 34_892
const REDUCED = 1
/** Beginnings of JPEGs that are looked at; a raw holds a handful, and its tiles. */
const MAX_JPEGS = 2000
const MAKERS: readonly (readonly [RegExp, CameraRaw])[] = [
  [/^nikon/i, 'nef'],
  [/^sony/i, 'arw'],
  [/^(pentax|ricoh)/i, 'pef'],
  [/^samsung/i, 'srw'],
  [/^olympus|^om /i, 'orf'],
  [/^panasonic|^leica/i, 'rw2'],
]

/** Which camera raw a TIFF file is; undefined for a picture that is meant to be read as TIFF. */
export function rawOfTiff(directories: readonly TiffDirectory[]): CameraRaw | undefined {
  const [first] = directories
  if (first === undefined) return undefined
  if (first.tags.has(TIFF_TAG.dngVersion)) return 'dng'
  const isRaw = directories.some((directory) => {
    const photometric = tiffNumber(directory, TIFF_TAG.photometric)
    return photometric === COLOUR_FILTER_ARRAY || photometric === LINEAR_RAW
  })
  if (!isRaw) return undefined
  const make = first.tags.get(TIFF_TAG.make)?.text ?? ''
  return MAKERS.find(([pattern]) => pattern.test(make))?.[1] ?? 'raw'
}

/** Whether a directory is a reduced copy of another picture of the file (TIFF 6.0, NewSubfileType). */
export function isReduced(directory: TiffDirectory): boolean {
  return ((tiffNumber(directory, TIFF_TAG.newSubfileType) ?? 0) & REDUCED) !== 0
}

/**
 * The largest preview in a camera raw: every maker keeps a developed JPEG in the file, each in a place of its own, so all
 * JPEGs in it are looked at, but for the tiles of the sensor's own picture. Undefined when there is none of
 * {@link MIN_PREVIEW_SIDE_PX}.
 */
export function rawPreview(bytes: Uint8Array): RawPreview | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const directories = tiffDirectories(bytes)
  const tiles = new Set(directories.flatMap(({ tags }) => tags.get(TIFF_TAG.tileOffsets)?.values ?? []))
  let best: { at: number; pixels: number } | undefined
  let seen = 0
  for (
    let at = file.indexOf(JPEG_START);
    at >= 0 && seen < MAX_JPEGS;
    at = file.indexOf(JPEG_START, at + 3)
  ) {
    seen += 1
    if (tiles.has(at)) continue
    const frame = jpegFrame(bytes, at)
    if (frame === undefined || frame.kind > 2 || frame.precision !== 8 || frame.components !== 3) continue
    if (Math.max(frame.width, frame.height) < MIN_PREVIEW_SIDE_PX) continue
    const pixels = frame.width * frame.height
    if (pixels > (best?.pixels ?? 0)) best = { at, pixels }
  }
  if (best === undefined) return undefined
  return { jpeg: bytes.subarray(best.at), orientation: orientationOf(file, directories) }
}

const JPEG_START = Buffer.from([0xff, 0xd8, 0xff])
/** Canon's CR3 keeps the directory with the orientation in a box of this name (ISO base media, box `CMT1`). */
const CANON_DIRECTORY = Buffer.from('CMT1', 'latin1')

function orientationOf(file: Buffer, directories: readonly TiffDirectory[]): number {
  const canon = directories.length === 0 ? file.indexOf(CANON_DIRECTORY) : -1
  const [first] = canon < 0 ? directories : tiffDirectories(file.subarray(canon + CANON_DIRECTORY.length))
  const value = first === undefined ? undefined : tiffNumber(first, TIFF_TAG.orientation)
  return value !== undefined && value >= 1 && value <= 8 ? value : 1
}
