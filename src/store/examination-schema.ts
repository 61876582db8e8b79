import type { Conclusion } from '../contract/examination-words.ts'
import type {
  EvidenceKind,
  IdentificationState,
  RecipientKind,
  VerificationOutcome,
} from '../contract/identification-words.ts'

/** A candidate on its way from a lead to an identification, or to another end. */
export interface IdentificationTable {
  id: string
  case_id: string
  /** The case's. */
  agency_id: string
  search_id: string
  rank: number
  probe_face_id: string
  /** Of the probe's original. */
  probe_sha256: string
  /** The candidate's; no reference: it may be erased. */
  face_id: string
  media_id: string
  /** Who it is identified as. */
  person_id: string | null
  /** 1: a primary identifier is needed. */
  concerns_dead: number
  state: IdentificationState
  opened_by: string
  account_id: string
  opened_at: string
  closed_as: 'rejected' | 'inconclusive' | null
  closed_by: string | null
  closed_at: string | null
  close_reason: string | null
  signed_by: string | null
  signed_account_id: string | null
  signed_at: string | null
  statement: string | null
  withdrawn_by: string | null
  withdrawn_at: string | null
  withdraw_reason: string | null
  /** JSON of `NotifiedParty[]` at the time of withdrawal. */
  told: string | null
  digest: Uint8Array
}

/** A blind verification: asked for, taken by a verifier with its line-up, finished or cancelled. */
export interface VerificationTable {
  id: string
  identification_id: string
  case_id: string
  agency_id: string
  /** 2: the second examiner; 3: the third, after a conflict. */
  round: 2 | 3
  state: 'waiting' | 'taken' | 'finished' | 'cancelled'
  account_id: string | null
  verifier: string | null
  /** The supervisor who assigned it; null when the verifier took it from the queue. */
  assigned_by: string | null
  /** 64 hex digits: the order of the line-up follows from it. Never shown to the verifier. */
  seed: string | null
  /** JSON of `Lineup`, see src/examination/choose-fillers.ts. Never shown to the verifier. */
  lineup: string | null
  asked_at: string
  asked_by: string
  taken_at: string | null
  finished_at: string | null
  outcome: VerificationOutcome | null
  /** On the candidate. */
  conclusion: Conclusion | null
  fillers_chosen: number | null
  cancelled_by: string | null
  cancelled_at: string | null
  cancel_reason: string | null
  digest: Uint8Array
}

/** One examiner's work on a candidate, or on a line-up. */
export interface ExaminationTable {
  id: string
  identification_id: string
  /** Null for a first examination. */
  verification_id: string | null
  agency_id: string
  account_id: string
  examiner: string
  begun_at: string
  supersedes_id: string | null
  /** JSON of the analysis of the probe alone. */
  analysis: string | null
  analysis_finished_at: string | null
  finished_at: string | null
  abandoned_at: string | null
  abandoned_by: string | null
  digest: Uint8Array
}

/** One compared face of an examination. */
export interface ExaminationItemTable {
  id: string
  examination_id: string
  position: number
  role: 'candidate' | 'filler'
  face_id: string
  media_id: string
  /** JSON of checklist entries. */
  checklist: string
  evaluation: string
  conclusion: Conclusion | null
  digest: Uint8Array
}

/** What else than a face speaks for it. */
export interface CorroborationTable {
  id: string
  identification_id: string
  kind: EvidenceKind
  description: string
  reference: string | null
  /** Of a primary identifier. */
  laboratory: string | null
  recorded_by: string
  account_id: string
  recorded_at: string
  retracted_by: string | null
  retracted_at: string | null
  retract_reason: string | null
  digest: Uint8Array
}

/** A report that was made. */
export interface ReportTable {
  id: string
  identification_id: string
  case_id: string
  agency_id: string
  language: 'en' | 'uk'
  recipient_kind: RecipientKind
  recipient: string
  /** JSON of the report's content; null once media that it speaks of were erased. */
  content: string | null
  content_sha256: string
  made_by: string
  account_id: string
  made_at: string
  digest: Uint8Array
}

export interface ReportMediaTable {
  report_id: string
  media_id: string
}

/** What was handed to whom. */
export interface TransmittalTable {
  id: string
  identification_id: string
  case_id: string
  agency_id: string
  recipient_kind: RecipientKind
  recipient: string
  /** The recipient's file number. */
  reference: string | null
  report_id: string | null
  with_evidence: number
  legal_basis: string
  note: string | null
  sent_by: string
  account_id: string
  sent_at: string
  received_by: string | null
  received_at: string | null
  receipt_reference: string | null
  receipt_recorded_by: string | null
  digest: Uint8Array
}
