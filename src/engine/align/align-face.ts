import { type Patch, sample } from '../raster.ts'
import { type Raster, type Similarity } from '../raster-types.ts'
import type { FivePoints, Point } from '../types.ts'

/** Five reference points of ArcFace (Deng et al. 2019, the InsightFace template), in a 112 x 112 picture. */
export const ARCFACE_POINTS: FivePoints = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
]
export const ARCFACE_SIDE_PX = 112

/**
 * The similarity that maps `from` onto `to` with the least squared error, without mirroring
 * (Umeyama 1991, for two dimensions, in closed form).
 * @throws RangeError when the points of `from` are all the same
 */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): Similarity {
  const fromMean = meanPoint(from)
  const toMean = meanPoint(to)
  let dot = 0
  let cross = 0
  let spread = 0
  for (let i = 0; i < from.length; i++) {
    const fx = from[i].x - fromMean.x
    const fy = from[i].y - fromMean.y
    const tx = to[i].x - toMean.x
    const ty = to[i].y - toMean.y
    dot += fx * tx + fy * ty
    cross += fx * ty - fy * tx
    spread += fx * fx + fy * fy
  }
  if (!(spread > 0)) throw new RangeError('expected at least two different points')
  const a = dot / spread
  const b = cross / spread
  return {
    a,
    b,
    tx: toMean.x - (a * fromMean.x - b * fromMean.y),
    ty: toMean.y - (b * fromMean.x + a * fromMean.y),
  }
}

export function meanPoint(points: readonly Point[]): Point {
  let x = 0
  let y = 0
  for (const point of points) {
    x += point.x
    y += point.y
  }
  return { x: x / points.length, y: y / points.length }
}

/**
 * Cuts the face out so that its five points lie on the reference points.
 * @param points in the pyramid's base pixels
 * @returns 112 x 112 RGB; what lies outside the picture is black, as in the training of ArcFace-style networks
 */
export function alignFace(picture: Raster, points: FivePoints): Patch {
  return sample(picture, fitSimilarity(ARCFACE_POINTS, points), ARCFACE_SIDE_PX, ARCFACE_SIDE_PX, 0)
}
