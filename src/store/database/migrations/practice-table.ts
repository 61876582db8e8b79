/**
 * That a record is for practice, see src/access/practice.ts. It can be said of a new record only, and neither taken back nor
 * said anew: the triggers hold whatever the code does.
 */
export const PRACTICE_TABLE = `
  create table practice (
    id integer primary key check (id = 1), made_at text not null, password text not null
  ) strict;
  create trigger practice_only_when_new before insert on practice
    when exists (select 1 from agency) or exists (select 1 from login) or exists (select 1 from audit_event)
      or exists (select 1 from media)
    begin select raise(abort, 'Only a new record can be made one for practice.'); end;
  create trigger practice_stays before update on practice
    begin select raise(abort, 'A record for practice stays what it was made as.'); end;
  create trigger practice_is_kept before delete on practice
    begin select raise(abort, 'A record for practice stays one.'); end;
`
