import type { DetectionMode } from '../types.ts'
import { MIN_PREVIEW_SIDE_PX, rawPreview, type CameraRaw } from './camera-raw.ts'
import { openWithVips } from './open-with-vips.ts'
import { refuse, type Opening } from './opening.ts'

/**
 * Opens a camera raw by the largest preview in it, which the camera developed itself, with a remark; without one large
 * enough the file is refused by its name. The sensor's own picture is not developed.
 */
export async function openRaw(bytes: Uint8Array, raw: CameraRaw, mode: DetectionMode): Promise<Opening> {
  const preview = rawPreview(bytes)
  if (preview === undefined) {
    const detail = `this is a camera raw (${raw.toUpperCase()}) without a preview of ${MIN_PREVIEW_SIDE_PX} pixels; develop it and save it as JPEG or PNG`
    return refuse('unsupported_format', detail)
  }
  return openWithVips(
    {
      bytes: preview.jpeg,
      format: 'jpeg',
      fileFormat: raw,
      orientation: preview.orientation,
      remarks: [{ kind: 'raw_preview' }],
    },
    mode,
  )
}
