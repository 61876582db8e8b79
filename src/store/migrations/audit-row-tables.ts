/** What each event of the audit log wrote or changed in the record, by hash; see [Note: bound rows]. */
export const AUDIT_ROW_TABLES = `
  alter table audit_event add column rows_hash text;
  create table audit_row (
    table_name text not null, row_id text not null, event_seq integer not null, row_hash text,
    primary key (table_name, row_id, event_seq)
  ) strict, without rowid;
  create table row_salt (
    table_name text not null, row_id text not null, salt text not null, primary key (table_name, row_id)
  ) strict, without rowid;
  create index audit_row_event on audit_row (event_seq);
  create index audit_event_rows on audit_event (seq) where rows_hash is not null;
  create trigger audit_row_fixed before update on audit_row begin
    select raise(abort, 'what audit events wrote never changes');
  end;
  create trigger audit_row_kept before delete on audit_row begin
    select raise(abort, 'what audit events wrote is never deleted');
  end;
`
