import { ARCFACE_POINTS, fitSimilarity } from '../align/align-face.ts'
import { apply } from '../raster.ts'
import type { Box, FivePoints } from '../types.ts'

/** Middle and size of a face in its 112 x 112 ArcFace picture: hairline to chin, ear to ear. */
const FACE_CENTRE = { x: 56, y: 64 }
const FACE_WIDTH = 84
const FACE_HEIGHT = 104

/** The box of a face whose points stand firmly: the same for every detector, upright about its centre. */
export function faceBox(fivePoints: FivePoints): Box {
  const pose = fitSimilarity(ARCFACE_POINTS, fivePoints)
  const scale = Math.hypot(pose.a, pose.b)
  const centre = apply(pose, FACE_CENTRE.x, FACE_CENTRE.y)
  const width = FACE_WIDTH * scale
  const height = FACE_HEIGHT * scale
  return { x: centre.x - width / 2, y: centre.y - height / 2, width, height }
}
