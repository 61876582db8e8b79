import type { Raster } from '../raster-types.ts'
import type { Box, PhotoFacts } from '../types.ts'
import type { Opening, OpenPhoto } from './opening.ts'
import { perceptualHash } from './perceptual-hash.ts'

/** Facts of a file before its picture is measured. */
export type FileFacts = Pick<PhotoFacts, 'format' | 'exifOrientation' | 'frames' | 'remarks'>

/** @param cutWhole cuts a box, whole pixels inside the picture, from the upright original */
export function openRaster(
  raster: Raster,
  upright: { width: number; height: number },
  facts: FileFacts,
  cutWhole: (box: Box) => Promise<Raster>,
): Opening {
  const photo: OpenPhoto = {
    facts: {
      ...facts,
      widthPx: upright.width,
      heightPx: upright.height,
      perceptualHash: perceptualHash(raster),
    },
    working: raster,
    scale: upright.width / raster.width,
    cut: async (box) => {
      const x = Math.min(upright.width - 1, Math.max(0, Math.floor(box.x)))
      const y = Math.min(upright.height - 1, Math.max(0, Math.floor(box.y)))
      const right = Math.min(upright.width, Math.max(x + 1, Math.ceil(box.x + box.width)))
      const bottom = Math.min(upright.height, Math.max(y + 1, Math.ceil(box.y + box.height)))
      return { raster: await cutWhole({ x, y, width: right - x, height: bottom - y }), x, y }
    },
  }
  return { outcome: 'open', photo }
}
