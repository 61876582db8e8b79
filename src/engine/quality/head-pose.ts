import { type Output, type Model } from '../model.ts'
import { squareView } from '../raster.ts'
import { type Raster } from '../raster-types.ts'
import type { HeadPose, Point } from '../types.ts'

/** Bins of 3 degrees from -99 to 96, read as an expectation (Ruiz et al. 2018, 'Hopenet', eq. 1). */
const BIN_DEGREES = 3
const FIRST_BIN_DEGREES = -99
/** Side of the crop in face heights: the margin at which the network was least shaken by small shifts of the box. */
const CROP_SHARE = 1.2
const FILL = 0

/**
 * Head pose from the upright face.
 * @param tiltDegrees the face's tilt in the picture; returned as roll, since the eyes' line is steadier than the network's
 */
export async function readHeadPose(
  model: Model,
  picture: Raster,
  centre: Point,
  height: number,
  tiltDegrees: number,
): Promise<HeadPose> {
  const { widthPx } = model.input
  const view = squareView(centre, height * CROP_SHARE, tiltDegrees, widthPx)
  const outputs = await model.look(picture, view, FILL)
  const [yaw, pitch] = model.outputNames.map((name) => expectedDegrees(outputs[name]))
  // The network counts a turn to the picture's left as positive. Minus zero is nothing to show.
  return { yawDegrees: 0 - yaw, pitchDegrees: pitch, rollDegrees: tiltDegrees }
}

function expectedDegrees({ data }: Output): number {
  const probabilities = softmax(data)
  let sum = 0
  for (let bin = 0; bin < probabilities.length; bin++) sum += probabilities[bin] * bin
  return sum * BIN_DEGREES + FIRST_BIN_DEGREES
}

export function softmax(logits: Float32Array): Float32Array {
  const top = logits.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY)
  const powers = logits.map((value) => Math.exp(value - top))
  const sum = powers.reduce((total, value) => total + value, 0)
  return powers.map((value) => value / sum)
}
