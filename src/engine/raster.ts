/**
 * Pixels in memory and the one way to resample them.
 *
 * [Note: Coordinates] Positions are continuous: pixel (i, j) covers [i, i+1) x [j, j+1), so scaling an image
 * scales its coordinates by the same factor and nothing else. The centre of the first pixel is (0.5, 0.5).
 */

/** 8-bit RGB, interleaved, row by row: `data.length === width * height * 3`. */
export interface Raster {
  data: Uint8Array
  width: number
  height: number
}

/** RGB as floats in 0..255, plane after plane: what models are fed from. `data.length === 3 * width * height`. */
export interface Patch {
  data: Float32Array
  width: number
  height: number
}

/**
 * Similarity transform from an output picture to a source picture:
 * `x' = a x - b y + tx`, `y' = b x + a y + ty`; scale `hypot(a, b)`, rotation `atan2(b, a)`.
 */
export interface Similarity {
  a: number
  b: number
  tx: number
  ty: number
}

/** A raster and its halvings, made when first asked for; level n is 2^n times smaller. */
export class Pyramid {
  readonly levels: Raster[]

  constructor(base: Raster) {
    this.levels = [base]
  }

  get base(): Raster {
    return this.levels[0]
  }

  /** The level whose pixels are at most `scale` base pixels wide, so that bilinear sampling does not alias. */
  level(scale: number): { raster: Raster; factor: number } {
    const wanted = Math.max(0, Math.floor(Math.log2(Math.max(scale, 1)) + LEVEL_BIAS))
    while (this.levels.length <= wanted) {
      const last = this.levels[this.levels.length - 1]
      if (last.width < 2 * MIN_LEVEL_PX || last.height < 2 * MIN_LEVEL_PX) break
      this.levels.push(halve(last))
    }
    const index = Math.min(wanted, this.levels.length - 1)
    return { raster: this.levels[index], factor: 2 ** index }
  }
}

/** Sampling up to sqrt(2) coarser than a level is still clean enough to skip a halving. */
const LEVEL_BIAS = 0.5
const MIN_LEVEL_PX = 8

/** Halves a raster by averaging 2x2 blocks; an odd last row or column is dropped. */
function halve({ data: source, width: sourceWidth, height: sourceHeight }: Raster): Raster {
  const width = sourceWidth >> 1
  const height = sourceHeight >> 1
  const data = new Uint8Array(width * height * 3)
  const stride = sourceWidth * 3
  for (let y = 0, out = 0; y < height; y++) {
    let i = 2 * y * stride
    let j = i + stride
    for (let x = 0; x < width; x++, i += 6, j += 6, out += 3) {
      data[out] = (source[i] + source[i + 3] + source[j] + source[j + 3] + 2) >> 2
      data[out + 1] = (source[i + 1] + source[i + 4] + source[j + 1] + source[j + 4] + 2) >> 2
      data[out + 2] = (source[i + 2] + source[i + 5] + source[j + 2] + source[j + 5] + 2) >> 2
    }
  }
  return { data, width, height }
}

/**
 * Resamples a rotated, scaled and shifted view of a picture, bilinearly and without aliasing.
 * @param toSource from output to base-level coordinates, see [Note: Coordinates]
 * @param fill value in 0..255 for what lies outside the picture
 */
