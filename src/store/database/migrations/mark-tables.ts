/** What examiners think of candidates on the way: marks, and notes drawn on the pictures. */
export const MARK_TABLES = `
  create table candidate_mark (
    id text primary key, search_id text not null, rank integer not null,
    mark text not null check (mark in ('later', 'rejected')),
    account_id text not null references account (id), marked_by text not null, marked_at text not null,
    digest blob not null, unique (search_id, rank),
    foreign key (search_id, rank) references candidate (search_id, rank)
  ) strict;
  create table candidate_note (
    id text primary key, search_id text not null, rank integer not null,
    picture text not null check (picture in ('probe', 'candidate')), probe_face_id text references probe_face (id),
    shape text not null, words text not null,
    account_id text not null references account (id), noted_by text not null, noted_at text not null,
    digest blob not null, check ((picture = 'probe') = (probe_face_id is not null)),
    foreign key (search_id, rank) references candidate (search_id, rank)
  ) strict;
  create index candidate_note_candidate on candidate_note (search_id, rank);
`
