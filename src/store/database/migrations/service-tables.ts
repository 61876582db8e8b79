/**
 * Tables of the service: sign-in (better-auth's own, `login…`), accounts, cases, audit.
 *
 * [Note: sign-in tables] better-auth reads and writes the `login…` tables itself, so their rows carry no digest; the
 * page seal covers them. Nothing rests on them but who may come in: whoever a damaged row would let in still needs a row
 * of `account` and `membership`, and those carry digests. Column names are better-auth's.
 */
export const SERVICE_TABLES = `
  create table login (
    id text primary key, name text not null, email text not null unique, emailVerified integer not null, image text,
    createdAt text not null, updatedAt text not null, twoFactorEnabled integer
  ) strict;
  create table login_session (
    id text primary key, expiresAt text not null, token text not null unique, createdAt text not null,
    updatedAt text not null, ipAddress text, userAgent text,
    userId text not null references login (id) on delete cascade, assurance text not null, deviceId text
  ) strict;
  create index login_session_user on login_session (userId);
  create index login_session_device on login_session (deviceId);
  create table login_credential (
    id text primary key, accountId text not null, providerId text not null,
    userId text not null references login (id) on delete cascade, accessToken text, refreshToken text, idToken text,
    accessTokenExpiresAt text, refreshTokenExpiresAt text, scope text, password text,
    createdAt text not null, updatedAt text not null
  ) strict;
  create index login_credential_user on login_credential (userId);
  create table login_verification (
    id text primary key, identifier text not null, value text not null, expiresAt text not null,
    createdAt text not null, updatedAt text not null
  ) strict;
  create index login_verification_identifier on login_verification (identifier);
  create table login_two_factor (
    id text primary key, secret text not null, backupCodes text not null,
    userId text not null references login (id) on delete cascade, verified integer, failedVerificationCount integer,
    lockedUntil text
  ) strict;
  create index login_two_factor_user on login_two_factor (userId);
  create table login_passkey (
    id text primary key, name text, publicKey text not null,
    userId text not null references login (id) on delete cascade, credentialID text not null, counter integer not null,
    deviceType text not null, backedUp integer not null, transports text, createdAt text, aaguid text
  ) strict;
  create index login_passkey_user on login_passkey (userId);
  create index login_passkey_credential on login_passkey (credentialID);
  create table login_api_key (
    id text primary key, configId text not null, name text, start text, referenceId text not null, prefix text,
    key text not null, refillInterval integer, refillAmount integer, lastRefillAt text, enabled integer,
    rateLimitEnabled integer, rateLimitTimeWindow integer, rateLimitMax integer, requestCount integer,
    remaining integer, lastRequest text, expiresAt text, createdAt text not null, updatedAt text not null,
    permissions text, metadata text
  ) strict;
  create index login_api_key_owner on login_api_key (referenceId);
  create index login_api_key_key on login_api_key (key);

  create table account (
    id text primary key, agency_id text references agency (id), email text not null collate nocase unique,
    name text not null, created_at text not null, created_by text not null, digest blob not null
  ) strict;
  create index account_agency on account (agency_id);
  create table membership (
    id text primary key, account_id text not null references account (id), role text not null,
    granted_by text not null, granted_at text not null, digest blob not null, unique (account_id, role)
  ) strict;
  create table invitation (
    id text primary key, agency_id text references agency (id), email text not null collate nocase, name text not null,
    roles text not null, token_hash text not null unique, expires_at text not null, invited_by text not null,
    invited_at text not null, settled_at text, digest blob not null
  ) strict;
  create table device (
    id text primary key, account_id text not null references account (id), token_hash text not null,
    label text not null, first_seen_at text not null, digest blob not null, unique (account_id, token_hash)
  ) strict;
  create table suspension (
    id text primary key, kind text not null check (kind in ('agency', 'account', 'device', 'session', 'api_key')),
    target_id text not null, reason text not null, suspended_by text not null, suspended_at text not null,
    lifted_by text, lifted_at text, lift_reason text, digest blob not null
  ) strict;
  create unique index suspension_active on suspension (target_id, kind) where lifted_at is null;
  create table cut_off (
    seq integer primary key autoincrement, kind text not null, target_id text not null, at text not null
  ) strict;
  create table sign_in_failure (
    email_hash text primary key, failures integer not null, locked_until text, last_at text not null
  ) strict, without rowid;
  create table idempotent_reply (
    account_id text not null, key text not null, request_hash text not null, status integer, body text,
    created_at text not null, primary key (account_id, key)
  ) strict, without rowid;

  create table case_file (
    id text primary key, agency_id text not null references agency (id), number text not null collate nocase,
    title text not null, purpose text not null, legal_basis text not null, lead_id text not null references account (id),
    status text not null check (status in ('open', 'closed')), retention_until text,
    created_at text not null, created_by text not null, digest blob not null, unique (agency_id, number)
  ) strict;
  create table case_access (
    id text primary key, case_id text not null references case_file (id),
    account_id text references account (id), agency_id text references agency (id),
    granted_by text not null, granted_at text not null, digest blob not null,
    check ((account_id is null) <> (agency_id is null)), unique (case_id, account_id), unique (case_id, agency_id)
  ) strict;
`
