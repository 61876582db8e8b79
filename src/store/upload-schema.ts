/** Tables of files on their way in as Kysely sees them; see migrations/upload-tables.ts and docs/decisions/sending-in-parts.md. */
export interface UploadTables {
  upload: UploadTable
  upload_part: UploadPartTable
}

/** A file that is sent in parts, until what it holds is taken in. */
export interface UploadTable {
  id: string
  import_id: string
  name: string
  claims: string | null
  byte_length: number
  received: number
  account_id: string
  request_id: string
  address: string
  started_at: string
  /** It came whole, and waits to be read. */
  finished_at: string | null
  /** By its first bytes, once it came whole. */
  is_video: number | null
  /** It is a web archive that was kept, and whose files are listed as items of the import; its parts are gone. */
  archive_sha256: string | null
}

/** Bytes that have come, in the folder `uploads`, from the place `at` on. */
export interface UploadPartTable {
  upload_id: string
  at: number
  byte_length: number
  sha256: string
}
