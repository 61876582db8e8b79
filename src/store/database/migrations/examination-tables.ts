/**
 * Examinations (ACE-V), blind verifications, identifications, reports, transmittals. What is finished never changes: triggers
 * see to that, and to the gate before 'identified', whatever the code does.
 */
export const EXAMINATION_TABLES = `
  create table identification (
    id text primary key, case_id text not null references case_file (id), agency_id text not null,
    search_id text not null references search (id), rank integer not null,
    probe_face_id text not null references probe_face (id), probe_sha256 text not null,
    face_id text not null, media_id text not null, person_id text, concerns_dead integer not null,
    state text not null
      check (state in ('lead', 'corroborated', 'identified', 'rejected', 'inconclusive', 'withdrawn')),
    opened_by text not null, account_id text not null references account (id), opened_at text not null,
    closed_as text check (closed_as in ('rejected', 'inconclusive')), closed_by text, closed_at text, close_reason text,
    signed_by text, signed_account_id text, signed_at text, statement text,
    withdrawn_by text, withdrawn_at text, withdraw_reason text, told text, digest blob not null
  ) strict;
  create index identification_case on identification (case_id, id);
  create index identification_pair on identification (face_id, probe_sha256);
  create index identification_person on identification (person_id) where person_id is not null;

  create table verification (
    id text primary key, identification_id text not null references identification (id),
    case_id text not null references case_file (id), agency_id text not null, round integer not null check (round in (2, 3)),
    state text not null check (state in ('waiting', 'taken', 'finished', 'cancelled')),
    account_id text references account (id), verifier text, assigned_by text, seed text, lineup text,
    asked_at text not null, asked_by text not null, taken_at text, finished_at text,
    outcome text check (outcome in ('concordant', 'discordant', 'filler_chosen')), conclusion text,
    fillers_chosen integer, cancelled_by text, cancelled_at text, cancel_reason text, digest blob not null
  ) strict;
  create index verification_identification on verification (identification_id, id);
  create index verification_state on verification (agency_id, state, id);
  create index verification_account on verification (account_id, state) where account_id is not null;
  create unique index verification_open on verification (identification_id) where state in ('waiting', 'taken');
  create trigger verification_fixed before update on verification when old.state in ('finished', 'cancelled') begin
    select raise(abort, 'verifications that ended never change');
  end;
  create trigger verification_kept before delete on verification begin
    select raise(abort, 'verifications are kept');
  end;
  create trigger verification_lineup_fixed before update on verification
    when old.lineup is not null and new.lineup is not old.lineup begin
    select raise(abort, 'a line-up never changes');
  end;

  create table examination (
    id text primary key, identification_id text not null references identification (id),
    verification_id text unique references verification (id), agency_id text not null,
    account_id text not null references account (id), examiner text not null, begun_at text not null,
    supersedes_id text references examination (id), analysis text, analysis_finished_at text,
    finished_at text, abandoned_at text, abandoned_by text, digest blob not null
  ) strict;
  create index examination_identification on examination (identification_id, id);
  create index examination_account on examination (account_id, id);
  create unique index examination_open on examination (identification_id)
    where verification_id is null and finished_at is null and abandoned_at is null;
  create trigger examination_fixed before update on examination
    when old.finished_at is not null or old.abandoned_at is not null begin
    select raise(abort, 'finished examinations never change');
  end;
  create trigger examination_analysis_fixed before update on examination
    when old.analysis_finished_at is not null
      and (new.analysis is not old.analysis or new.analysis_finished_at is not old.analysis_finished_at) begin
    select raise(abort, 'a finished analysis never changes');
  end;
  create trigger examination_kept before delete on examination begin
    select raise(abort, 'examinations are kept');
  end;
  create table examination_item (
    id text primary key, examination_id text not null references examination (id), position integer not null,
    role text not null check (role in ('candidate', 'filler')), face_id text not null, media_id text not null,
    checklist text not null, evaluation text not null, conclusion text, digest blob not null,
    unique (examination_id, position)
  ) strict;
  create trigger examination_item_fixed before update on examination_item
    when exists (select 1 from examination where id = old.examination_id
      and (finished_at is not null or abandoned_at is not null)) begin
    select raise(abort, 'finished examinations never change');
  end;
  create trigger examination_item_kept before delete on examination_item begin
    select raise(abort, 'examinations are kept');
  end;

  create table corroboration (
    id text primary key, identification_id text not null references identification (id),
    kind text not null check (kind in
      ('document', 'witness', 'device', 'place', 'other', 'fingerprints', 'dental', 'dna')),
    description text not null, reference text, laboratory text,
    recorded_by text not null, account_id text not null references account (id), recorded_at text not null,
    retracted_by text, retracted_at text, retract_reason text, digest blob not null
  ) strict;
  create index corroboration_identification on corroboration (identification_id, id);

  create trigger identification_gate before update on identification
    when new.state = 'identified' and old.state <> 'identified' begin
    select raise(abort, 'the gate before identified is shut') where
      old.state <> 'corroborated' or new.signed_account_id is null or new.person_id is null
      or exists (select 1 from examination e
        where e.identification_id = new.id and e.account_id = new.signed_account_id)
      or not exists (select 1 from examination e join examination_item i on i.examination_id = e.id
        where e.identification_id = new.id and e.verification_id is null and e.finished_at is not null
          and i.conclusion in ('same_limited', 'same_moderate', 'same_strong'))
      or not exists (select 1 from verification v
        where v.identification_id = new.id and v.state = 'finished' and v.outcome = 'concordant'
          and v.account_id not in (select e.account_id from examination e
            where e.identification_id = new.id and e.verification_id is null))
      or not exists (select 1 from corroboration c where c.identification_id = new.id and c.retracted_at is null
          and c.kind in ('document', 'witness', 'device', 'place', 'other'))
      or (new.concerns_dead = 1 and not exists (select 1 from corroboration c
        where c.identification_id = new.id and c.retracted_at is null and c.kind in ('fingerprints', 'dental', 'dna')));
  end;
  create trigger identification_kept before delete on identification begin
    select raise(abort, 'identifications are kept');
  end;

  create table report (
    id text primary key, identification_id text not null references identification (id),
    case_id text not null references case_file (id), agency_id text not null,
    language text not null check (language in ('en', 'uk')), recipient_kind text not null, recipient text not null,
    content text, content_sha256 text not null, made_by text not null, account_id text not null references account (id),
    made_at text not null, digest blob not null
  ) strict;
  create index report_identification on report (identification_id, id);
  create table report_media (
    report_id text not null references report (id), media_id text not null, primary key (report_id, media_id)
  ) strict, without rowid;
  create index report_media_media on report_media (media_id);

  create table transmittal (
    id text primary key, identification_id text not null references identification (id),
    case_id text not null references case_file (id), agency_id text not null, recipient_kind text not null,
    recipient text not null, reference text, report_id text references report (id), with_evidence integer not null,
    legal_basis text not null, note text, sent_by text not null, account_id text not null references account (id),
    sent_at text not null, received_by text, received_at text, receipt_reference text, receipt_recorded_by text,
    digest blob not null
  ) strict;
  create index transmittal_identification on transmittal (identification_id, id);
  create index transmittal_case on transmittal (case_id, id);
`
