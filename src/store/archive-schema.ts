/**
 * What a check came to. `valid` and `invalid` were computed; `absent`: there is nothing to check; `unchecked`: there is
 * something, and it could not be checked here.
 */
export type Verdict = 'valid' | 'invalid' | 'absent' | 'unchecked'

export type ArchiveKind = 'warc' | 'wacz' | 'mhtml' | 'saved_page'

/** A web archive from which media came; its original stands in the media vault as long as `kept` is 1. */
export interface ArchiveFileTable {
  id: string
  import_id: string
  collection_id: string
  kind: ArchiveKind
  /** Path below the folder that was imported, or its file name. */
  name: string
  sha256: string
  byte_length: number
  records: number
  pages: number
  /** Of the hashes that the package lists of its files. */
  package_verdict: Verdict
  signature_verdict: Verdict
  /** Domain, or the key of an anonymous signature. */
  signed_by: string | null
  /** As the signature says. */
  signed_at: string | null
  /** Software that wrote it. */
  software: string | null
  /** JSON array of sentences about what is wrong with it. */
  problems: string
  /** 0 once its bytes were erased, because something in them was. */
  kept: number
  imported_at: string
  digest: Uint8Array
}

/** Derived: where each response of a kept archive stands in it, for replay. */
export interface ArchiveRecordTable {
  archive_id: string
  url: string
  captured_at: string
  mime: string
  /** JSON of a `Place`, see src/sources/web-archive/capture.ts. */
  place: string
}

/** What an archive or a tool says of a source: apart from what the importer claims, and from what the file says. */
export interface SourceCaptureTable {
  source_id: string
  media_id: string
  /** Null when the file stood alone beside its tool's list. */
  archive_id: string | null
  tool: string
  page_url: string | null
  digest_verdict: Verdict
  /** JSON of a `Capture`. */
  capture: string
  digest: Uint8Array
}

/** What a media file says of itself, as far as it was read. */
export interface MediaProvenanceTable {
  media_id: string
  /** JSON of `FileProvenance`, see src/sources/exif/file-provenance.ts. */
  facts: string
  digest: Uint8Array
}
