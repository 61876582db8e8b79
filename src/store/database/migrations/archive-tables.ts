/** Web archives, what they say of the media that came out of them, and what media files say of themselves. */
export const ARCHIVE_TABLES = `
  create table archive_file (
    id text primary key,
    import_id text not null references import (id),
    collection_id text not null references collection (id),
    kind text not null, name text not null,
    sha256 text not null, byte_length integer not null,
    records integer not null, pages integer not null,
    package_verdict text not null check (package_verdict in ('valid', 'invalid', 'absent', 'unchecked')),
    signature_verdict text not null check (signature_verdict in ('valid', 'invalid', 'absent', 'unchecked')),
    signed_by text, signed_at text, software text,
    problems text not null, kept integer not null, imported_at text not null, digest blob not null
  ) strict;
  create index archive_file_import on archive_file (import_id, sha256);
  create index archive_file_collection on archive_file (collection_id);
  create index archive_file_sha256 on archive_file (sha256);

  create table archive_record (
    archive_id text not null references archive_file (id),
    url text not null, captured_at text not null, mime text not null, place text not null
  ) strict;
  create index archive_record_url on archive_record (archive_id, url);

  create table source_capture (
    source_id text primary key references source (id),
    media_id text not null references media (id),
    archive_id text references archive_file (id),
    tool text not null, page_url text,
    digest_verdict text not null check (digest_verdict in ('valid', 'invalid', 'absent', 'unchecked')),
    capture text not null, digest blob not null
  ) strict;
  create index source_capture_media on source_capture (media_id);
  create index source_capture_archive on source_capture (archive_id) where archive_id is not null;
  create index source_capture_page on source_capture (page_url) where page_url is not null;

  create table media_provenance (
    media_id text primary key references media (id), facts text not null, digest blob not null
  ) strict;
`
