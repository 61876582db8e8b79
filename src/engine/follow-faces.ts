import { alignFace } from './align/align-face.ts'
import { openPhoto } from './decode/open-photo.ts'
import { embedFace } from './embed/embed-face.ts'
import { makeTemplate } from './embed/make-template.ts'
import { onlyView } from './verify/face-reading.ts'
import { chooseLightening, lighten } from './enhance.ts'
import { fivePointsOf } from './landmark/landmarks.ts'
import { convergeLandmarks } from './landmark/converge-landmarks.ts'
import type { LoadedPack } from './pack/loaded-pack.ts'
import type { Box, FollowedFaces } from './types.ts'

/** Where a face is about to be, pixels of the upright original. */
export interface NearFace {
  boxPx: Box
  tiltDegrees: number
}

/** Points less stable than this stand on no face, see [Note: landmark instability]. */
const MAX_INSTABILITY = 0.3

/**
 * Embeds faces whose places are known to within a part of their size, as between two frames of a video in which they were
 * found: no detection, no verification, no quality. Costs a fifth of finding them.
 * @returns a template for each, undefined where no face converges or the pack has no landmark network
 */
export async function followFaces(
  pack: LoadedPack,
  bytes: Uint8Array,
  near: readonly NearFace[],
): Promise<FollowedFaces> {
  const { landmarks } = pack
  const opening = await openPhoto(bytes, 'standard')
  if (opening.outcome === 'unreadable' || landmarks === undefined) {
    return { outcome: 'followed', templates: near.map(() => undefined) }
  }
  const { scale, working } = opening.photo
  const lightening = chooseLightening(working)
  const picture = lightening === undefined ? working : lighten(working, lightening)
  const templates: (Float32Array | undefined)[] = []
  for (const { boxPx, tiltDegrees } of near) {
    const centre = { x: (boxPx.x + boxPx.width / 2) / scale, y: (boxPx.y + boxPx.height / 2) / scale }
    const converged = await convergeLandmarks(landmarks, picture, centre, boxPx.height / scale, tiltDegrees)
    if (converged.landmarkInstability > MAX_INSTABILITY) {
      templates.push(undefined)
      continue
    }
    const fivePoints = fivePointsOf(converged.points)
    const embedding = await embedFace(pack.embedder, alignFace(picture, fivePoints))
    templates.push(await makeTemplate(pack, picture, { embedding, views: onlyView(fivePoints) }))
  }
  return { outcome: 'followed', templates }
}
