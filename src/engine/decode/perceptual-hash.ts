import { rectangleView, sample } from '../raster.ts'
import { type Raster } from '../raster-types.ts'

const SIDE = 32
const FREQUENCIES = 8
/** Only the middle of a picture more than eight times as tall as wide is hashed. */
const MAX_ROWS = 16 * SIDE

/** cosines[k * SIDE + n] = cos(pi (2n + 1) k / (2 SIDE)): the DCT-II basis, first {@link FREQUENCIES} rows. */
const COSINES = Float64Array.from({ length: FREQUENCIES * SIDE }, (_, index) => {
  const k = Math.floor(index / SIDE)
  const n = index % SIDE
  return Math.cos((Math.PI * (2 * n + 1) * k) / (2 * SIDE))
})

/**
 * 64-bit perceptual hash: the signs of a 32x32 grey thumbnail's 8x8 lowest DCT-II coefficients against their
 * median (the 'pHash' of Zauner, 'Implementation and Benchmarking of Perceptual Image Hash Functions', 2010, 3.2.1;
 * the constant term is left out of the median). Bit 63 is the constant term, row by row from there.
 * @returns 16 hex digits; copies that were scaled or compressed again differ in about ten bits at most
 */
export function perceptualHash(picture: Raster): string {
  const grey = greyThumbnail(picture)
  const rows = new Float64Array(SIDE * FREQUENCIES)
  for (let y = 0; y < SIDE; y++) {
    for (let k = 0; k < FREQUENCIES; k++) {
      let sum = 0
      for (let n = 0; n < SIDE; n++) sum += grey[y * SIDE + n] * COSINES[k * SIDE + n]
      rows[y * FREQUENCIES + k] = sum
    }
  }
  const coefficients: number[] = []
  for (let k = 0; k < FREQUENCIES; k++) {
    for (let column = 0; column < FREQUENCIES; column++) {
      let sum = 0
      for (let n = 0; n < SIDE; n++) sum += rows[n * FREQUENCIES + column] * COSINES[k * SIDE + n]
      coefficients.push(sum)
    }
  }
  const sorted = coefficients.slice(1).toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)]
  let bits = 0n
  for (const coefficient of coefficients) bits = (bits << 1n) | (coefficient > median ? 1n : 0n)
  return bits.toString(16).padStart(16, '0')
}

/** The whole picture squeezed into a square, whatever its shape; averaging comes from the pyramid. */
function greyThumbnail(picture: Raster): Float64Array {
  const { width, height } = picture
  const shape = {
    width: 2 * SIDE,
    height: Math.min(MAX_ROWS, Math.max(SIDE, Math.round((2 * SIDE * height) / width))),
  }
  const view = rectangleView(
    { x: width / 2, y: height / 2 },
    width / shape.width,
    0,
    shape.width,
    shape.height,
  )
  const { data } = sample(picture, view, shape.width, shape.height, 127)
  const size = shape.width * shape.height
  const sums = new Float64Array(SIDE * SIDE)
  const counts = new Float64Array(SIDE * SIDE)
  for (let y = 0; y < shape.height; y++) {
    const row = Math.floor((y * SIDE) / shape.height) * SIDE
    for (let x = 0; x < shape.width; x++) {
      const cell = row + (x >> 1)
      const at = y * shape.width + x
      sums[cell] += LUMA[0] * data[at] + LUMA[1] * data[at + size] + LUMA[2] * data[at + 2 * size]
      counts[cell]++
    }
  }
  return sums.map((sum, index) => sum / counts[index])
}

/** Luma weights of ITU-R BT.601. */
export const LUMA = [0.299, 0.587, 0.114] as const
