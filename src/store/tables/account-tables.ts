import type { Role } from '../../contract/roles.ts'
import { LIFTED } from './common-columns.ts'
import { type Row, blob, generated, integer, nullable, table, text } from './table.ts'

export type SuspensionKind = 'agency' | 'account' | 'device' | 'session' | 'api_key'

export const ACCOUNT = table(
  {
    /** The same as the id of its row in `login`. */
    id: text(),
    /** Null for operators, who belong to no agency. */
    agency_id: nullable(text({ references: 'agency (id)' })),
    email: text({ collate: 'nocase' }),
    name: text(),
    created_at: text(),
    created_by: text(),
    digest: blob(),
  },
  {
    unique: [['email']],
    indexes: {
      account_agency: { on: ['agency_id'] },
    },
    bound: true,
  },
)
export type AccountTable = Row<typeof ACCOUNT>

export const MEMBERSHIP = table(
  {
    id: text(),
    account_id: text({ references: 'account (id)' }),
    role: text<Role>(),
    granted_by: text(),
    granted_at: text(),
    digest: blob(),
  },
  {
    unique: [['account_id', 'role']],
    bound: true,
  },
)

/** A role that was asked for an account and waits for a second person, or has been settled. */
export const ROLE_REQUEST = table(
  {
    id: text(),
    account_id: text({ references: 'account (id)' }),
    role: text<Role>(),
    asked_by: text(),
    /** Null: an operator at the command line. */
    asked_account_id: nullable(text({ references: 'account (id)' })),
    asked_at: text(),
    outcome: nullable(text({ oneOf: ['confirmed', 'refused', 'withdrawn'] })),
    settled_by: nullable(text()),
    settled_account_id: nullable(text({ references: 'account (id)' })),
    settled_at: nullable(text()),
    digest: blob(),
  },
  {
    indexes: {
      role_request_open: { on: ['account_id', 'role'], unique: true, where: 'settled_at is null' },
    },
    bound: true,
  },
)
export type RoleRequestTable = Row<typeof ROLE_REQUEST>

export const INVITATION = table(
  {
    id: text(),
    /** Null when an operator is invited. */
    agency_id: nullable(text({ references: 'agency (id)' })),
    email: text({ collate: 'nocase' }),
    name: text(),
    /** JSON array of roles. */
    roles: text(),
    /** SHA-256 of the link's token. */
    token_hash: text(),
    expires_at: text(),
    invited_by: text(),
    invited_at: text(),
    /** When it was accepted or taken back. */
    settled_at: nullable(text()),
    /** Null: an operator at the command line, or a version before. */
    invited_account_id: nullable(text({ references: 'account (id)', addedLater: true })),
    /** 1: the link opens nothing without the code that a second person gives out. */
    needs_code: nullable(integer({ addedLater: true })),
    /** SHA-256 of the code that was given out last. */
    code_hash: nullable(text({ addedLater: true })),
    code_given_by: nullable(text({ addedLater: true })),
    /** Wrong codes so far. */
    code_failures: nullable(integer({ addedLater: true })),
    digest: blob(),
  },
  {
    unique: [['token_hash']],
    bound: true,
  },
)
export type InvitationTable = Row<typeof INVITATION>

export const DEVICE = table(
  {
    id: text(),
    account_id: text({ references: 'account (id)' }),
    /** SHA-256 of the token in the device's cookie. */
    token_hash: text(),
    /** What the browser calls itself. */
    label: text(),
    first_seen_at: text(),
    digest: blob(),
  },
  {
    unique: [['account_id', 'token_hash']],
  },
)

/** A device that was new to its account while the agency approves devices; see [Note: device approval]. */
export const DEVICE_APPROVAL = table(
  {
    /** The device's own. */
    id: text({ references: 'device (id)' }),
    /** Where the first sign-in came from. */
    address: text(),
    asked_at: text(),
    /** Null while it waits. */
    outcome: nullable(text({ oneOf: ['approved', 'refused'] })),
    settled_by: nullable(text()),
    /** Null also for the operator at the command line. */
    settled_account_id: nullable(text({ references: 'account (id)' })),
    settled_at: nullable(text()),
    digest: blob(),
  },
  {
    bound: true,
  },
)
export type DeviceApprovalTable = Row<typeof DEVICE_APPROVAL>

export const SUSPENSION = table(
  {
    id: text(),
    kind: text<SuspensionKind>({ oneOf: ['agency', 'account', 'device', 'session', 'api_key'] }),
    target_id: text(),
    reason: text(),
    suspended_by: text(),
    suspended_at: text(),
    ...LIFTED,
    digest: blob(),
  },
  {
    indexes: {
      suspension_active: { on: ['target_id', 'kind'], unique: true, where: 'lifted_at is null' },
    },
    bound: true,
  },
)
export type SuspensionTable = Row<typeof SUSPENSION>

/** Each cut-off once more, in order: what every process reads to end what is under way. */
export const CUT_OFF = table(
  {
    seq: generated(integer()),
    /** `sees_less`: only streams of that account or agency end. */
    kind: text<SuspensionKind | 'sees_less'>(),
    target_id: text(),
    at: text(),
  },
  {
    primaryKey: ['seq'],
    autoincrement: true,
  },
)

export const SIGN_IN_FAILURE = table(
  {
    /** SHA-256 of the e-mail address, whether or not there is such an account. */
    email_hash: text(),
    failures: integer(),
    locked_until: nullable(text()),
    last_at: text(),
  },
  {
    primaryKey: ['email_hash'],
    withoutRowid: true,
  },
)

/** A code from an app that has let somebody in. */
export const USED_CODE = table(
  {
    account_id: text(),
    code: text(),
    used_at: text(),
  },
  {
    primaryKey: ['account_id', 'code'],
    withoutRowid: true,
  },
)
