import { blob, nullable, real, text } from './table.ts'

/** Who ended something early, and why. */
export const LIFTED = {
  lifted_by: nullable(text()),
  lifted_at: nullable(text()),
  lift_reason: nullable(text()),
}

/** A legal hold of something. */
export const HOLD = { reason: text(), imposed_by: text(), imposed_at: text(), ...LIFTED }

export const ADDED = {
  added_by: text(),
  account_id: nullable(text({ references: 'account (id)' })),
  added_at: text(),
}

/** A face as it was found in a picture of its own. */
export const FOUND_FACE = {
  /** JSON of the box. */
  box: text(),
  /** JSON of five points. */
  five_points: text(),
  tilt_degrees: real(),
  /** JSON of the quality measures. */
  quality: text(),
  unified_score: real(),
}

/** A template, and what made it. */
export const TEMPLATE_VECTOR = {
  pack_id: text(),
  pipeline_version: text(),
  /** Unit vector, little-endian float32. */
  vector: blob(),
}
