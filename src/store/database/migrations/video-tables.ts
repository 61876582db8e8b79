/**
 * Videos. The column `kind` of media gets another check by being made anew: SQLite cannot change a check, and building the
 * whole table again would touch every row that refers to it. The values stay, so the digests of the rows hold.
 *
 * What a video adds to media and faces stands in tables of its own: a new column would change every digest.
 */
export const VIDEO_TABLES = `
  alter table media add column kind_made_anew text not null default 'photo'
    check (kind_made_anew in ('photo', 'video'));
  update media set kind_made_anew = kind;
  alter table media drop column kind;
  alter table media rename column kind_made_anew to kind;

  create table video (
    media_id text primary key references media (id),
    container text not null,
    duration_s real not null,
    codec text not null,
    stream_index integer not null,
    rotation_degrees integer not null,
    frames_a_second real not null,
    is_variable integer not null,
    streams text not null,
    sampled_a_second real not null,
    frames_looked_at integer not null,
    frames_read integer not null,
    track_count integer not null,
    note text,
    ffmpeg_version text not null,
    digest blob not null
  ) strict;

  create table video_track (
    id text primary key,
    media_id text not null references media (id),
    number integer not null,
    first_s real not null,
    last_s real not null,
    sightings integer not null,
    digest blob not null,
    unique (media_id, number)
  ) strict;

  create table video_face (
    face_id text primary key references face (id),
    media_id text not null references media (id),
    track_id text not null references video_track (id),
    role text not null check (role in ('track', 'best', 'kept')),
    time_s real not null,
    pts integer not null,
    pixels_sha256 text not null,
    others text not null,
    fused_from text,
    digest blob not null
  ) strict;
  create index video_face_media on video_face (media_id);
  create index video_face_track on video_face (track_id, time_s);

  create table video_trace (
    id text primary key,
    media_id text not null references media (id),
    track_id text not null references video_track (id),
    pack_id text not null,
    pipeline_version text not null,
    times_s blob not null,
    vectors blob not null,
    digest blob not null
  ) strict;
  create index video_trace_track on video_trace (track_id);
  create index video_trace_media on video_trace (media_id);

  create table video_progress (
    sha256 text primary key,
    import_id text not null references import (id),
    ordinal integer not null,
    next_s real not null,
    duration_s real,
    frames integer not null,
    faces integer not null,
    state blob not null,
    updated_at text not null
  ) strict, without rowid;
  create index video_progress_import on video_progress (import_id, ordinal);

  create table video_progress_part (
    sha256 text not null references video_progress (sha256) on delete cascade,
    number integer not null,
    tracks blob not null,
    trace blob not null,
    primary key (sha256, number)
  ) strict, without rowid;

  create table derivative (
    id text primary key,
    media_id text not null references media (id),
    kind text not null check (kind in ('still', 'copy')),
    name text not null,
    sha256 text not null,
    byte_length integer not null,
    recipe text not null,
    used_at text not null,
    unique (media_id, kind, name)
  ) strict;
  create index derivative_sha256 on derivative (sha256);
  create index derivative_used on derivative (kind, used_at);

  create table probe_frame (
    probe_id text primary key references probe (id),
    media_sha256 text not null,
    stream_index integer not null,
    pts integer not null,
    time_s real not null,
    pixels_sha256 text not null,
    ffmpeg_version text not null,
    digest blob not null
  ) strict;

  alter table import add column closed_at text;

  create table video_upload (
    id text primary key,
    import_id text not null references import (id),
    name text not null,
    claims text,
    byte_length integer not null,
    received integer not null,
    account_id text not null references account (id),
    request_id text not null,
    address text not null,
    started_at text not null,
    finished_at text,
    unique (import_id, name)
  ) strict;

  create table video_upload_part (
    upload_id text not null references video_upload (id),
    at integer not null,
    byte_length integer not null,
    sha256 text not null,
    primary key (upload_id, at)
  ) strict, without rowid;
  create index video_upload_part_sha256 on video_upload_part (sha256);
`
