import { meanPoint } from '../align/align-face.ts'
import type { Model } from '../model.ts'
import { apply, squareView } from '../raster.ts'
import { type Raster } from '../raster-types.ts'
import type { FivePoints, Point } from '../types.ts'

/** Value of pixels outside the picture when landmarks are looked for. */
const FILL = 0

/**
 * Reads 68 landmarks from a square of the picture.
 * @param centre middle of the square, base pixels
 * @param side side of the square, base pixels
 * @param tiltDegrees how far the face is turned clockwise; the square is turned with it
 * @returns points in base pixels, order of iBUG 300-W
 */
export async function readLandmarks(
  model: Model,
  picture: Raster,
  centre: Point,
  side: number,
  tiltDegrees: number,
): Promise<Point[]> {
  const { widthPx } = model.input
  const view = squareView(centre, side, tiltDegrees, widthPx)
  const outputs = await model.look(picture, view, FILL)
  const values = outputs[model.outputNames[0]].data
  const points: Point[] = []
  for (let i = 0; i < LANDMARKS * 2; i += 2)
    points.push(apply(view, values[i] * widthPx, values[i + 1] * widthPx))
  return points
}

export const LANDMARKS = 68

/** Means of the lids' four inner points, so that a blink moves an eye's centre little. */
export function eyeCentres(landmarks: readonly Point[]): [Point, Point] {
  const pick = (...indices: number[]): Point => meanPoint(indices.map((index) => landmarks[index]))
  return [pick(37, 38, 40, 41), pick(43, 44, 46, 47)]
}

/** The five points that alignment uses, from 68 landmarks. */
export function fivePointsOf(landmarks: readonly Point[]): FivePoints {
  const [right, left] = eyeCentres(landmarks)
  return [
    right,
    left,
    landmarks[30],
    meanPoint([landmarks[48], landmarks[60]]),
    meanPoint([landmarks[54], landmarks[64]]),
  ]
}

/** Angle of the line between two eyes, degrees clockwise. */
export function tiltOf([right, left]: readonly [Point, Point, ...Point[]]): number {
  return (Math.atan2(left.y - right.y, left.x - right.x) * 180) / Math.PI
}
