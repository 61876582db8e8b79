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

/** RGB as floats in 0..255, interleaved: what models are fed from. `data.length === width * height * 3`. */
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
function halve(source: Raster): Raster {
  const width = source.width >> 1
  const height = source.height >> 1
  const data = new Uint8Array(width * height * 3)
  const stride = source.width * 3
  let out = 0
  for (let y = 0; y < height; y++) {
    let i = 2 * y * stride
    for (let x = 0; x < width; x++, i += 6) {
      for (let c = 0; c < 3; c++) {
        const j = i + c
        data[out++] =
          (source.data[j] + source.data[j + 3] + source.data[j + stride] + source.data[j + stride + 3] + 2) >>
          2
      }
    }
  }
  return { data, width, height }
}

/**
 * Resamples a rotated, scaled and shifted view of a picture, bilinearly and without aliasing.
 * @param toSource from output to base-level coordinates, see [Note: Coordinates]
 * @param fill value in 0..255 for what lies outside the picture
 * @param into reused when given; must have width * height * 3 numbers
 */
export function sample(
  pyramid: Pyramid,
  toSource: Similarity,
  width: number,
  height: number,
  fill: number,
  into: Float32Array = new Float32Array(width * height * 3),
): Patch {
  const { raster, factor } = pyramid.level(Math.hypot(toSource.a, toSource.b))
  const { data, width: sourceWidth, height: sourceHeight } = raster
  const dx = toSource.a / factor
  const dy = toSource.b / factor
  const maxX = sourceWidth - 1
  const maxY = sourceHeight - 1
  const stride = sourceWidth * 3
  let out = 0
  for (let row = 0; row < height; row++) {
    // -0.5: from continuous coordinates to pixel indices.
    let x = dx * 0.5 - dy * (row + 0.5) + toSource.tx / factor - 0.5
    let y = dy * 0.5 + dx * (row + 0.5) + toSource.ty / factor - 0.5
    for (let column = 0; column < width; column++, x += dx, y += dy, out += 3) {
      if (x < -0.5 || y < -0.5 || x > maxX + 0.5 || y > maxY + 0.5) {
        into[out] = fill
        into[out + 1] = fill
        into[out + 2] = fill
        continue
      }
      const clampedX = x < 0 ? 0 : x > maxX ? maxX : x
      const clampedY = y < 0 ? 0 : y > maxY ? maxY : y
      const x0 = clampedX | 0
      const y0 = clampedY | 0
      const fx = clampedX - x0
      const fy = clampedY - y0
      const i = y0 * stride + x0 * 3
      const right = x0 < maxX ? 3 : 0
      const down = y0 < maxY ? stride : 0
      const w11 = fx * fy
      const w10 = fx - w11
      const w01 = fy - w11
      const w00 = 1 - fx - w01
      const j = i + right
      const k = i + down
      const l = k + right
      into[out] = data[i] * w00 + data[j] * w10 + data[k] * w01 + data[l] * w11
      into[out + 1] = data[i + 1] * w00 + data[j + 1] * w10 + data[k + 1] * w01 + data[l + 1] * w11
      into[out + 2] = data[i + 2] * w00 + data[j + 2] * w10 + data[k + 2] * w01 + data[l + 2] * w11
    }
  }
  return { data: into, width, height }
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
