/** Roles that wait for a second person, and what keeps an inviter from accepting alone; see [Note: second person]. */
export const SECOND_PERSON_TABLES = `
  create table role_request (
    id text primary key, account_id text not null references account (id), role text not null,
    asked_by text not null, asked_account_id text references account (id), asked_at text not null,
    outcome text check (outcome in ('confirmed', 'refused', 'withdrawn')), settled_by text,
    settled_account_id text references account (id), settled_at text, digest blob not null
  ) strict;
  create unique index role_request_open on role_request (account_id, role) where settled_at is null;
  alter table invitation add column invited_account_id text references account (id);
  alter table invitation add column needs_code integer;
  alter table invitation add column code_hash text;
  alter table invitation add column code_given_by text;
  alter table invitation add column code_failures integer;
`
