import { TEMPLATE_VECTOR } from './common-columns.ts'
import { type Row, blob, generated, integer, nullable, real, table, text } from './table.ts'

export const FACE = table(
  {
    id: text(),
    media_id: text({ references: 'media (id)' }),
    number: integer(),
    origin: text({ oneOf: ['detector', 'examiner'] }),
    box_x_px: real(),
    box_y_px: real(),
    box_width_px: real(),
    box_height_px: real(),
    detection_score: real(),
    verification_score: real(),
    tilt_degrees: real(),
    /** JSON of five points, pixels of the upright original. */
    five_points: text(),
    /** 68 x,y pairs as little-endian float32, pixels of the upright original; null without a landmark model. */
    landmarks: nullable(blob()),
    /** JSON of the head pose, or null. */
    pose: nullable(text()),
    /** JSON of the quality measures. */
    quality: text(),
    unified_score: real(),
    created_at: text(),
    created_by: text(),
    digest: blob(),
  },
  {
    indexes: {
      face_media: { on: ['media_id'] },
    },
  },
)
export type FaceTable = Row<typeof FACE>

export const TEMPLATE = table(
  {
    seq: generated(integer()),
    face_id: text({ references: 'face (id)' }),
    media_id: text({ references: 'media (id)' }),
    ...TEMPLATE_VECTOR,
    digest: blob(),
  },
  {
    primaryKey: ['seq'],
    autoincrement: true,
    unique: [['face_id', 'pack_id', 'pipeline_version']],
    indexes: {
      template_media: { on: ['media_id'] },
    },
  },
)
export type TemplateTable = Row<typeof TEMPLATE>
