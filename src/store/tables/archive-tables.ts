import { type Row, blob, integer, nullable, table, text } from './table.ts'

export type ArchiveKind = 'warc' | 'wacz' | 'mhtml' | 'saved_page'

/**
 * What a check came to. `valid` and `invalid` were computed; `absent`: there is nothing to check; `unchecked`: there is
 * something, and it could not be checked here.
 */
export type Verdict = 'valid' | 'invalid' | 'absent' | 'unchecked'

/** A web archive from which media came; its original stands in the media vault as long as `kept` is 1. */
export const ARCHIVE_FILE = table(
  {
    id: text(),
    import_id: text({ references: 'import (id)' }),
    collection_id: text({ references: 'collection (id)' }),
    kind: text<ArchiveKind>(),
    /** Path below the folder that was imported, or its file name. */
    name: text(),
    sha256: text(),
    byte_length: integer(),
    records: integer(),
    pages: integer(),
    /** Of the hashes that the package lists of its files. */
    package_verdict: text<Verdict>({ oneOf: ['valid', 'invalid', 'absent', 'unchecked'] }),
    signature_verdict: text<Verdict>({ oneOf: ['valid', 'invalid', 'absent', 'unchecked'] }),
    /** Domain, or the key of an anonymous signature. */
    signed_by: nullable(text()),
    /** As the signature says. */
    signed_at: nullable(text()),
    /** Software that wrote it. */
    software: nullable(text()),
    /** JSON array of sentences about what is wrong with it. */
    problems: text(),
    /** 0 once its bytes were erased, because something in them was. */
    kept: integer(),
    imported_at: text(),
    digest: blob(),
  },
  {
    indexes: {
      archive_file_import: { on: ['import_id', 'sha256'] },
      archive_file_collection: { on: ['collection_id'] },
      archive_file_sha256: { on: ['sha256'] },
    },
  },
)
export type ArchiveFileTable = Row<typeof ARCHIVE_FILE>

/** Derived: where each response of a kept archive stands in it, for replay. */
export const ARCHIVE_RECORD = table(
  {
    archive_id: text({ references: 'archive_file (id)' }),
    url: text(),
    captured_at: text(),
    mime: text(),
    /** JSON of a `Place`, see src/sources/web-archive/capture.ts. */
    place: text(),
  },
  {
    indexes: {
      archive_record_url: { on: ['archive_id', 'url'] },
    },
  },
)

/** What an archive or a tool says of a source: apart from what the importer claims, and from what the file says. */
export const SOURCE_CAPTURE = table(
  {
    source_id: text({ references: 'source (id)' }),
    media_id: text({ references: 'media (id)' }),
    /** Null when the file stood alone beside its tool's list. */
    archive_id: nullable(text({ references: 'archive_file (id)' })),
    tool: text(),
    page_url: nullable(text()),
    digest_verdict: text<Verdict>({ oneOf: ['valid', 'invalid', 'absent', 'unchecked'] }),
    /** JSON of a `Capture`. */
    capture: text(),
    digest: blob(),
  },
  {
    primaryKey: ['source_id'],
    indexes: {
      source_capture_media: { on: ['media_id'] },
      source_capture_archive: { on: ['archive_id'], where: 'archive_id is not null' },
      source_capture_page: { on: ['page_url'], where: 'page_url is not null' },
    },
  },
)

/** What a media file says of itself, as far as it was read. */
export const MEDIA_PROVENANCE = table(
  {
    media_id: text({ references: 'media (id)' }),
    /** JSON of `FileProvenance`, see src/sources/exif/file-provenance.ts. */
    facts: text(),
    digest: blob(),
  },
  {
    primaryKey: ['media_id'],
  },
)
