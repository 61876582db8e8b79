import type { Generated } from 'kysely'
import type {
  CorroborationTable,
  ExaminationItemTable,
  ExaminationTable,
  IdentificationTable,
  ReportMediaTable,
  ReportTable,
  TransmittalTable,
  VerificationTable,
} from './examination-schema.ts'
import type {
  CandidateMarkTable,
  CandidateNoteTable,
  CandidateTable,
  ComparisonTable,
  ProbeFaceTable,
  ProbeTable,
  SearchTable,
} from './probe-schema.ts'
import type { JobKind, JobState } from '../contract/job-endpoints.ts'
import type { CasePurpose } from '../contract/case-purposes.ts'
import type { Role } from '../contract/roles.ts'

/** Tables of the service as Kysely sees them; see migrations/service-tables.ts. */
export interface ServiceTables {
  practice: PracticeTable
  login: LoginTable
  login_session: LoginSessionTable
  login_credential: LoginCredentialTable
  login_two_factor: { id: string; userId: string; verified: number | null }
  login_passkey: { id: string; userId: string; name: string | null; createdAt: string | null }
  login_api_key: LoginApiKeyTable
  account: AccountTable
  membership: MembershipTable
  invitation: InvitationTable
  role_request: RoleRequestTable
  device: DeviceTable
  device_approval: DeviceApprovalTable
  suspension: SuspensionTable
  cut_off: CutOffTable
  sign_in_failure: SignInFailureTable
  used_code: UsedCodeTable
  request_once: RequestOnceTable
  case_file: CaseFileTable
  case_access: CaseAccessTable
  case_hold: CaseHoldTable
  emptied_case: EmptiedCaseTable
  erased_probe: ErasedProbeTable
  audit_checkpoint: AuditCheckpointTable
  probe: ProbeTable
  probe_face: ProbeFaceTable
  search: SearchTable
  candidate: CandidateTable
  candidate_mark: CandidateMarkTable
  candidate_note: CandidateNoteTable
  comparison: ComparisonTable
  search_review: SearchReviewTable
  identification: IdentificationTable
  verification: VerificationTable
  examination: ExaminationTable
  examination_item: ExaminationItemTable
  corroboration: CorroborationTable
  report: ReportTable
  report_media: ReportMediaTable
  transmittal: TransmittalTable
  job: JobTable
}

/** See jobs.ts. Without a digest: what it has done stands in audit events and tombstones, progress changes all the time. */
export interface JobTable {
  id: string
  kind: JobKind
  agency_id: string
  collection_id: string
  reason: string
  account_id: string
  asked_by: string
  asked_at: string
  request_id: string
  address: string
  state: JobState
  started_at: string | null
  ended_at: string | null
  leased_by: string | null
  leased_until: string | null
  /** Photos gone through, and how many there were at the beginning. */
  done: number
  total: number
  /** Of those, erased; the others stay in another collection. */
  media: number
  faces: number
  cancelled_by: string | null
  error_code: string | null
  error_detail: string | null
}

/** better-auth's own table: written here only when an invitation is accepted. */
interface LoginTable {
  id: string
  email: string
  name: string
  emailVerified: number
  createdAt: string
  updatedAt: string
  twoFactorEnabled: number | null
}

/** better-auth's own table of passwords: written here only when an invitation is accepted. */
interface LoginCredentialTable {
  id: string
  accountId: string
  providerId: string
  userId: string
  password: string
  createdAt: string
  updatedAt: string
}

/** How the holder of a session proved who they are; `password` alone opens nothing but the own account. */
/** `practice`: one click, in a record for practice only. */
export type Assurance = 'password' | 'totp' | 'passkey' | 'practice'

interface LoginSessionTable {
  id: string
  token: string
  userId: string
  createdAt: string
  updatedAt: string
  expiresAt: string
  ipAddress: string | null
  userAgent: string | null
  assurance: Assurance
  deviceId: string | null
}

interface LoginApiKeyTable {
  id: string
  name: string | null
  start: string | null
  /** Hash of the key. */
  key: string
  /** The account. */
  referenceId: string
  enabled: number | null
  lastRequest: string | null
  expiresAt: string | null
  createdAt: string
  metadata: string | null
}

export interface AccountTable {
  /** The same as the id of its row in `login`. */
  id: string
  /** Null for operators, who belong to no agency. */
  agency_id: string | null
  email: string
  name: string
  created_at: string
  created_by: string
  digest: Uint8Array
}

export interface MembershipTable {
  id: string
  account_id: string
  role: Role
  granted_by: string
  granted_at: string
  digest: Uint8Array
}

/** A role that was asked for an account and waits for a second person, or has been settled. */
export interface RoleRequestTable {
  id: string
  account_id: string
  role: Role
  asked_by: string
  /** Null: an operator at the command line. */
  asked_account_id: string | null
  asked_at: string
  outcome: 'confirmed' | 'refused' | 'withdrawn' | null
  settled_by: string | null
  settled_account_id: string | null
  settled_at: string | null
  digest: Uint8Array
}

