/**
 * Standing searches, what each compares, how far matching has come, and alerts. Why triggers: whatever writes photos,
 * links, probes or grants, no writer can forget that standing searches rest on them; see [Note: watching].
 */
export const WATCH_TABLES = `
  create table standing_search (
    id text primary key, agency_id text not null references agency (id),
    person_id text not null references person (id), case_id text references case_file (id),
    purpose text not null, legal_basis text not null, collections text,
    comparison text not null check (comparison in ('singly', 'fused')),
    with_faces integer not null, probe_faces text not null,
    false_match_rate real, threshold real not null, threshold_label text not null,
    due_hours integer not null, ends_on text not null, review_on text not null, review_asked_at text,
    state text not null check (state in ('running', 'paused', 'ended')), state_reason text,
    set_up_by text not null, account_id text references account (id), set_up_at text not null,
    changed_by text not null, changed_at text not null, digest blob not null
  ) strict;
  create index standing_search_person on standing_search (person_id);
  create index standing_search_agency on standing_search (agency_id, id);
  create index standing_search_state on standing_search (state, ends_on);

  create table standing_face (
    seq integer primary key autoincrement, search_id text not null references standing_search (id),
    label text not null, kind text not null check (kind in ('photo', 'face', 'probe', 'fused')), origin text not null,
    held_at text, unique (search_id, label, kind, origin)
  ) strict;
  create index standing_face_unheld on standing_face (label, seq) where held_at is null;

  create table standing_dirty (search_id text primary key) strict, without rowid;
  create table watch_state (
    id integer primary key check (id = 1), version integer not null, label text,
    leased_by text, leased_until text
  ) strict;
  insert into watch_state (id, version) values (1, 0);
  create table watch_cursor (name text primary key, reached integer not null) strict, without rowid;

  create table probe_face_feed (
    seq integer primary key autoincrement, probe_face_id text not null unique
  ) strict;
  insert into probe_face_feed (probe_face_id) select id from probe_face order by id;

  create table alert (
    id text primary key, agency_id text not null references agency (id), person_id text not null references person (id),
    target_kind text not null check (target_kind in ('media', 'probe')), target_id text,
    state text not null check (state in ('new', 'seen', 'being_examined', 'dismissed', 'led_to_lead')),
    owner_id text references account (id), owner text, raised_at text not null, due_at text not null,
    escalated_at text, closed_as text, reason text, identification_id text,
    changed_by text not null, changed_at text not null, gone_at text, digest blob not null,
    unique (person_id, target_kind, target_id)
  ) strict;
  create index alert_agency on alert (agency_id, state, id);
  create index alert_changed on alert (agency_id, changed_at);
  create index alert_newest on alert (agency_id, id);
  create index alert_target on alert (target_kind, target_id);
  create index alert_due on alert (due_at) where state in ('new', 'seen', 'being_examined');
  create index alert_identification on alert (identification_id) where identification_id is not null;
  create table alert_hit (
    id text primary key, alert_id text not null references alert (id),
    search_id text not null references standing_search (id), face_id text not null,
    subject_kind text not null, subject_id text not null, similarity real not null, threshold real not null,
    false_match_rate real, label text not null, found_at text not null, digest blob not null,
    unique (search_id, face_id)
  ) strict;
  create index alert_hit_alert on alert_hit (alert_id);
  create index alert_hit_face on alert_hit (face_id);
  create index alert_hit_subject on alert_hit (subject_id);

  create trigger watch_face_added after insert on standing_face
    begin update watch_state set version = version + 1; end;
  create trigger watch_face_removed after delete on standing_face
    begin update watch_state set version = version + 1; end;
  create trigger watch_search_added after insert on standing_search
    begin insert or ignore into standing_dirty values (new.id); end;
  create trigger watch_search_changed after update on standing_search
    begin
      update watch_state set version = version + 1;
      insert or ignore into standing_dirty values (new.id);
    end;
  create trigger watch_photo_added after insert on person_photo_template
    begin
      insert or ignore into standing_dirty select standing_search.id from standing_search
        join person_photo on person_photo.person_id = standing_search.person_id where person_photo.id = new.photo_id;
    end;
  create trigger watch_photo_removed before delete on person_photo_template
    begin
      insert or ignore into standing_dirty select standing_search.id from standing_search
        join person_photo on person_photo.person_id = standing_search.person_id where person_photo.id = old.photo_id;
    end;
  create trigger watch_photo_moved after update of person_id on person_photo
    begin
      insert or ignore into standing_dirty select id from standing_search
        where person_id in (old.person_id, new.person_id);
    end;
  create trigger watch_link_added after insert on person_face when new.link = 'same'
    begin
      insert or ignore into standing_dirty select id from standing_search
        where person_id = new.person_id and with_faces = 1;
    end;
  create trigger watch_link_removed after delete on person_face when old.link = 'same'
    begin
      insert or ignore into standing_dirty select id from standing_search
        where person_id = old.person_id and with_faces = 1;
    end;
  create trigger watch_link_changed after update on person_face
    begin
      insert or ignore into standing_dirty select id from standing_search
        where person_id in (old.person_id, new.person_id) and with_faces = 1;
    end;
  create trigger watch_probe_added after insert on probe_face
    begin insert into probe_face_feed (probe_face_id) values (new.id); end;
  create trigger watch_grant_added after insert on collection_grant
    begin
      update standing_face set held_at = null where search_id in
        (select id from standing_search where agency_id = new.agency_id and state = 'running');
      update watch_state set version = version + 1;
    end;
`

/** What people and programs are to be told, and each message on its way; see [Note: notices]. */
export const NOTICE_TABLES = `
  create table notice (
    seq integer primary key autoincrement, id text not null unique, agency_id text not null references agency (id),
    kind text not null check (kind in ('alert', 'escalation', 'review', 'summary')),
    subject_id text not null, counts text, at text not null, spread_at text
  ) strict;
  create index notice_waiting on notice (seq) where spread_at is null;
  create table notice_choice (
    account_id text primary key references account (id), alerts integer not null, summaries integer not null
  ) strict;
  create table webhook (
    id text primary key, agency_id text not null references agency (id), url text not null, secret text not null,
    added_by text not null, added_at text not null, removed_by text, removed_at text, digest blob not null
  ) strict;
  create index webhook_agency on webhook (agency_id);
  create table delivery (
    id text primary key, agency_id text not null references agency (id),
    channel text not null check (channel in ('email', 'webhook')), target_id text not null, body text not null,
    state text not null check (state in ('waiting', 'sent', 'given_up')), attempts integer not null,
    next_at text not null, last_error text, made_at text not null, sent_at text
  ) strict;
  create index delivery_waiting on delivery (next_at) where state = 'waiting';
  create table agency_summary (
    agency_id text not null references agency (id), day text not null, primary key (agency_id, day)
  ) strict, without rowid;
`
