/**
 * What ends the material of cases: legal holds that stop it, probes whose photo and templates are gone, and cases that were
 * emptied because their date passed.
 */
export const CASE_RETENTION_TABLES = `
  create table case_hold (
    id text primary key, case_id text not null references case_file (id), reason text not null,
    imposed_by text not null, imposed_at text not null, lifted_by text, lifted_at text, lift_reason text,
    digest blob not null
  ) strict;
  create index case_hold_case on case_hold (case_id, id);
  create table emptied_case (
    case_id text primary key references case_file (id), tombstone_id text not null references tombstone (id),
    emptied_at text not null
  ) strict, without rowid;
  create table erased_probe (
    probe_id text primary key references probe (id), tombstone_id text not null references tombstone (id)
  ) strict, without rowid;
`
