import { ARCHIVE_TABLES } from './migrations/archive-tables.ts'
import { AUDIT_ROW_TABLES } from './migrations/audit-row-tables.ts'
import { AUDIT_OUTCOME_INDEX } from './migrations/audit-outcome-index.ts'
import { AUDIT_TABLES } from './migrations/audit-tables.ts'
import { BLIND_TABLES } from './migrations/blind-tables.ts'
import { CASE_RETENTION_TABLES } from './migrations/case-retention-tables.ts'
import { COLLECTION_BYTES } from './migrations/collection-bytes.ts'
import { DEVICE_APPROVAL_TABLES } from './migrations/device-approval-tables.ts'
import { ENQUIRY_NUMBER_TABLE } from './migrations/enquiry-number-table.ts'
import { EXAMINATION_TABLES } from './migrations/examination-tables.ts'
import { HOLD_TABLES } from './migrations/hold-tables.ts'
import { IMPORT_ANNOUNCEMENT } from './migrations/import-announcement.ts'
import { JOB_TABLES } from './migrations/job-tables.ts'
import { LIST_TABLES } from './migrations/list-tables.ts'
import { MARK_TABLES } from './migrations/mark-tables.ts'
import { MEASURED_PAIRS } from './migrations/measured-pairs.ts'
import { MISSING_TABLES } from './migrations/missing-tables.ts'
import { ONCE_TABLES } from './migrations/once-tables.ts'
import { OVERSIGHT_TABLES } from './migrations/oversight-tables.ts'
import { PEOPLE_TABLES } from './migrations/people-tables.ts'
import { PERSON_PHOTO_TABLES } from './migrations/person-photo-tables.ts'
import { PRACTICE_TABLE } from './migrations/practice-table.ts'
import { PROBE_TABLES } from './migrations/probe-tables.ts'
import { REMARK_TABLES } from './migrations/remark-tables.ts'
import { SECOND_PERSON_TABLES } from './migrations/second-person-tables.ts'
import { SERVICE_TABLES } from './migrations/service-tables.ts'
import { GRANTED_FACE_WATCH } from './migrations/granted-face-watch.ts'
import { SUSPENDED_AGENCY_WATCH } from './migrations/suspended-agency-watch.ts'
import { USED_CODE_TABLE } from './migrations/used-code-table.ts'
import { UPLOAD_TABLES } from './migrations/upload-tables.ts'
import { NOTICE_TABLES, WATCH_TABLES } from './migrations/watch-tables.ts'
import { VIDEO_INSIDE_REMARK } from './migrations/video-inside-remark.ts'
import { VIDEO_TABLES } from './migrations/video-tables.ts'

/**
 * The record's schema as an ordered list: version n is reached by running the first n entries; those that are
 * missing run in one transaction.
 * Entries are never changed once released; a change is a new entry, and a change of the declaration in tables/.
 */
