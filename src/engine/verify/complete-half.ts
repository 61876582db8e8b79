import { alignFace } from '../align/align-face.ts'
import { doubleHalf } from '../align/double-half.ts'
import { type Embedder, embedFace } from '../embed/embed-face.ts'
import { unit } from '../embed/unit.ts'
import type { Raster } from '../raster-types.ts'
import type { FaceReading } from './face-reading.ts'

/**
 * [Note: Half a face] With one side covered, the cover is most of what the embedder sees. The picture that consists of
 * the visible half and its mirror image is a face again. Which half is visible shows in the two raw vectors' norms:
 * they differ by 2.1 to 4 for nine of ten faces with a covered side, and by less than 1 for nine of ten of the others.
 */
const COVERED_NORM_DIFFERENCE = 1.5
/** Weight of the visible half's template; that of the whole face, cover included, is 1. */
const HALF_WEIGHT = 2

/** Adds the visible half's template to that of a face with one side covered; any other reading is returned as it is. */
export async function completeHalf(
  embedder: Embedder,
  picture: Raster,
  reading: FaceReading,
): Promise<FaceReading> {
  const face = alignFace(picture, reading.fivePoints)
  // The doubled half is its own mirror image.
  const once = { ...embedder, mirror: false }
  const left = await embedFace(once, doubleHalf(face, 'left'))
  const right = await embedFace(once, doubleHalf(face, 'right'))
  if (Math.abs(left.norm - right.norm) < COVERED_NORM_DIFFERENCE) return reading
  const visibleHalf = left.norm > right.norm ? 'left' : 'right'
  const [coveredSide, half] = visibleHalf === 'left' ? (['right', left] as const) : (['left', right] as const)
  const template = unit(reading.embedding.template.map((value, i) => value + HALF_WEIGHT * half.template[i]))
  const views = [
    ...reading.views.map((view) => ({ ...view, weight: view.weight / (1 + HALF_WEIGHT) })),
    { fivePoints: reading.fivePoints, visibleHalf, weight: HALF_WEIGHT / (1 + HALF_WEIGHT) } as const,
  ]
  return { ...reading, coveredSide, views, embedding: { ...reading.embedding, template, norm: half.norm } }
}
