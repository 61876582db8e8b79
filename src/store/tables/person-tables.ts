import type { PersonStatus } from '../../contract/person-words.ts'
import { ADDED, FOUND_FACE, TEMPLATE_VECTOR } from './common-columns.ts'
import { type Row, blob, generated, integer, nullable, table, text } from './table.ts'

export const PERSON = table(
  {
    id: text(),
    agency_id: text({ references: 'agency (id)' }),
    /** The importer's or the agency's own reference; unique in the agency. */
    ref: nullable(text()),
    name: nullable(text()),
    created_at: text(),
    created_by: text(),
    digest: blob(),
  },
  {
    unique: [['agency_id', 'ref']],
  },
)
export type PersonTable = Row<typeof PERSON>

export const PERSON_FACE = table(
  {
    id: text(),
    person_id: text({ references: 'person (id)' }),
    face_id: text({ references: 'face (id)' }),
    link: text({ oneOf: ['same', 'not_same'] }),
    /** `manifest`: claimed by the importer for a photo with one face; `examiner`: decided by a person. */
    origin: text({ oneOf: ['manifest', 'examiner'] }),
    linked_by: text(),
    linked_at: text(),
    digest: blob(),
  },
  {
    unique: [['person_id', 'face_id']],
    indexes: {
      person_face_face: { on: ['face_id'] },
    },
  },
)
export type PersonFaceTable = Row<typeof PERSON_FACE>

/** What an agency knows of a person beyond reference and name; its id is the person's. */
export const PERSON_RECORD = table(
  {
    id: text({ references: 'person (id)' }),
    agency_id: text({ references: 'agency (id)' }),
    status: text<PersonStatus>({
      oneOf: ['missing', 'unidentified_dead', 'dead', 'detained', 'displaced', 'found', 'of_interest'],
    }),
    /** YYYY, YYYY-MM or YYYY-MM-DD: as much as is known. */
    birth_date: nullable(text()),
    birth_approximate: integer(),
    affiliation: nullable(text()),
    note: nullable(text()),
    /** JSON of DVI entries in the order of the form; see src/contract/dvi-form.ts. */
    ante_mortem: text(),
    post_mortem: text(),
    /** The change that merged this person away, or undid the split that made it; null while it stands. */
    retired_by: nullable(text()),
    changed_by: text(),
    changed_at: text(),
    digest: blob(),
  },
  {
    indexes: {
      person_record_agency: { on: ['agency_id', 'status', 'id'] },
    },
    bound: true,
  },
)
export type PersonRecordTable = Row<typeof PERSON_RECORD>

/** One of a person's names, as written in one script. */
export const PERSON_NAME = table(
  {
    id: text(),
    person_id: text({ references: 'person (id)' }),
    kind: text({ oneOf: ['main', 'birth', 'alias', 'spelling'] }),
    given: nullable(text()),
    patronymic: nullable(text()),
    family: nullable(text()),
    /** The whole name as it is written. */
    written: text(),
    /** ISO 15924: Cyrl, Latn, or Zyyy for others and mixtures. */
    script: text<'Cyrl' | 'Latn' | 'Zyyy'>(),
    added_by: text(),
    added_at: text(),
    digest: blob(),
  },
  {
    indexes: {
      person_name_person: { on: ['person_id', 'id'] },
    },
    bound: true,
  },
)
export type PersonNameTable = Row<typeof PERSON_NAME>

/** Derived. */
export const PERSON_NAME_KEY = table(
  {
    agency_id: text(),
    key: text(),
    person_id: text(),
  },
  {
    primaryKey: ['agency_id', 'key', 'person_id'],
    withoutRowid: true,
    indexes: {
      person_name_key_person: { on: ['person_id'] },
    },
  },
)

export const PERSON_UNKEYED = table(
  {
    agency_id: text(),
    person_id: text(),
  },
  {
    primaryKey: ['agency_id', 'person_id'],
    withoutRowid: true,
  },
)

/** A merge or a split: links of faces that moved from one person to another. */
export const PERSON_CHANGE = table(
  {
    id: text(),
    agency_id: text({ references: 'agency (id)' }),
    kind: text({ oneOf: ['merge', 'split'] }),
    from_id: text(),
    to_id: text(),
    /** JSON of `MovedLinks`, see src/people/move-links.ts. */
    moved: text(),
    reason: text(),
    changed_by: text(),
    changed_at: text(),
    undone_by: nullable(text()),
    undone_at: nullable(text()),
    undo_reason: nullable(text()),
    digest: blob(),
  },
  {
    indexes: {
      person_change_from: { on: ['from_id', 'id'] },
      person_change_to: { on: ['to_id', 'id'] },
    },
  },
)
export type PersonChangeTable = Row<typeof PERSON_CHANGE>

/** A photo of a person who is looked for, with the person's face in it. Coordinates are pixels of the upright original. */
export const PERSON_PHOTO = table(
  {
    id: text(),
    person_id: text({ references: 'person (id)' }),
    agency_id: text({ references: 'agency (id)' }),
    /** The original's; its bytes stand in the media vault. */
    sha256: text(),
    format: text(),
    byte_length: integer(),
    width_px: integer(),
    height_px: integer(),
    /** YYYY, YYYY-MM or YYYY-MM-DD: as much as is known. */
    taken_on: nullable(text()),
    note: nullable(text()),
    /** Whether whoever may decide it has agreed to this photo's being shown in public, on a poster. */
    may_publish: integer(),
    face_origin: text({ oneOf: ['detector', 'examiner'] }),
    ...FOUND_FACE,
    ...ADDED,
    digest: blob(),
  },
  {
    indexes: {
      person_photo_person: { on: ['person_id', 'id'] },
      person_photo_sha256: { on: ['sha256'] },
    },
  },
)
export type PersonPhotoTable = Row<typeof PERSON_PHOTO>

export const PERSON_PHOTO_TEMPLATE = table(
  {
    seq: generated(integer()),
    photo_id: text({ references: 'person_photo (id)' }),
    ...TEMPLATE_VECTOR,
    digest: blob(),
  },
  {
    primaryKey: ['seq'],
    autoincrement: true,
    unique: [['photo_id', 'pack_id', 'pipeline_version']],
  },
)
export type PersonPhotoTemplateTable = Row<typeof PERSON_PHOTO_TEMPLATE>
