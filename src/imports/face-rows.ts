import type { Engine, Face } from '../engine/types.ts'
import { newId, nowIso } from '../store/ids.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import type { FaceTable, TemplateTable } from '../store/tables/face-tables.ts'

/** The record's row of a face that the engine found. @param createdBy the actor's name */
export function faceRow(mediaId: string, face: Face, createdBy: string): FaceTable {
  return withDigest('face', {
    id: newId(),
    media_id: mediaId,
    number: face.number,
    origin: face.origin,
    box_x_px: face.boxPx.x,
    box_y_px: face.boxPx.y,
    box_width_px: face.boxPx.width,
    box_height_px: face.boxPx.height,
    detection_score: face.detectionScore,
    verification_score: face.verificationScore,
    tilt_degrees: face.tiltDegrees,
    five_points: JSON.stringify(face.fivePointsPx),
    landmarks:
      face.landmarksPx === undefined
        ? null
        : floatBytes(face.landmarksPx.flatMap((point) => [point.x, point.y])),
    pose: face.pose === undefined ? null : JSON.stringify(face.pose),
    quality: JSON.stringify(face.quality),
    unified_score: face.quality.unifiedScore,
    created_at: nowIso(),
    created_by: createdBy,
  })
}

/** The record's row of a face's template under the engine's pack. */
export function templateRow(
  face: { id: string; media_id: string },
  template: Float32Array,
  engine: Pick<Engine, 'packId' | 'pipelineVersion'>,
): Omit<TemplateTable, 'seq'> {
  return withDigest('template', {
    face_id: face.id,
    media_id: face.media_id,
    pack_id: engine.packId,
    pipeline_version: engine.pipelineVersion,
    vector: floatBytes(template),
  })
}

/** Little-endian float32 bytes. */
function floatBytes(numbers: ArrayLike<number>): Uint8Array {
  const bytes = Buffer.alloc(numbers.length * 4)
  for (let index = 0; index < numbers.length; index++) bytes.writeFloatLE(numbers[index], index * 4)
  return bytes
}
