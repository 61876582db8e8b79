import { createRequire } from 'node:module'
import type { Raster } from '../raster-types.ts'
import { MAX_WHOLE_PIXELS } from './limits.ts'
import { BACKGROUND } from './open-with-vips.ts'

const OPAQUE = 255

/** The part of libheif's JavaScript interface that is used here. */
interface HeifImage {
  is_primary(): boolean | number
  get_width(): number
  get_height(): number
  display(
    target: { data: Uint8ClampedArray; width: number; height: number },
    done: (result: { data: Uint8ClampedArray } | null) => void,
  ): void
  free(): void
}
interface Libheif {
  HeifDecoder: new () => { decode(bytes: Uint8Array): HeifImage[]; decoder?: unknown }
}

const require = createRequire(import.meta.url)

export type HeicDecoding =
  | { outcome: 'decoded'; raster: Raster; frames: number }
  | { outcome: 'refused'; reason: 'damaged' | 'too_many_pixels'; detail: string }

/**
 * Decodes a HEIC photo's primary image, upright: libheif applies the file's own rotation and mirroring, so the
 * EXIF orientation that phones repeat must not be applied again (ISO/IEC 23008-12, 6.5.10).
 *
 * Each call makes its own WebAssembly instance and drops it afterwards: its memory can grow but never shrink, and
 * a photo that broke the decoder cannot harm the next one.
 */
export async function decodeHeic(bytes: Uint8Array): Promise<HeicDecoding> {
  const createLibheif = require('libheif-js/libheif-wasm/libheif-bundle.js') as () => Libheif
  const libheif = createLibheif()
  return quietly(async () => decodePrimary(libheif, bytes))
}

/** libheif's script reports damage to the console, where a command's result belongs; the reason is returned instead. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  // oxlint-disable no-console -- nothing is printed here; what libheif prints is kept away
  const { log } = console
  console.log = () => {}
  try {
    return await work()
  } finally {
    console.log = log
    // oxlint-enable no-console
  }
}

async function decodePrimary(libheif: Libheif, bytes: Uint8Array): Promise<HeicDecoding> {
  let images: HeifImage[]
  try {
    images = new libheif.HeifDecoder().decode(bytes)
  } catch {
    images = []
  }
  const image = images.find((candidate) => candidate.is_primary()) ?? images[0]
  if (image === undefined)
    return { outcome: 'refused', reason: 'damaged', detail: 'the HEIC file holds no readable picture' }
  const width = image.get_width()
  const height = image.get_height()
  if (width * height > MAX_WHOLE_PIXELS) {
    const detail = `${width} x ${height} pixels; a HEIC file may have ${MAX_WHOLE_PIXELS}`
    return { outcome: 'refused', reason: 'too_many_pixels', detail }
  }
  const rgba = await displayPixels(image, width, height)
  if (rgba === undefined)
    return { outcome: 'refused', reason: 'damaged', detail: 'the HEIC picture cannot be decoded' }
  return { outcome: 'decoded', raster: { data: overGrey(rgba), width, height }, frames: images.length }
}

async function displayPixels(
  image: HeifImage,
  width: number,
  height: number,
): Promise<Uint8ClampedArray | undefined> {
  return new Promise((resolve) => {
    const target = { data: new Uint8ClampedArray(width * height * 4), width, height }
    try {
      image.display(target, (result) => resolve(result?.data))
    } catch {
      resolve(undefined)
    }
  })
}

/** Alpha is laid over the same grey as that of other formats. */
function overGrey(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3)
  const grey = [BACKGROUND.r, BACKGROUND.g, BACKGROUND.b]
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const alpha = rgba[from + 3]
    for (let channel = 0; channel < 3; channel++)
      rgb[to + channel] =
        alpha === OPAQUE
          ? rgba[from + channel]
          : Math.round((rgba[from + channel] * alpha + grey[channel] * (OPAQUE - alpha)) / OPAQUE)
  }
  return rgb
}