export interface InvitationTable {
  id: string
  /** Null when an operator is invited. */
  agency_id: string | null
  email: string
  name: string
  /** JSON array of roles. */
  roles: string
  /** SHA-256 of the link's token. */
  token_hash: string
  expires_at: string
  invited_by: string
  invited_at: string
  /** When it was accepted or taken back. */
  settled_at: string | null
  /** Null: an operator at the command line, or a version before. */
  invited_account_id: string | null
  /** 1: the link opens nothing without the code that a second person gives out. */
  needs_code: number | null
  /** SHA-256 of the code that was given out last. */
  code_hash: string | null
  code_given_by: string | null
  /** Wrong codes so far. */
  code_failures: number | null
  digest: Uint8Array
}

export interface DeviceTable {
  id: string
  account_id: string
  /** SHA-256 of the token in the device's cookie. */
  token_hash: string
  /** What the browser calls itself. */
  label: string
  first_seen_at: string
  digest: Uint8Array
}

/** A device that was new to its account while the agency approves devices; see [Note: device approval]. */
export interface DeviceApprovalTable {
  /** The device's own. */
  id: string
  /** Where the first sign-in came from. */
  address: string
  asked_at: string
  /** Null while it waits. */
  outcome: 'approved' | 'refused' | null
  settled_by: string | null
  /** Null also for the operator at the command line. */
  settled_account_id: string | null
  settled_at: string | null
  digest: Uint8Array
}

export type SuspensionKind = 'agency' | 'account' | 'device' | 'session' | 'api_key'

/** A code from an app that has let somebody in. */
export interface UsedCodeTable {
  account_id: string
  code: string
  used_at: string
}

export interface SuspensionTable {
  id: string
  kind: SuspensionKind
  target_id: string
  reason: string
  suspended_by: string
  suspended_at: string
  lifted_by: string | null
  lifted_at: string | null
  lift_reason: string | null
  digest: Uint8Array
}

/** Each cut-off once more, in order: what every process reads to end what is under way. */
export interface CutOffTable {
  seq: Generated<number>
  /** `sees_less`: only streams of that account or agency end. */
  kind: SuspensionKind | 'sees_less'
  target_id: string
  at: string
}

export interface SignInFailureTable {
  /** SHA-256 of the e-mail address, whether or not there is such an account. */
  email_hash: string
  failures: number
  locked_until: string | null
  last_at: string
}

/** A request with an Idempotency-Key. */
export interface RequestOnceTable {
  account_id: string
  key: string
  request_hash: string
  /** The request that may do it. */
  request_id: string
  /** The process that does it, as in leases. */
  holder: string
  begun_at: string
  /** Id of what it made, written in the transaction that made it; null until then. */
  made: string | null
}

export interface CaseFileTable {
  id: string
  agency_id: string
  /** The agency's own number. */
  number: string
  title: string
  purpose: CasePurpose
  legal_basis: string
  lead_id: string
  status: 'open' | 'closed'
  /** Date (YYYY-MM-DD) after which what the case holds must be erased. */
  retention_until: string | null
  created_at: string
  created_by: string
  digest: Uint8Array
}

/** While a case has one that is not lifted, its material is kept whatever its date. */
export interface CaseHoldTable {
  id: string
  case_id: string
  reason: string
  imposed_by: string
  imposed_at: string
  lifted_by: string | null
  lifted_at: string | null
  lift_reason: string | null
  digest: Uint8Array
}

/** A case whose material was erased because its date passed; see [Note: emptied cases]. */
export interface EmptiedCaseTable {
  case_id: string
  tombstone_id: string
  emptied_at: string
}

/** A probe whose photo and templates are gone. */
export interface ErasedProbeTable {
  probe_id: string
  tombstone_id: string
}

/** Who besides the lead may work on a case: an account, or another agency. */
export interface CaseAccessTable {
  id: string
  case_id: string
  account_id: string | null
  agency_id: string | null
  granted_by: string
  granted_at: string
  digest: Uint8Array
}

export type ReviewFinding = 'in_order' | 'not_in_order' | 'unclear'

/** A search that was drawn to be looked at. */
export interface SearchReviewTable {
  id: string
  search_id: string
  agency_id: string
  drawn_by: string
  drawn_at: string
  /** Null until somebody has looked. */
  finding: ReviewFinding | null
  note: string | null
  reviewed_by: string | null
  reviewed_at: string | null
  digest: Uint8Array
}

export interface AuditCheckpointTable {
  /** Number of the last event that it covers. */
  seq: number
  chain_hash: string
  at: string
  key_id: string
  /** Ed25519, base64. */
  signature: string
}

/** The one row of a record for practice, see src/access/practice.ts; a record for work has none. */
export interface PracticeTable {
  id: number
  made_at: string
  /** Of all its accounts; made up by chance. */
  password: string
}
