import type { Model } from '../model.ts'
import { eyeCentres } from '../landmark/landmarks.ts'
import { squareView } from '../raster.ts'
import { type Raster } from '../raster-types.ts'
import type { HeadPose, Point } from '../types.ts'
import { softmax } from './head-pose.ts'

/** Side of an eye's crop, in eye widths. */
const CROP_SHARE = 1.6
/** Beyond this yaw the far eye is hidden by the nose and says nothing. */
const ONE_EYE_YAW_DEGREES = 40
const FILL = 0
/** Corners of the two eyes among the 68 landmarks. */
const CORNERS = [
  [36, 39],
  [42, 45],
] as const

/**
 * Probability that the eyes are open, 0 to 1: of the eye that is less open, and of the near one on a turned head.
 * The network's outputs are (closed, open).
 */
export async function readEyesOpen(
  model: Model,
  picture: Raster,
  landmarks: readonly Point[],
  pose: HeadPose | undefined,
  tiltDegrees: number,
): Promise<number> {
  const centres = eyeCentres(landmarks)
  const { widthPx } = model.input
  const open: number[] = []
  for (const [eye, [from, to]] of CORNERS.entries()) {
    const width = Math.hypot(landmarks[to].x - landmarks[from].x, landmarks[to].y - landmarks[from].y)
    const view = squareView(centres[eye], width * CROP_SHARE, tiltDegrees, widthPx)
    const outputs = await model.look(picture, view, FILL)
    open.push(softmax(outputs[model.outputNames[0]].data)[1])
  }
  const yaw = pose?.yawDegrees ?? 0
  // Looking to the picture's right (positive yaw) hides the eye on the right of the picture, the second one.
  if (yaw > ONE_EYE_YAW_DEGREES) return open[0]
  if (yaw < -ONE_EYE_YAW_DEGREES) return open[1]
  return Math.min(...open)
}
