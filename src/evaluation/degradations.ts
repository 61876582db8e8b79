import sharp, { type Sharp } from 'sharp'
import { ARCFACE_POINTS, fitSimilarity } from '../engine/align/align-face.ts'
import { apply } from '../engine/raster.ts'
import type { Face } from '../engine/types.ts'

/**
 * What war does to photos, made on purpose: each degradation takes a clean photo and the face found in it and
 * returns the bytes of a worse one. All are fixed: the same photo gives the same bytes.
 */
export interface Degradation {
  name: string
  /** What it does, for the report. */
  title: string
  degrade(photo: Uint8Array, face: Face): Promise<Buffer>
}

/** Eye distance to which a photo is brought before it is blurred, so that a sigma means the same for all. */
const BLUR_EYE_DISTANCE_PX = 60
/** Cloth-like dark blue-grey, far from skin, from the detector's grey and from black. */
const COVER_COLOUR = [52, 60, 84] as const
/** Sensor noise in grey levels, added after the light is taken away and before rounding. */
const DARK_NOISE_SIGMA = 2

export const DEGRADATIONS: readonly Degradation[] = [
  ...[24, 12, 8].map((px) => ({
    name: `eyes-${px}px`,
    title: `eye distance ${px} px`,
    degrade: async (photo: Uint8Array, face: Face) => png(await scaleToEyes(photo, face, px)),
  })),
  ...[4.8, 7.2].map((sigma) => ({
    name: `blur-${sigma}`,
    title: `Gaussian blur, sigma ${sigma} px at eye distance ${BLUR_EYE_DISTANCE_PX} px`,
    degrade: async (photo: Uint8Array, face: Face) =>
      png((await scaleToEyes(photo, face, BLUR_EYE_DISTANCE_PX)).blur(sigma)),
  })),
  {
    name: 'lower-half-covered',
    title: 'lower half of the face covered',
    degrade: async (photo, face) => cover(photo, face, { left: 8, top: 68, right: 104, bottom: 122 }),
  },
  {
    name: 'one-side-covered',
    title: 'one side of the face covered',
    degrade: async (photo, face) => cover(photo, face, { left: 56, top: 8, right: 106, bottom: 122 }),
  },
  {
    name: 'eyes-covered',
    title: 'bar over the eyes',
    degrade: async (photo, face) => cover(photo, face, { left: 8, top: 38, right: 104, bottom: 64 }),
  },
  {
    name: 'jpeg-10',
    title: 'JPEG quality 10',
    degrade: async (photo) => sharp(photo).autoOrient().jpeg({ quality: 10 }).toBuffer(),
  },
  {
    name: 'jpeg-10-eyes-24px',
    title: 'eye distance 24 px, then JPEG quality 10',
    degrade: async (photo, face) => (await scaleToEyes(photo, face, 24)).jpeg({ quality: 10 }).toBuffer(),
  },
  ...[90, 180, 30].map((degrees) => ({
    name: `rotated-${degrees}`,
    title: `rotated by ${degrees} degrees`,
    degrade: async (photo: Uint8Array) =>
      png(sharp(await png(sharp(photo).autoOrient())).rotate(degrees, { background: 'rgb(127,127,127)' })),
  })),
  ...[20, 10].map((percent) => ({
    name: `light-${percent}`,
    title: `light at ${percent} %, with noise of ${DARK_NOISE_SIGMA} grey levels`,
    degrade: async (photo: Uint8Array) => darken(photo, percent / 100),
  })),
]

async function png(picture: Sharp): Promise<Buffer> {
  return picture.png({ compressionLevel: 1 }).toBuffer()
}

function eyeDistancePx({ fivePointsPx: [right, left] }: Face): number {
  return Math.hypot(left.x - right.x, left.y - right.y)
}

async function scaleToEyes(photo: Uint8Array, face: Face, eyesPx: number): Promise<Sharp> {
  const upright = await sharp(photo)
    .autoOrient()
    .png({ compressionLevel: 1 })
    .toBuffer({ resolveWithObject: true })
  const factor = eyesPx / eyeDistancePx(face)
  const width = Math.max(1, Math.round(upright.info.width * factor))
  const height = Math.max(1, Math.round(upright.info.height * factor))
  return sharp(upright.data).resize(width, height, { fit: 'fill' })
}

/** Lays a rectangle over the face, in pixels of its 112 x 112 ArcFace picture, turned and scaled with the face. */
async function cover(
  photo: Uint8Array,
  { fivePointsPx }: Face,
  part: { left: number; top: number; right: number; bottom: number },
): Promise<Buffer> {
  const { data, info } = await rawPixels(photo)
  const toFace = fitSimilarity(fivePointsPx, ARCFACE_POINTS)
  for (let y = 0; y < info.height; y++) {
    for (let x = 0; x < info.width; x++) {
      const point = apply(toFace, x + 0.5, y + 0.5)
      if (point.x < part.left || point.x > part.right || point.y < part.top || point.y > part.bottom) continue
      for (let c = 0; c < 3; c++) data[(y * info.width + x) * 3 + c] = COVER_COLOUR[c]
    }
  }
  return png(sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } }))
}

async function rawPixels(
  photo: Uint8Array,
): Promise<{ data: Buffer; info: { width: number; height: number } }> {
  return sharp(photo)
    .autoOrient()
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
}

async function darken(photo: Uint8Array, light: number): Promise<Buffer> {
  const { data, info } = await rawPixels(photo)
  const noise = gaussianNoise(data.length)
  for (let i = 0; i < data.length; i++) {
    data[i] = Math.min(255, Math.max(0, Math.round(data[i] * light + noise() * DARK_NOISE_SIGMA)))
  }
  return png(sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } }))
}

/** Normal deviates (Box and Muller 1958) from a fixed xorshift32 (Marsaglia 2003) seed. */
function gaussianNoise(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1
  const uniform = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return ((state >>> 0) + 0.5) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
}
