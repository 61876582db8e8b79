/** The audit log with all that an event must say, each event chained to the one before; see audit-chain.ts. */
export const AUDIT_TABLES = `
  create table audit_event (
    seq integer primary key, id text not null unique, at text not null, actor text not null, account_id text,
    roles text, agency_id text, action text not null, subject text, case_id text, purpose text, outcome text not null,
    request_id text, address text, details text, chain_hash text not null, digest blob not null
  ) strict;
  create index audit_event_at on audit_event (at);
  create index audit_event_account on audit_event (account_id, seq) where account_id is not null;
  create index audit_event_case on audit_event (case_id, seq) where case_id is not null;
  create index audit_event_agency on audit_event (agency_id, seq);
  create trigger audit_event_fixed before update on audit_event begin
    select raise(abort, 'audit events never change');
  end;
  create trigger audit_event_kept before delete on audit_event begin
    select raise(abort, 'audit events are never deleted');
  end;
  create table audit_checkpoint (
    seq integer primary key, chain_hash text not null, at text not null, key_id text not null, signature text not null
  ) strict;
`
