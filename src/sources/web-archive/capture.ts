import type { ArchiveKind, Verdict } from '../../store/tables/archive-tables.ts'
import type { RefusalReason } from '../refusal.ts'

/** What held a file and says something of it. `hash_list`: a list of hashes beside it. */
export type CaptureTool = ArchiveKind | 'auto_archiver' | 'hunchly' | 'uwazi' | 'hash_list'

/** How it is known that a picture stood on a page, from the surest down. */
export type PageEvidence = 'page_id' | 'html' | 'css' | 'referer'

export interface PageOfPicture {
  url: string
  title?: string
  how: PageEvidence
}

/** Where a file's bytes stand inside an archive. */
export interface Place {
  /** Path of the archive below the folder that is imported; absent when the archive itself is. */
  file?: string
  /** Name inside a zip package, where its data begin in the zip, how many bytes they are, whether the zip compresses them. */
  member?: string
  from?: number
  bytes?: number
  deflated?: boolean
  /** Of the record, or of the gzip member that holds it. */
  at: number
  /** Uncompressed bytes before the record inside its gzip member. */
  skip?: number
  /** Bytes of a part of MHTML, still encoded. */
  length?: number
  /** Content-Transfer-Encoding of a part of MHTML. */
  encoding?: string
}

export interface ClaimedDigest {
  verdict: Verdict
  /** As written, e.g. `sha1:…`; undefined when absent. */
  claimed?: string
  /** Of the same kind, over what is there. */
  observed?: string
}

/** What an archive, or the tool that wrote it, says of one file. Kept apart from what importers claim. */
export interface Capture {
  tool: CaptureTool
  /** SHA-256 of the archive that holds it; undefined for a file that stands alone beside its tool's list. */
  archive?: string
  place?: Place
  recordId?: string
  resourceUrl?: string
  /** When the archive says that it was fetched, ISO 8601. */
  capturedAt?: string
  /** Of HTTP. */
  status?: number
  headers?: [string, string][]
  pages: PageOfPicture[]
  digest: ClaimedDigest
  /** Of a revisit record: id or address of the record that holds the bytes. */
  revisitOf?: string
  /** Other statements of the tool, as text. */
  other?: Record<string, string>
}

/** One response or resource of an archive, for replay. Derived: a survey of the archive gives it again. */
export interface IndexedRecord {
  url: string
  capturedAt: string
  mime: string
  place: Place
}

/** What is known of an archive as a whole. */
export interface ArchiveFacts {
  kind: ArchiveKind
  /** Path below the folder that is imported, or its file name. */
  name: string
  sha256: string
  byteLength: number
  records: number
  pages: number
  /** Hashes that the package lists of its files. */
  packageVerdict: Verdict
  signatureVerdict: Verdict
  /** Domain, or the public key of an anonymous signature. */
  signedBy?: string
  signedAt?: string
  /** Software that wrote it. */
  software?: string
  /** Sentences that say what is wrong. */
  problems: string[]
}

/** Thrown inside the reading of an archive when it cannot go on; what was read before counts. */
export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault'
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, message: string) {
    super(message)
    this.reason = reason
  }
}
