import type { Generated } from 'kysely'
import type { PersonStatus } from '../contract/person-words.ts'

/** What an agency knows of a person beyond reference and name; its id is the person's. */
export interface PersonRecordTable {
  id: string
  agency_id: string
  status: PersonStatus
  /** YYYY, YYYY-MM or YYYY-MM-DD: as much as is known. */
  birth_date: string | null
  birth_approximate: number
  affiliation: string | null
  note: string | null
  /** JSON of DVI entries in the order of the form; see src/contract/dvi-form.ts. */
  ante_mortem: string
  post_mortem: string
  /** The change that merged this person away, or undid the split that made it; null while it stands. */
  retired_by: string | null
  changed_by: string
  changed_at: string
  digest: Uint8Array
}

/** One of a person's names, as written in one script. */
export interface PersonNameTable {
  id: string
  person_id: string
  kind: 'main' | 'birth' | 'alias' | 'spelling'
  given: string | null
  patronymic: string | null
  family: string | null
  /** The whole name as it is written. */
  written: string
  /** ISO 15924: Cyrl, Latn, or Zyyy for others and mixtures. */
  script: 'Cyrl' | 'Latn' | 'Zyyy'
  added_by: string
  added_at: string
  digest: Uint8Array
}

/** Derived. */
export interface PersonNameKeyTable {
  agency_id: string
  key: string
  person_id: string
}

/** A merge or a split: links of faces that moved from one person to another. */
export interface PersonChangeTable {
  id: string
  agency_id: string
  kind: 'merge' | 'split'
  from_id: string
  to_id: string
  /** JSON of `MovedLinks`, see src/people/move-links.ts. */
  moved: string
  reason: string
  changed_by: string
  changed_at: string
  undone_by: string | null
  undone_at: string | null
  undo_reason: string | null
  digest: Uint8Array
}

/** A photo of a person who is looked for, with the person's face in it. Coordinates are pixels of the upright original. */
export interface PersonPhotoTable {
  id: string
  person_id: string
  agency_id: string
  /** The original's; its bytes stand in the media vault. */
  sha256: string
  format: string
  byte_length: number
  width_px: number
  height_px: number
  /** YYYY, YYYY-MM or YYYY-MM-DD: as much as is known. */
  taken_on: string | null
  note: string | null
  /** Whether whoever may decide it has agreed to this photo's being shown in public, on a poster. */
  may_publish: number
  face_origin: 'detector' | 'examiner'
  /** JSON of the box. */
  box: string
  /** JSON of five points. */
  five_points: string
  tilt_degrees: number
  /** JSON of the quality measures. */
  quality: string
  unified_score: number
  added_by: string
  account_id: string | null
  added_at: string
  digest: Uint8Array
}

export interface PersonPhotoTemplateTable {
  seq: Generated<number>
  photo_id: string
  pack_id: string
  pipeline_version: string
  /** Unit vector, little-endian float32. */
  vector: Uint8Array
  digest: Uint8Array
}
