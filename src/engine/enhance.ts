import { LUMA } from './decode/perceptual-hash.ts'
import type { Raster } from './raster-types.ts'

/**
 * [Note: Dark pictures] The detector sees nothing and the embedder little in a picture lit at a tenth. A plain gain
 * brings faces back, and noise with them; so the brightest share of a dark picture is brought to full scale and the
 * noise that the gain multiplies is smoothed. The steps are recorded with the photo, the original is untouched.
 */
export interface Lightening {
  /** What every value was multiplied by, > 1. */
  gain: number
}

/** A picture whose 99.5th luminance percentile lies below this is dark. */
const DARK_PERCENTILE_BELOW = 110
const BRIGHT_SHARE = 0.995
/** One pixel in so many is enough for a percentile; a prime, so that no column of the picture is preferred. */
const EVERY_PIXEL = 5
/** Where the percentile is brought to. */
const TARGET = 235
const MAX_GAIN = 30
/** From this gain on sensor noise and quantisation show and are smoothed. */
const SMOOTH_FROM_GAIN = 3

/** The lightening that a picture needs, or undefined when it is light enough. */
export function chooseLightening(picture: Raster): Lightening | undefined {
  const histogram = new Uint32Array(256)
  const { data } = picture
  let counted = 0
  for (let at = 0; at < data.length; at += 3 * EVERY_PIXEL, counted++) {
    histogram[(LUMA[0] * data[at] + LUMA[1] * data[at + 1] + LUMA[2] * data[at + 2]) | 0]++
  }
  const wanted = counted * BRIGHT_SHARE
  let level = 0
  for (let seen = histogram[0]; seen < wanted && level < 255;) seen += histogram[++level]
  if (level >= DARK_PERCENTILE_BELOW || level === 0) return undefined
  return { gain: Math.min(MAX_GAIN, TARGET / level) }
}

/** Applies a lightening; the given picture is not changed. */
export function lighten(picture: Raster, { gain }: Lightening): Raster {
  const source = gain >= SMOOTH_FROM_GAIN ? smooth(picture, gain) : picture.data
  const data = new Uint8Array(source.length)
  for (let at = 0; at < data.length; at++) data[at] = Math.min(255, source[at] * gain + 0.5)
  return { ...picture, data }
}

const RADIUS = 2
const SPACE_SIGMA_PX = 1.2
/** Grey levels of the dark picture that count as noise: photon and read-out noise of about two levels, doubled. */
const NOISE_SIGMA = 4

/** Bilateral filter (Tomasi and Manduchi 1998) with weights from luminance; edges stronger than the noise stay. */
function smooth({ data, width, height }: Raster, gain: number): Float32Array {
  const range = Math.max(1, Math.min(NOISE_SIGMA, 255 / gain / 6))
  const smoothed = new Float32Array(data.length)
  const luma = new Float32Array(width * height)
  for (let pixel = 0, at = 0; pixel < luma.length; pixel++, at += 3)
    luma[pixel] = LUMA[0] * data[at] + LUMA[1] * data[at + 1] + LUMA[2] * data[at + 2]
  const side = 2 * RADIUS + 1
  const space = Float32Array.from({ length: side * side }, (_, i) => {
    const dx = (i % side) - RADIUS
    const dy = Math.floor(i / side) - RADIUS
    return Math.exp(-(dx * dx + dy * dy) / (2 * SPACE_SIGMA_PX ** 2))
  })
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let red = 0
      let green = 0
      let blue = 0
      let weights = 0
      const own = luma[y * width + x]
      for (let dy = -RADIUS; dy <= RADIUS; dy++) {
        const row = Math.min(height - 1, Math.max(0, y + dy)) * width
        for (let dx = -RADIUS; dx <= RADIUS; dx++) {
          const pixel = row + Math.min(width - 1, Math.max(0, x + dx))
          const difference = (luma[pixel] - own) / range
          const weight = space[(dy + RADIUS) * side + dx + RADIUS] * Math.exp(-0.5 * difference * difference)
          red += weight * data[pixel * 3]
          green += weight * data[pixel * 3 + 1]
          blue += weight * data[pixel * 3 + 2]
          weights += weight
        }
      }
      const at = (y * width + x) * 3
      smoothed[at] = red / weights
      smoothed[at + 1] = green / weights
      smoothed[at + 2] = blue / weights
    }
  }
  return smoothed
}
