import type { ArchiveKind } from './archive-tables.ts'
import { type Row, generated, integer, nullable, table, text } from './table.ts'

export type ImportItemState = 'waiting' | 'done' | 'duplicate' | 'no_face' | 'unreadable' | 'failed'

/** `upload`: files are sent through the service, one by one. */
export type SourceKind = 'folder' | 'file' | 'zip' | 'tar' | 'csv' | 'jsonl' | 'upload' | ArchiveKind

export const IMPORT = table(
  {
    id: text(),
    collection_id: text({ references: 'collection (id)' }),
    source_kind: text<SourceKind>(),
    /** Absolute path of the folder, file, archive or manifest. */
    location: text(),
    started_by: text(),
    started_at: text(),
    /** Who lists the source now, and until when others leave it alone. */
    listing_by: nullable(text()),
    listing_until: nullable(text()),
    /** Files that whoever sends them said would come; null when they did not, and for sources that are listed. */
    announced: nullable(integer()),
    /** When every item of the source was listed; null while listing or when listing was cut off. */
    planned_at: nullable(text()),
    finished_at: nullable(text()),
    /** When whoever sent the files said that no more come; videos may still be read. */
    closed_at: nullable(text()),
  },
  {
    indexes: {
      import_collection: { on: ['collection_id', 'id'] },
    },
  },
)
export type ImportTable = Row<typeof IMPORT>

export const IMPORT_ITEM = table(
  {
    seq: generated(integer()),
    import_id: text({ references: 'import (id)' }),
    /** Place in the source, from 0: what makes listing the source again add nothing twice. */
    ordinal: integer(),
    /** Path of the file, or name inside the archive; null after erasure. */
    name: nullable(text()),
    /** JSON of what a manifest says about the file; null when nothing. */
    claims: nullable(text()),
    state: text<ImportItemState>({
      oneOf: ['waiting', 'done', 'duplicate', 'no_face', 'unreadable', 'failed'],
    }),
    attempts: integer({ defaultTo: '0' }),
    reason: nullable(text()),
    detail: nullable(text()),
    media_id: nullable(text({ references: 'media (id)' })),
    leased_by: nullable(text()),
    leased_until: nullable(text()),
    finished_at: nullable(text()),
  },
  {
    primaryKey: ['seq'],
    autoincrement: true,
    unique: [['import_id', 'ordinal']],
    indexes: {
      import_item_state: { on: ['import_id', 'state', 'ordinal'] },
      import_item_leased: { on: ['import_id', 'leased_by'], where: 'leased_by is not null' },
      import_item_media: { on: ['media_id'], where: 'media_id is not null' },
      import_item_name: { on: ['import_id', 'name'] },
      import_item_differing: { on: ['import_id', 'ordinal'], where: "reason = 'digest_differs'" },
    },
  },
)

/** Derived: items of an import in each state. */
export const IMPORT_COUNT = table(
  {
    import_id: text(),
    state: text<ImportItemState>(),
    items: integer(),
  },
  {
    primaryKey: ['import_id', 'state'],
    withoutRowid: true,
  },
)

/** A file that is sent in parts, until what it holds is taken in. */
export const UPLOAD = table(
  {
    id: text(),
    import_id: text({ references: 'import (id)' }),
    name: text(),
    claims: nullable(text()),
    byte_length: integer(),
    received: integer(),
    account_id: text({ references: 'account (id)' }),
    request_id: text(),
    address: text(),
    started_at: text(),
    /** It came whole, and waits to be read. */
    finished_at: nullable(text()),
    /** By its first bytes, once it came whole. */
    is_video: nullable(integer()),
    /** It is a web archive that was kept, and whose files are listed as items of the import; its parts are gone. */
    archive_sha256: nullable(text()),
  },
  {
    unique: [['import_id', 'name']],
  },
)
export type UploadTable = Row<typeof UPLOAD>

/** Bytes that have come, in the folder `uploads`, from the place `at` on. */
export const UPLOAD_PART = table(
  {
    upload_id: text({ references: 'upload (id)' }),
    at: integer(),
    byte_length: integer(),
    sha256: text(),
  },
  {
    primaryKey: ['upload_id', 'at'],
    withoutRowid: true,
    indexes: {
      upload_part_sha256: { on: ['sha256'] },
    },
  },
)
export type UploadPartTable = Row<typeof UPLOAD_PART>
