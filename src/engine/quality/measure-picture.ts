import { LUMA } from '../decode/perceptual-hash.ts'
import type { Patch } from '../raster.ts'

/** What the pixels of an aligned face say. Each score is 0 (bad) to 1 (good). */
export interface PictureQuality {
  sharpnessScore: number
  underExposureScore: number
  overExposureScore: number
  occlusionScore: number
}

/** OFIQ counts luminances 0..25 as under- and 247..255 as over-exposed (ISO/IEC 29794-5:2025, 7.3.4 and 7.3.5). */
const DARK_BELOW = 26
const BRIGHT_ABOVE = 246

/** The face's oval in the 112 x 112 ArcFace picture: brows to chin, inside the hair. */
const OVAL = { x: 56, y: 66, radiusX: 34, radiusY: 44 }

/** Measures an aligned face of 112 x 112 RGB. */
export function measurePicture(face: Patch): PictureQuality {
  const grey = toGrey(face)
  let inside = 0
  let dark = 0
  let bright = 0
  forOval(face, (pixel) => {
    inside++
    if (grey[pixel] < DARK_BELOW) dark++
    if (grey[pixel] > BRIGHT_ABOVE) bright++
  })
  return {
    sharpnessScore: measureSharpness(grey, face),
    underExposureScore: 1 - dark / inside,
    overExposureScore: 1 - bright / inside,
    occlusionScore: measureOcclusion(face, grey),
  }
}

function toGrey({ data }: Patch): Float32Array {
  const size = data.length / 3
  const grey = new Float32Array(size)
  for (let pixel = 0; pixel < size; pixel++) {
    grey[pixel] = LUMA[0] * data[pixel] + LUMA[1] * data[pixel + size] + LUMA[2] * data[pixel + 2 * size]
  }
  return grey
}

function forOval({ width, height }: Patch, visit: (pixel: number, x: number, y: number) => void): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dx = (x + 0.5 - OVAL.x) / OVAL.radiusX
      const dy = (y + 0.5 - OVAL.y) / OVAL.radiusY
      if (dx * dx + dy * dy <= 1) visit(y * width + x, x, y)
    }
  }
}

/** Share of fine detail (Laplacian energy over variance) of a blurred and of a sharp face, on a logarithmic scale. */
const DETAIL_BLURRED = 0.004
const DETAIL_SHARP = 0.08

/**
 * Energy of the Laplacian relative to the grey values' variance, so that contrast and light cancel; scaled
 * logarithmically between what blurred and sharp faces of the sample photos show.
 */
function measureSharpness(grey: Float32Array, face: Patch): number {
  const { width } = face
  let count = 0
  let laplacianSquares = 0
  let sum = 0
  let squares = 0
  forOval(face, (pixel) => {
    const laplacian =
      grey[pixel - 1] + grey[pixel + 1] + grey[pixel - width] + grey[pixel + width] - 4 * grey[pixel]
    laplacianSquares += laplacian * laplacian
    sum += grey[pixel]
    squares += grey[pixel] * grey[pixel]
    count++
  })
  const variance = Math.max(1, squares / count - (sum / count) ** 2)
  const detail = Math.max(1e-6, laplacianSquares / count / variance)
  return clamp01(Math.log(detail / DETAIL_BLURRED) / Math.log(DETAIL_SHARP / DETAIL_BLURRED))
}

const CELL_PX = 8
/** Chroma (Cb, Cr) further than this from the face's median is not its skin. */
const FOREIGN_CHROMA = 18
/** A cell whose grey values deviate less than this is paint or cloth: skin has texture, even when blurred. */
const FLAT_DEVIATION = 0.8

/**
 * Share of the face's cells that look like its skin: chroma near the face's median, and not perfectly flat.
 * An estimate from pixels alone; dark make-up, beards and coloured light lower it, cloth of the skin's colour escapes it.
 */
function measureOcclusion(face: Patch, grey: Float32Array): number {
  const cells = new Map<number, { cb: number; cr: number; sum: number; squares: number; count: number }>()
  forOval(face, (pixel, x, y) => {
    const key = Math.floor(y / CELL_PX) * face.width + Math.floor(x / CELL_PX)
    const cell = cells.get(key) ?? { cb: 0, cr: 0, sum: 0, squares: 0, count: 0 }
    const luma = grey[pixel]
    cell.cb += 0.564 * (face.data[pixel + 2 * grey.length] - luma)
    cell.cr += 0.713 * (face.data[pixel] - luma)
    cell.sum += luma
    cell.squares += luma * luma
    cell.count++
    cells.set(key, cell)
  })
  const whole = [...cells.values()].filter(({ count }) => count === CELL_PX * CELL_PX)
  const medianCb = median(whole.map(({ cb, count }) => cb / count))
  const medianCr = median(whole.map(({ cr, count }) => cr / count))
  const foreign = whole.filter(({ cb, cr, sum, squares, count }) => {
    const chroma = Math.hypot(cb / count - medianCb, cr / count - medianCr)
    const deviation = Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2))
    return chroma > FOREIGN_CHROMA || deviation < FLAT_DEVIATION
  })
  return 1 - foreign.length / Math.max(1, whole.length)
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

export function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value))
}
