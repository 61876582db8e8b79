/** Searches that were drawn by lot to be looked at by a supervisor, and what came of it. */
export const OVERSIGHT_TABLES = `
  create table search_review (
    id text primary key, search_id text not null unique references search (id), agency_id text not null,
    drawn_by text not null, drawn_at text not null, finding text
      check (finding in ('in_order', 'not_in_order', 'unclear')),
    note text, reviewed_by text, reviewed_at text, digest blob not null
  ) strict;
  create index search_review_agency on search_review (agency_id, id);
`
