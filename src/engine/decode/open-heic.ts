import sharp from 'sharp'
import type { DetectionMode } from '../types.ts'
import { decodeHeic } from './decode-heic.ts'
import { WORKING_SIDE_PX } from './limits.ts'
import { openRaster } from './open-raster.ts'
import { KEEP_FACTOR, toRaster } from './open-with-vips.ts'
import { checkSize, refuse, type Opening } from './opening.ts'

/** @param frames pictures that the file says it has, where it is a sequence */
export async function openHeic(
  bytes: Uint8Array,
  frames: number | undefined,
  mode: DetectionMode,
): Promise<Opening> {
  const decoding = await decodeHeic(bytes)
  if (decoding.outcome === 'refused') return refuse(decoding.reason, decoding.detail)
  const { raster: whole } = decoding
  const refused = checkSize(whole.width, whole.height, true)
  if (refused !== undefined) return refused
  const rawOptions = { raw: { width: whole.width, height: whole.height, channels: 3 as const } }
  const side = WORKING_SIDE_PX[mode]
  const shrink = Math.max(whole.width, whole.height) > side * KEEP_FACTOR
  const working = shrink
    ? await toRaster(sharp(whole.data, rawOptions).resize({ width: side, height: side, fit: 'inside' }))
    : whole
  const pictures = Math.max(frames ?? 1, decoding.frames)
  const facts = {
    format: 'heic' as const,
    exifOrientation: 1,
    frames: pictures,
    remarks: pictures > 1 ? [{ kind: 'more_pictures' as const, count: pictures - 1 }] : [],
  }
  return openRaster(working, whole, facts, async ({ x: left, y: top, width, height }) =>
    toRaster(sharp(whole.data, rawOptions).extract({ left, top, width, height })),
  )
}
