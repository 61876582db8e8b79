/**
 * What keeps verifiers blind: hashes of the pictures that probes show and that line-ups have shown, and each time such a
 * picture came back while its line-up was open. Events of an account are found by what they are about.
 */
export const BLIND_TABLES = `
  create table probe_print (
    probe_id text primary key references probe (id), perceptual_hash text not null
  ) strict, without rowid;
  create table lineup_print (
    verification_id text not null references verification (id), sha256 text not null, perceptual_hash text not null,
    position integer not null, primary key (verification_id, sha256)
  ) strict, without rowid;
  create index lineup_print_sha256 on lineup_print (sha256);
  create table unblinding (
    id text primary key, verification_id text not null references verification (id),
    identification_id text not null references identification (id), agency_id text not null,
    account_id text not null references account (id), account text not null,
    relation text not null check (relation in ('account', 'device', 'person', 'other')),
    means text not null check (means in ('sha256', 'perceptual_hash')),
    position integer not null, operation text not null, at text not null, digest blob not null
  ) strict;
  create index unblinding_verification on unblinding (verification_id, id);
  create trigger unblinding_fixed before update on unblinding begin
    select raise(abort, 'what unblinded a line-up never changes');
  end;
  create trigger unblinding_kept before delete on unblinding begin
    select raise(abort, 'what unblinded a line-up is kept');
  end;
  create index audit_event_subject on audit_event (account_id, subject)
    where account_id is not null and subject is not null;
  create index identification_probe on identification (probe_sha256);
`