export const MIGRATIONS: readonly string[] = [
  `
  create table agency (
    id text primary key, name text not null collate nocase unique, created_at text not null, digest blob not null
  ) strict;

  create table collection (
    id text primary key,
    agency_id text not null references agency (id),
    title text not null collate nocase,
    lawful_basis text not null,
    sensitivity text not null check (sensitivity in ('ordinary', 'sensitive', 'restricted')),
    retention_until text,
    created_at text not null,
    created_by text not null,
    digest blob not null,
    unique (agency_id, title)
  ) strict;

  create table collection_grant (
    id text primary key,
    collection_id text not null references collection (id),
    agency_id text not null references agency (id),
    granted_by text not null,
    granted_at text not null,
    digest blob not null,
    unique (collection_id, agency_id)
  ) strict;

  create table import (
    id text primary key,
    collection_id text not null references collection (id),
    source_kind text not null,
    location text not null,
    started_by text not null,
    started_at text not null,
    listing_by text,
    listing_until text,
    planned_at text,
    finished_at text
  ) strict;

  create table media (
    id text primary key,
    sha256 text not null unique,
    kind text not null check (kind in ('photo')),
    format text not null,
    byte_length integer not null,
    width_px integer not null,
    height_px integer not null,
    perceptual_hash text not null,
    exif_captured_at text,
    exif_latitude real,
    exif_longitude real,
    exif_device text,
    created_at text not null,
    digest blob not null
  ) strict;

  create table import_item (
    seq integer primary key autoincrement,
    import_id text not null references import (id),
    ordinal integer not null,
    name text,
    claims text,
    state text not null check (state in ('waiting', 'done', 'duplicate', 'no_face', 'unreadable', 'failed')),
    attempts integer not null default 0,
    reason text,
    detail text,
    media_id text references media (id),
    leased_by text,
    leased_until text,
    finished_at text,
    unique (import_id, ordinal)
  ) strict;
  create index import_item_state on import_item (import_id, state, ordinal);
  create index import_item_leased on import_item (import_id, leased_by) where leased_by is not null;
  create index import_item_media on import_item (media_id) where media_id is not null;

  create table media_in_collection (
    seq integer primary key autoincrement,
    media_id text not null references media (id),
    collection_id text not null references collection (id),
    added_at text not null,
    unique (media_id, collection_id)
  ) strict;
  create index media_in_collection_collection on media_in_collection (collection_id, media_id);

  create table phash_band (
    band integer not null, media_id text not null references media (id), primary key (band, media_id)
  ) strict, without rowid;
  create index phash_band_media on phash_band (media_id);

  create table near_duplicate (
    media_id text not null references media (id),
    earlier_media_id text not null references media (id),
    distance_bits integer not null,
    primary key (media_id, earlier_media_id)
  ) strict, without rowid;
  create index near_duplicate_earlier on near_duplicate (earlier_media_id);

  create table source (
    id text primary key,
    media_id text not null references media (id),
    collection_id text not null references collection (id),
    import_id text not null references import (id),
    ordinal integer not null,
    name text not null,
    source_url text,
    captured_at text,
    collector text,
    person_name text,
    person_ref text,
    note text,
    licence text,
    sensitive integer not null default 0,
    other text,
    imported_at text not null,
    digest blob not null,
    unique (import_id, ordinal)
  ) strict;
  create index source_media on source (media_id);
  create index source_url on source (source_url) where source_url is not null;
  create index source_imported_at on source (imported_at);

  create table face (
    id text primary key,
    media_id text not null references media (id),
    number integer not null,
    origin text not null check (origin in ('detector', 'examiner')),
    box_x_px real not null,
    box_y_px real not null,
    box_width_px real not null,
    box_height_px real not null,
    detection_score real not null,
    verification_score real not null,
    tilt_degrees real not null,
    five_points text not null,
    landmarks blob,
    pose text,
    quality text not null,
    unified_score real not null,
    created_at text not null,
    created_by text not null,
    digest blob not null
  ) strict;
  create index face_media on face (media_id);

  create table template (
    seq integer primary key autoincrement,
    face_id text not null references face (id),
    media_id text not null references media (id),
    pack_id text not null,
    pipeline_version text not null,
    vector blob not null,
    digest blob not null,
    unique (face_id, pack_id, pipeline_version)
  ) strict;
  create index template_media on template (media_id);

  create table collection_set (number integer primary key, members text not null unique) strict;

  create table collection_set_member (
    collection_id text not null references collection (id),
    set_number integer not null references collection_set (number),
    primary key (collection_id, set_number)
  ) strict, without rowid;

  create table index_entry (
    id integer primary key autoincrement,
    template_seq integer not null unique references template (seq),
    media_id text not null references media (id),
    label text not null,
    set_number integer not null references collection_set (number),
    day integer
  ) strict;
  create index index_entry_label on index_entry (label, id);
  create index index_entry_media on index_entry (media_id);
  create index index_entry_set on index_entry (set_number);
  create index index_entry_undated on index_entry (label, set_number) where day is null;

  create table removed_entry (seq integer primary key autoincrement, entry_id integer not null) strict;

  create table person (
    id text primary key,
    agency_id text not null references agency (id),
    ref text,
    name text,
    created_at text not null,
    created_by text not null,
    digest blob not null,
    unique (agency_id, ref)
  ) strict;

  create table person_face (
    id text primary key,
    person_id text not null references person (id),
    face_id text not null references face (id),
    link text not null check (link in ('same', 'not_same')),
    origin text not null check (origin in ('manifest', 'examiner')),
    linked_by text not null,
    linked_at text not null,
    digest blob not null,
    unique (person_id, face_id)
  ) strict;
  create index person_face_face on person_face (face_id);

  create table pending_erasure (sha256 text primary key, tombstone_id text not null) strict, without rowid;

  create table tombstone (
    id text primary key,
    kind text not null,
    reason text not null,
    erased_by text not null,
    erased_at text not null,
    media_count integer not null,
    face_count integer not null,
    digest blob not null
  ) strict;

  create table setting (key text primary key, value text not null) strict, without rowid;
  `,
  SERVICE_TABLES,
  AUDIT_TABLES,
  PROBE_TABLES,
  ONCE_TABLES,
  OVERSIGHT_TABLES,
  HOLD_TABLES,
  MARK_TABLES,
  PEOPLE_TABLES,
  EXAMINATION_TABLES,
  IMPORT_ANNOUNCEMENT,
  JOB_TABLES,
  PERSON_PHOTO_TABLES,
  MISSING_TABLES,
  CASE_RETENTION_TABLES,
  WATCH_TABLES,
  NOTICE_TABLES,
  VIDEO_TABLES,
  ARCHIVE_TABLES,
  UPLOAD_TABLES,
  REMARK_TABLES,
  ENQUIRY_NUMBER_TABLE,
  PRACTICE_TABLE,
  LIST_TABLES,
  MEASURED_PAIRS,
  AUDIT_ROW_TABLES,
  VIDEO_INSIDE_REMARK,
  SECOND_PERSON_TABLES,
  BLIND_TABLES,
  SUSPENDED_AGENCY_WATCH,
  USED_CODE_TABLE,
  AUDIT_OUTCOME_INDEX,
  DEVICE_APPROVAL_TABLES,
  GRANTED_FACE_WATCH,
  COLLECTION_BYTES,
]
