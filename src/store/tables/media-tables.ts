import { type Row, blob, computed, generated, integer, nullable, real, table, text } from './table.ts'

export const MEDIA = table(
  {
    id: text(),
    /** 64 hex digits; the name in the media vault. */
    sha256: text(),
    kind: text({ oneOf: ['photo', 'video'], defaultTo: "'photo'" }),
    format: text(),
    byte_length: integer(),
    width_px: integer(),
    height_px: integer(),
    perceptual_hash: text(),
    /** From EXIF: local time of the camera as written, without zone unless the camera said one. */
    exif_captured_at: nullable(text()),
    exif_latitude: nullable(real()),
    exif_longitude: nullable(real()),
    exif_device: nullable(text()),
    created_at: text(),
    digest: blob(),
  },
  {
    unique: [['sha256']],
  },
)
export type MediaTable = Row<typeof MEDIA>

export const MEDIA_IN_COLLECTION = table(
  {
    seq: generated(integer()),
    media_id: text({ references: 'media (id)' }),
    collection_id: text({ references: 'collection (id)' }),
    added_at: text(),
    /** Derived, kept by triggers; see [Note: lists by index]. */
    has_faces: generated(integer({ defaultTo: '0' })),
  },
  {
    primaryKey: ['seq'],
    autoincrement: true,
    unique: [['media_id', 'collection_id']],
    indexes: {
      media_in_collection_collection: { on: ['collection_id', 'media_id'] },
      media_in_collection_newest: { on: ['collection_id'] },
      media_in_collection_faces: { on: ['collection_id', 'has_faces'] },
      media_in_collection_added: { on: ['collection_id', 'added_at'] },
    },
  },
)

/** Where media came from, as the importer claimed it. One row for each time the same bytes came in. */
export const SOURCE = table(
  {
    id: text(),
    media_id: text({ references: 'media (id)' }),
    collection_id: text({ references: 'collection (id)' }),
    import_id: text({ references: 'import (id)' }),
    ordinal: integer(),
    name: text(),
    source_url: nullable(text()),
    captured_at: nullable(text()),
    collector: nullable(text()),
    person_name: nullable(text()),
    person_ref: nullable(text()),
    note: nullable(text()),
    licence: nullable(text()),
    sensitive: integer({ defaultTo: '0' }),
    /** JSON object of manifest columns without a meaning here; values are text. */
    other: nullable(text()),
    imported_at: text(),
    digest: blob(),
  },
  {
    unique: [['import_id', 'ordinal']],
    indexes: {
      source_media: { on: ['media_id'] },
      source_url: { on: ['source_url'], where: 'source_url is not null' },
      source_imported_at: { on: ['imported_at'] },
    },
  },
)
export type SourceTable = Row<typeof SOURCE>

/** Derived: the words of each source, which `word_index` finds; see [Note: lists by index]. */
export const SOURCE_WORDS = table(
  {
    seq: integer(),
    source_id: text(),
    /** Words for the collection and for whether the photo has faces. */
    scope: text(),
    /** As it is written. */
    said: text(),
    /** Both, folded. */
    words: computed(nullable(text())),
    fold_1: computed(nullable(text())),
    fold_2: computed(nullable(text())),
  },
  {
    primaryKey: ['seq'],
    unique: [['source_id']],
  },
)

export const LIST_FILL = table(
  {
    id: integer(),
    reached: integer(),
    goal: integer(),
  },
  {
    checks: ['id = 1'],
  },
)

/** How a file was read, by its bytes; see photo-remarks.ts. */
export const PHOTO_REMARK = table(
  {
    sha256: text(),
    kind: text({ oneOf: ['cut_short', 'more_pictures', 'raw_preview', 'video_inside'] }),
    count: nullable(integer()),
  },
  {
    primaryKey: ['sha256', 'kind'],
    withoutRowid: true,
  },
)
export type PhotoRemarkTable = Row<typeof PHOTO_REMARK>

/** Derived: four 16-bit quarters of each perceptual hash, for finding near duplicates. */
export const PHASH_BAND = table(
  {
    band: integer(),
    media_id: text({ references: 'media (id)' }),
  },
  {
    primaryKey: ['band', 'media_id'],
    withoutRowid: true,
    indexes: {
      phash_band_media: { on: ['media_id'] },
    },
  },
)

export const NEAR_DUPLICATE = table(
  {
    media_id: text({ references: 'media (id)' }),
    earlier_media_id: text({ references: 'media (id)' }),
    distance_bits: integer(),
  },
  {
    primaryKey: ['media_id', 'earlier_media_id'],
    withoutRowid: true,
    indexes: {
      near_duplicate_earlier: { on: ['earlier_media_id'] },
    },
  },
)

/** Something made from an original, which may be deleted and is made again: its bytes stand in the folder `derived`. */
export const DERIVATIVE = table(
  {
    id: text(),
    media_id: text({ references: 'media (id)' }),
    kind: text({ oneOf: ['still', 'copy'] }),
    /** Of a still: its `pts`. */
    name: text(),
    sha256: text(),
    byte_length: integer(),
    /** JSON: how it is made again. */
    recipe: text(),
    used_at: text(),
  },
  {
    unique: [['media_id', 'kind', 'name']],
    indexes: {
      derivative_sha256: { on: ['sha256'] },
      derivative_used: { on: ['kind', 'used_at'] },
    },
  },
)
export type DerivativeTable = Row<typeof DERIVATIVE>
