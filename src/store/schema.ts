import type { ImportItemState } from './list-schema.ts'
import type {
  SourceWordsTable,
  CollectionCountTable,
  ImportCountTable,
  PhashBandTable,
  NearDuplicateTable,
} from './list-schema.ts'
import type { Generated } from 'kysely'
import type {
  DisappearanceTable,
  EnquiryAnswerTable,
  EnquiryNumberTable,
  EnquiryTable,
  PersonContactTable,
} from './missing-schema.ts'
import type {
  PersonChangeTable,
  PersonNameKeyTable,
  PersonNameTable,
  PersonPhotoTable,
  PersonPhotoTemplateTable,
  PersonRecordTable,
} from './people-schema.ts'
import type {
  ArchiveFileTable,
  ArchiveKind,
  ArchiveRecordTable,
  MediaProvenanceTable,
  SourceCaptureTable,
} from './archive-schema.ts'
import type { LineupPrintTable, ProbePrintTable, UnblindingTable } from './blind-schema.ts'
import type { ServiceTables } from './service-schema.ts'
import type { WatchTables } from './watch-schema.ts'
import type { UploadTables } from './upload-schema.ts'
import type { VideoTables } from './video-schema.ts'

/**
 * The record's tables as Kysely sees them. Times are UTC ISO strings, ids UUIDv7, booleans 0 or 1.
 * `digest` is the row's own checksum, see row-digest.ts.
 */
export interface RecordTables extends ServiceTables, WatchTables, VideoTables, UploadTables {
  agency: AgencyTable
  collection: CollectionTable
  collection_grant: CollectionGrantTable
  import: ImportTable
  import_item: ImportItemTable
  media: MediaTable
  media_in_collection: MediaInCollectionTable
  source_words: SourceWordsTable
  collection_count: CollectionCountTable
  import_count: ImportCountTable
  person_unkeyed: { agency_id: string; person_id: string }
  phash_band: PhashBandTable
  near_duplicate: NearDuplicateTable
  source: SourceTable
  source_capture: SourceCaptureTable
  archive_file: ArchiveFileTable
  archive_record: ArchiveRecordTable
  media_provenance: MediaProvenanceTable
  photo_remark: PhotoRemarkTable
  face: FaceTable
  template: TemplateTable
  person: PersonTable
  person_face: PersonFaceTable
  person_record: PersonRecordTable
  person_name: PersonNameTable
  person_name_key: PersonNameKeyTable
  person_change: PersonChangeTable
  person_photo: PersonPhotoTable
  person_photo_template: PersonPhotoTemplateTable
  disappearance: DisappearanceTable
  person_contact: PersonContactTable
  enquiry: EnquiryTable
  enquiry_number: EnquiryNumberTable
  enquiry_answer: EnquiryAnswerTable
  collection_set: CollectionSetTable
  collection_set_member: CollectionSetMemberTable
  index_entry: IndexEntryTable
  removed_entry: RemovedEntryTable
  pending_erasure: PendingErasureTable
  tombstone: TombstoneTable
  legal_hold: LegalHoldTable
  audit_event: AuditEventTable
  audit_row: AuditRowTable
  setting: SettingTable
  probe_print: ProbePrintTable
  lineup_print: LineupPrintTable
  unblinding: UnblindingTable
}

/** How a file was read, by its bytes; see photo-remarks.ts. */
export interface PhotoRemarkTable {
  sha256: string
  kind: 'cut_short' | 'more_pictures' | 'raw_preview' | 'video_inside'
  count: number | null
}

export interface AgencyTable {
  id: string
  name: string
  created_at: string
  /** 1: devices that an account has not used before wait for approval; null: they do not. */
  approves_devices: number | null
  digest: Uint8Array
}

/** How carefully a collection's pictures are shown: `sensitive` are blurred until asked for, `restricted` also need a grant by name. */
export type Sensitivity = 'ordinary' | 'sensitive' | 'restricted'

export interface CollectionTable {
  id: string
  agency_id: string
  title: string
  lawful_basis: string
  sensitivity: Sensitivity
  /** Date (YYYY-MM-DD) after which everything in it must be erased. */
  retention_until: string | null
  created_at: string
  created_by: string
  digest: Uint8Array
}

export interface CollectionGrantTable {
  id: string
  collection_id: string
  agency_id: string
  granted_by: string
  granted_at: string
  digest: Uint8Array
}

/** While a collection has one that is not lifted, nothing of it is erased because of its date. */
export interface LegalHoldTable {
  id: string
  collection_id: string
  reason: string
  imposed_by: string
  imposed_at: string
  lifted_by: string | null
  lifted_at: string | null
  lift_reason: string | null
  digest: Uint8Array
}

/** `upload`: files are sent through the service, one by one. */
export type SourceKind = 'folder' | 'file' | 'zip' | 'tar' | 'csv' | 'jsonl' | 'upload' | ArchiveKind

export interface ImportTable {
  id: string
  collection_id: string
  source_kind: SourceKind
  /** Absolute path of the folder, file, archive or manifest. */
  location: string
  started_by: string
  started_at: string
  /** Who lists the source now, and until when others leave it alone. */
  listing_by: string | null
  listing_until: string | null
  /** Files that whoever sends them said would come; null when they did not, and for sources that are listed. */
  announced: number | null
  /** When every item of the source was listed; null while listing or when listing was cut off. */
  planned_at: string | null
  finished_at: string | null
  /** When whoever sent the files said that no more come; videos may still be read. */
  closed_at?: string | null | undefined
}

