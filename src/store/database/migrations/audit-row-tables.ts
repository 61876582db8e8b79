/**
 * What each event of the audit log wrote or changed in the record, by hash; see [Note: bound rows]. `row_list` names the
 * rows of an event, so that they are found without an index of their own: each page that an event writes costs time.
 */
export const AUDIT_ROW_TABLES = `
  alter table audit_event add column rows_hash text;
  alter table audit_event add column row_list text;
  create table audit_row (
    table_name text not null, row_id text not null, event_seq integer not null, row_hash text, salt text,
    primary key (table_name, row_id, event_seq)
  ) strict, without rowid;
  create trigger audit_row_fixed before update on audit_row
    when new.table_name is not old.table_name or new.row_id is not old.row_id or new.event_seq is not old.event_seq
      or new.row_hash is not old.row_hash or new.salt is not null
  begin
    select raise(abort, 'what audit events wrote never changes');
  end;
  create trigger audit_row_kept before delete on audit_row begin
    select raise(abort, 'what audit events wrote is never deleted');
  end;
`