export function sample(
  pyramid: Pyramid,
  toSource: Similarity,
  width: number,
  height: number,
  fill: number,
): Patch {
  const { raster, factor } = pyramid.level(Math.hypot(toSource.a, toSource.b))
  const { data, width: sourceWidth } = raster
  const dx = toSource.a / factor
  const dy = toSource.b / factor
  const maxX = sourceWidth - 1
  const maxY = raster.height - 1
  const stride = sourceWidth * 3
  const size = width * height
  const planes = new Float32Array(3 * size)
  for (let row = 0, out = 0; row < height; row++) {
    // -0.5: from continuous coordinates to pixel indices.
    const startX = dx * 0.5 - dy * (row + 0.5) + toSource.tx / factor - 0.5
    const startY = dy * 0.5 + dx * (row + 0.5) + toSource.ty / factor - 0.5
    const across = columnsWithin(startX, dx, width, maxX)
    const down = columnsWithin(startY, dy, width, maxY)
    const from = Math.max(across.from, down.from)
    const to = Math.max(from, Math.min(across.to, down.to))
    for (let column = 0; column < width; column++, out++) {
      const x = startX + column * dx
      const y = startY + column * dy
      if (column < from || column >= to) {
        edgePixel(raster, x, y, fill, planes, out, size)
        continue
      }
      const x0 = x | 0
      const y0 = y | 0
      const fx = x - x0
      const fy = y - y0
      const i = y0 * stride + x0 * 3
      const k = i + stride
      const w11 = fx * fy
      const w10 = fx - w11
      const w01 = fy - w11
      const w00 = 1 - fx - w01
      planes[out] = data[i] * w00 + data[i + 3] * w10 + data[k] * w01 + data[k + 3] * w11
      planes[out + size] = data[i + 1] * w00 + data[i + 4] * w10 + data[k + 1] * w01 + data[k + 4] * w11
      planes[out + 2 * size] = data[i + 2] * w00 + data[i + 5] * w10 + data[k + 2] * w01 + data[k + 5] * w11
    }
  }
  return { data: planes, width, height }
}

/** Columns whose position `start + column * step` has neighbours on both sides: 0 <= position < max. */
function columnsWithin(
  start: number,
  step: number,
  width: number,
  max: number,
): { from: number; to: number } {
  if (step === 0) return start >= 0 && start < max ? { from: 0, to: width } : { from: 0, to: 0 }
  const [low, high] = step > 0 ? [-start / step, (max - start) / step] : [(max - start) / step, -start / step]
  // One column less on each side than rounding could be wrong by.
  return { from: Math.max(0, Math.ceil(low) + 1), to: Math.min(width, Math.floor(high) - 1) }
}

/** The same for a position near or past the picture's edge; edge pixels reach half a pixel beyond their centres. */
function edgePixel(
  { data, width, height }: Raster,
  x: number,
  y: number,
  fill: number,
  planes: Float32Array,
  out: number,
  size: number,
): void {
  const maxX = width - 1
  const maxY = height - 1
  const outside = x < -0.5 || y < -0.5 || x > maxX + 0.5 || y > maxY + 0.5
  const left = Math.min(maxX, Math.max(0, x))
  const top = Math.min(maxY, Math.max(0, y))
  const x0 = left | 0
  const y0 = top | 0
  const fx = left - x0
  const fy = top - y0
  const i = (y0 * width + x0) * 3
  const j = x0 < maxX ? i + 3 : i
  const down = y0 < maxY ? width * 3 : 0
  for (let c = 0; c < 3; c++) {
    const upper = data[i + c] * (1 - fx) + data[j + c] * fx
    const lower = data[i + c + down] * (1 - fx) + data[j + c + down] * fx
    planes[out + c * size] = outside ? fill : upper * (1 - fy) + lower * fy
  }
}

/** Where a point of the output picture lies in the source picture. */
export function apply(transform: Similarity, x: number, y: number): { x: number; y: number } {
  return {
    x: transform.a * x - transform.b * y + transform.tx,
    y: transform.b * x + transform.a * y + transform.ty,
  }
}

/**
 * The view that shows a square of the source upright: `side` source pixels around a centre, tilted by `degrees`
 * (clockwise), as an output of `outputPx` square.
 */
export function squareView(
  centre: { x: number; y: number },
  side: number,
  degrees: number,
  outputPx: number,
): Similarity {
  return rectangleView(centre, side / outputPx, degrees, outputPx, outputPx)
}

/** The view of `width` x `height` output pixels around a source centre, each `scale` source pixels wide, tilted by `degrees`. */
export function rectangleView(
  centre: { x: number; y: number },
  scale: number,
  degrees: number,
  width: number,
  height: number,
): Similarity {
  const radians = (degrees * Math.PI) / 180
  const a = scale * Math.cos(radians)
  const b = scale * Math.sin(radians)
  return {
    a,
    b,
    tx: centre.x - (a * width) / 2 + (b * height) / 2,
    ty: centre.y - (b * width) / 2 - (a * height) / 2,
  }
}
