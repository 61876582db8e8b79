import type { Raster } from './raster-types.ts'
import type { Similarity } from './raster-types.ts'
import { samplePlanes } from './raster-kernel/raster-kernel.ts'

/**
 * Pixels in memory and the one way to resample them.
 *
 * [Note: Coordinates] Positions are continuous: pixel (i, j) covers [i, i+1) x [j, j+1), so scaling an image
 * scales its coordinates by the same factor and nothing else. The centre of the first pixel is (0.5, 0.5).
 */

/** RGB as floats in 0..255, plane after plane: what models are fed from. `data.length === 3 * width * height`. */
export interface Patch {
  data: Float32Array
  width: number
  height: number
}

/**
 * Resamples a rotated, scaled and shifted view of a picture, bilinearly and without aliasing.
 * @param toSource from output to picture coordinates, see [Note: Coordinates]
 * @param fill value in 0..255 for what lies outside the picture
 */
export function sample(
  picture: Raster,
  toSource: Similarity,
  width: number,
  height: number,
  fill: number,
): Patch {
  return { data: samplePlanes(picture, toSource, width, height, fill).slice(), width, height }
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
