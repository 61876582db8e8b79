/** Probes and searches in cases. A candidate list never changes: triggers see to that, whatever the code does. */
export const PROBE_TABLES = `
  create table probe (
    id text primary key, case_id text not null references case_file (id), sha256 text not null,
    format text not null, byte_length integer not null, width_px integer not null, height_px integer not null,
    label text, parent_id text references probe (id), steps text not null, pixels_sha256 text,
    added_by text not null, account_id text references account (id), added_at text not null, digest blob not null
  ) strict;
  create index probe_case on probe (case_id, id);
  create index probe_sha256 on probe (sha256);
  create table probe_face (
    id text primary key, probe_id text not null references probe (id), number integer not null,
    origin text not null check (origin in ('detector', 'examiner')),
    box text not null, five_points text not null, tilt_degrees real not null, quality text not null,
    unified_score real not null, pack_id text not null, pipeline_version text not null, vector blob not null,
    digest blob not null, unique (probe_id, number)
  ) strict;

  create table search (
    id text primary key, case_id text not null references case_file (id), agency_id text not null,
    account_id text not null references account (id), searched_by text not null, at text not null,
    purpose text not null, legal_basis text not null, probe_faces text not null, collections text not null,
    parameters text not null, threshold real not null, scores text not null, pack_id text not null,
    pipeline_version text not null, faces_searched integer not null, faces_undated integer not null,
    probe_agreement real, more integer not null, candidate_count integer not null, list_sha256 text not null,
    digest blob not null
  ) strict;
  create index search_case on search (case_id, id);
  create index search_agency on search (agency_id, at);
  create table candidate (
    search_id text not null references search (id), rank integer not null, face_id text not null,
    media_id text not null, similarity real not null, strangers_expected real,
    primary key (search_id, rank)
  ) strict, without rowid;
  create trigger search_fixed before update on search begin select raise(abort, 'searches never change'); end;
  create trigger candidate_fixed before update on candidate begin select raise(abort, 'candidate lists never change'); end;
  create trigger candidate_kept before delete on candidate begin select raise(abort, 'candidate lists never change'); end;

  create table comparison (
    id text primary key, case_id text not null references case_file (id), agency_id text not null,
    account_id text not null references account (id), compared_by text not null, at text not null,
    purpose text not null, legal_basis text not null, face_a text not null, face_b text not null,
    similarity real not null, threshold real not null, false_match_rate real, pack_id text not null,
    pipeline_version text not null, digest blob not null
  ) strict;
  create index comparison_case on comparison (case_id, id);
`
