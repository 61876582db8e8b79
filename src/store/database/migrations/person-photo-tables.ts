/**
 * Photos of persons who are looked for, as families and offices gave them: they belong to the person and to no
 * collection, so searches of collections do not find them. Each has one face, the person's, with one template a pack.
 */
export const PERSON_PHOTO_TABLES = `
  create table person_photo (
    id text primary key, person_id text not null references person (id),
    agency_id text not null references agency (id), sha256 text not null,
    format text not null, byte_length integer not null, width_px integer not null, height_px integer not null,
    taken_on text, note text, may_publish integer not null,
    face_origin text not null check (face_origin in ('detector', 'examiner')),
    box text not null, five_points text not null, tilt_degrees real not null, quality text not null,
    unified_score real not null, added_by text not null, account_id text references account (id),
    added_at text not null, digest blob not null
  ) strict;
  create index person_photo_person on person_photo (person_id, id);
  create index person_photo_sha256 on person_photo (sha256);
  create table person_photo_template (
    seq integer primary key autoincrement, photo_id text not null references person_photo (id),
    pack_id text not null, pipeline_version text not null, vector blob not null, digest blob not null,
    unique (photo_id, pack_id, pipeline_version)
  ) strict;
`
