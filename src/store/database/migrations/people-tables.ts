/**
 * What people write down about persons, beside the bare rows that imports make: the record (same id as the person),
 * names, merges and splits. `person_name_key` is derived: what names are searched by, see src/people/name-index.ts.
 */
export const PEOPLE_TABLES = `
  create table person_record (
    id text primary key references person (id), agency_id text not null references agency (id),
    status text not null check (status in
      ('missing', 'unidentified_dead', 'dead', 'detained', 'displaced', 'found', 'of_interest')),
    birth_date text, birth_approximate integer not null, affiliation text, note text,
    ante_mortem text not null, post_mortem text not null, retired_by text,
    changed_by text not null, changed_at text not null, digest blob not null
  ) strict;
  create index person_record_agency on person_record (agency_id, status, id);
  create table person_name (
    id text primary key, person_id text not null references person (id),
    kind text not null check (kind in ('main', 'birth', 'alias', 'spelling')),
    given text, patronymic text, family text, written text not null, script text not null,
    added_by text not null, added_at text not null, digest blob not null
  ) strict;
  create index person_name_person on person_name (person_id, id);
  create table person_name_key (
    agency_id text not null, key text not null, person_id text not null, primary key (agency_id, key, person_id)
  ) strict, without rowid;
  create index person_name_key_person on person_name_key (person_id);
  create table person_change (
    id text primary key, agency_id text not null references agency (id),
    kind text not null check (kind in ('merge', 'split')), from_id text not null, to_id text not null,
    moved text not null, reason text not null, changed_by text not null, changed_at text not null,
    undone_by text, undone_at text, undo_reason text, digest blob not null
  ) strict;
  create index person_change_from on person_change (from_id, id);
  create index person_change_to on person_change (to_id, id);
`
