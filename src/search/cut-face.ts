import sharp from 'sharp'
import { openPhoto } from '../engine/decode/open-photo.ts'
import { readFileBytes } from '../engine/decode/read-file-bytes.ts'
import type { Box } from '../engine/types.ts'

/** How much of the surroundings a cut-out shows on each side, in face sizes. */
const MARGIN_SHARE = 0.45
/** Width of the blur over pictures that must not be shown unasked: nobody is recognised, and that it is a face is seen. */
const BLUR_SHARE = 0.08
const SURROUND = '#808080'

/**
 * Cuts a face out of its photo, upright and square, as a JPEG for pages.
 * @param photo path or bytes of the original, which is only read
 * @param box pixels of the upright original
 * @param sidePx side of the cut-out
 * @returns undefined when the file can no longer be read
 */
export async function cutFace(
  photo: string | Uint8Array,
  box: Box,
  sidePx: number,
  blurred = false,
): Promise<Buffer | undefined> {
  const bytes =
    typeof photo === 'string' ? await readFileBytes(photo) : { outcome: 'bytes' as const, bytes: photo }
  if (bytes.outcome === 'unreadable') return undefined
  const opening = await openPhoto(bytes.bytes, 'fast')
  if (opening.outcome === 'unreadable') return undefined
  const side = Math.max(box.width, box.height) * (1 + 2 * MARGIN_SHARE)
  const { raster } = await opening.photo.cut({
    x: box.x + box.width / 2 - side / 2,
    y: box.y + box.height / 2 - side / 2,
    width: side,
    height: side,
  })
  const cut = sharp(raster.data, { raw: { width: raster.width, height: raster.height, channels: 3 } }).resize(
    sidePx,
    sidePx,
    { fit: 'contain', background: SURROUND },
  )
  return (blurred ? cut.blur(sidePx * BLUR_SHARE) : cut).jpeg({ quality: 85 }).toBuffer()
}

/** A picture inside a page that needs nothing else. */
export function dataUri(jpeg: Buffer): string {
  return `data:image/jpeg;base64,${jpeg.toString('base64')}`
}
