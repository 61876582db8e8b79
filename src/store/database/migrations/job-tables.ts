/** Work that goes on after the request that asked for it, whichever process does it. */
export const JOB_TABLES = `
  create table job (
    id text primary key, kind text not null check (kind in ('empty_collection')),
    agency_id text not null references agency (id), collection_id text not null references collection (id),
    reason text not null,
    account_id text not null references account (id), asked_by text not null, asked_at text not null,
    request_id text not null, address text not null,
    state text not null check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
    started_at text, ended_at text, leased_by text, leased_until text,
    done integer not null, total integer not null, media integer not null, faces integer not null,
    cancelled_by text, error_code text, error_detail text
  ) strict;
  create index job_open on job (state, id);
  create index job_agency on job (agency_id, id);
`