export interface ImportItemTable {
  seq: Generated<number>
  import_id: string
  /** Place in the source, from 0: what makes listing the source again add nothing twice. */
  ordinal: number
  /** Path of the file, or name inside the archive; null after erasure. */
  name: string | null
  /** JSON of what a manifest says about the file; null when nothing. */
  claims: string | null
  state: ImportItemState
  attempts: number
  reason: string | null
  detail: string | null
  media_id: string | null
  leased_by: string | null
  leased_until: string | null
  finished_at: string | null
}

export interface MediaTable {
  id: string
  /** 64 hex digits; the name in the media vault. */
  sha256: string
  kind: 'photo' | 'video'
  format: string
  byte_length: number
  width_px: number
  height_px: number
  perceptual_hash: string
  /** From EXIF: local time of the camera as written, without zone unless the camera said one. */
  exif_captured_at: string | null
  exif_latitude: number | null
  exif_longitude: number | null
  exif_device: string | null
  created_at: string
  digest: Uint8Array
}

export interface MediaInCollectionTable {
  seq: Generated<number>
  media_id: string
  collection_id: string
  added_at: string
  /** Derived, kept by triggers; see [Note: lists by index]. */
  has_faces: Generated<number>
}

/** Where media came from, as the importer claimed it. One row for each time the same bytes came in. */
export interface SourceTable {
  id: string
  media_id: string
  collection_id: string
  import_id: string
  ordinal: number
  name: string
  source_url: string | null
  captured_at: string | null
  collector: string | null
  person_name: string | null
  person_ref: string | null
  note: string | null
  licence: string | null
  sensitive: number
  /** JSON object of manifest columns without a meaning here; values are text. */
  other: string | null
  imported_at: string
  digest: Uint8Array
}

export interface FaceTable {
  id: string
  media_id: string
  number: number
  origin: 'detector' | 'examiner'
  box_x_px: number
  box_y_px: number
  box_width_px: number
  box_height_px: number
  detection_score: number
  verification_score: number
  tilt_degrees: number
  /** JSON of five points, pixels of the upright original. */
  five_points: string
  /** 68 x,y pairs as little-endian float32, pixels of the upright original; null without a landmark model. */
  landmarks: Uint8Array | null
  /** JSON of the head pose, or null. */
  pose: string | null
  /** JSON of the quality measures. */
  quality: string
  unified_score: number
  created_at: string
  created_by: string
  digest: Uint8Array
}

export interface TemplateTable {
  seq: Generated<number>
  face_id: string
  media_id: string
  pack_id: string
  pipeline_version: string
  /** Unit vector, little-endian float32. */
  vector: Uint8Array
  digest: Uint8Array
}

export interface PersonTable {
  id: string
  agency_id: string
  /** The importer's or the agency's own reference; unique in the agency. */
  ref: string | null
  name: string | null
  created_at: string
  created_by: string
  digest: Uint8Array
}

export interface PersonFaceTable {
  id: string
  person_id: string
  face_id: string
  link: 'same' | 'not_same'
  /** `manifest`: claimed by the importer for a photo with one face; `examiner`: decided by a person. */
  origin: 'manifest' | 'examiner'
  linked_by: string
  linked_at: string
  digest: Uint8Array
}

/** A combination of collections that some media are in; the number is the tag of their faces in the index. */
export interface CollectionSetTable {
  number: number
  /** Ids of the collections, sorted, with commas between. */
  members: string
}

export interface CollectionSetMemberTable {
  collection_id: string
  set_number: number
}

/** What the index holds of a template, see index-feed.ts. Replaced by a row with a new id whenever any of it changes. */
export interface IndexEntryTable {
  id: Generated<number>
  template_seq: number
  media_id: string
  label: string
  set_number: number
  /** Day of capture, counted from 1970-01-01; null when nobody knows it. */
  day: number | null
}

/** Entries that indexes must drop, in the order in which they went. */
export interface RemovedEntryTable {
  seq: Generated<number>
  entry_id: number
}

/** Originals whose rows are gone and whose bytes are about to be; what a killed erasure goes on with. */
export interface PendingErasureTable {
  sha256: string
  tombstone_id: string
}

export interface TombstoneTable {
  id: string
  kind: 'media' | 'person' | 'source' | 'before' | 'retention'
  reason: string
  erased_by: string
  erased_at: string
  media_count: number
  face_count: number
  digest: Uint8Array
}

/** One event of the audit log; see audit-chain.ts. Never changed, never deleted. */
export interface AuditEventTable {
  /** 1, 2, 3 …: a gap is a removed event. */
  seq: number
  id: string
  at: string
  /** Name of who acted, as it was then. */
  actor: string
  /** Null for the operator of this machine. */
  account_id: string | null
  roles: string | null
  agency_id: string | null
  action: string
  /** Kind and id of what was acted on; never a name of a person in a photo. */
  subject: string | null
  case_id: string | null
  purpose: string | null
  outcome: 'done' | 'refused' | 'failed'
  request_id: string | null
  address: string | null
  /** JSON of counts and parameters. */
  details: string | null
  /** 64 hex digits. */
  chain_hash: string
  /** SHA-256 over the rows that the event wrote, see bound-rows.ts; null when it wrote none. */
  rows_hash: string | null
  /** JSON array of [table, id] of those rows; null when it wrote none. */
  row_list: string | null
  digest: Uint8Array
}

/** A row that an event wrote, changed or removed; see bound-rows.ts. Never deleted, and never changed but for the salt. */
export interface AuditRowTable {
  table_name: string
  row_id: string
  event_seq: number
  /** Null when the event removed the row. */
  row_hash: string | null
  /** What was hashed with the row; null once a later event wrote it: what it held before cannot be tried then. */
  salt: string | null
}

export interface SettingTable {
  key: string
  value: string
}
