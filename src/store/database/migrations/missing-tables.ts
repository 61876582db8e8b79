/**
 * What is known of how a person went missing or was found, whom to turn to about them, and what families ask. Contacts
 * and enquiries stand apart from the person's record: they are for liaison only.
 */
export const MISSING_TABLES = `
  create table disappearance (
    id text primary key references person (id), agency_id text not null references agency (id),
    last_seen_on text, last_seen_place text, marks text, clothing text, circumstances text, photo_urls text,
    basis text not null check (basis in ('consent', 'legal')), basis_detail text not null,
    may_publish integer not null, keep_until text,
    changed_by text not null, changed_at text not null, digest blob not null
  ) strict;
  create index disappearance_keep on disappearance (keep_until) where keep_until is not null;
  create table person_contact (
    id text primary key, person_id text not null references person (id),
    agency_id text not null references agency (id), name text not null, relation text,
    telephone text, email text, address text, note text,
    added_by text not null, added_at text not null, digest blob not null
  ) strict;
  create index person_contact_person on person_contact (person_id, id);
  create table enquiry (
    id text primary key, agency_id text not null references agency (id), number text not null,
    person_id text not null references person (id), enquirer text not null, relation text not null,
    telephone text, email text, address text, received_on text not null, channel text not null,
    question text not null, state text not null check (state in ('open', 'answered', 'closed')),
    opened_by text not null, opened_at text not null, changed_by text not null, changed_at text not null,
    digest blob not null, unique (agency_id, number)
  ) strict;
  create index enquiry_agency on enquiry (agency_id, state, id);
  create index enquiry_person on enquiry (person_id, id);
  create table enquiry_answer (
    id text primary key, enquiry_id text not null references enquiry (id), answer text not null,
    given_by text not null, given_on text not null, channel text not null,
    recorded_by text not null, recorded_at text not null, digest blob not null
  ) strict;
  create index enquiry_answer_enquiry on enquiry_answer (enquiry_id, id);
`
