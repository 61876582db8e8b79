import type { CasePurpose } from '../contract/case-purposes.ts'

/** A photo that is searched with, as it came in or as steps made it from that. */
export interface ProbeTable {
  id: string
  case_id: string
  /** The original's; its bytes stand in the media vault. */
  sha256: string
  format: string
  byte_length: number
  /** Of the picture after the steps. */
  width_px: number
  height_px: number
  label: string | null
  /** The probe that the steps began from; null for an original. */
  parent_id: string | null
  /** JSON of every step from the original on, in order; see src/contract/derivation.ts. */
  steps: string
  /** SHA-256 of the pixels after the steps (8-bit RGB, rows from the top): replaying gives the same. Null without steps. */
  pixels_sha256: string | null
  added_by: string
  account_id: string | null
  added_at: string
  digest: Uint8Array
}

/** A face of a probe. Coordinates are pixels of the picture after the steps. */
export interface ProbeFaceTable {
  id: string
  probe_id: string
  number: number
  origin: 'detector' | 'examiner'
  /** JSON of the box. */
  box: string
  /** JSON of five points. */
  five_points: string
  tilt_degrees: number
  /** JSON of the quality measures. */
  quality: string
  unified_score: number
  pack_id: string
  pipeline_version: string
  /** Unit vector, little-endian float32. */
  vector: Uint8Array
  digest: Uint8Array
}

/** A search as it was run; it and its candidates never change. */
export interface SearchTable {
  id: string
  case_id: string
  agency_id: string
  account_id: string
  searched_by: string
  at: string
  purpose: CasePurpose
  legal_basis: string
  /** JSON of ids of probe faces. */
  probe_faces: string
  /** JSON of `{id, title}`, as they were called then. */
  collections: string
  /** JSON of what was asked for. */
  parameters: string
  threshold: number
  /** JSON: where the meaning of scores comes from. */
  scores: string
  pack_id: string
  pipeline_version: string
  faces_searched: number
  faces_undated: number
  probe_agreement: number | null
  more: number
  candidate_count: number
  /** SHA-256 of the candidates' JSON: the audit event of the search has it too. */
  list_sha256: string
  digest: Uint8Array
}

/** No reference to the face: it may be erased, the list says then that there was one and nothing of it. */
export interface CandidateTable {
  search_id: string
  rank: number
  face_id: string
  media_id: string
  similarity: number
  strangers_expected: number | null
}

/** What somebody thinks of a candidate so far; orders the work and is no conclusion. */
export interface CandidateMarkTable {
  id: string
  search_id: string
  rank: number
  mark: 'later' | 'rejected'
  account_id: string
  marked_by: string
  marked_at: string
  digest: Uint8Array
}

/** Something drawn over the pictures of a comparison. */
export interface CandidateNoteTable {
  id: string
  search_id: string
  rank: number
  picture: 'probe' | 'candidate'
  probe_face_id: string | null
  /** JSON of a shape, pixels of the picture; see contract/mark-endpoints.ts. */
  shape: string
  words: string
  account_id: string
  noted_by: string
  noted_at: string
  digest: Uint8Array
}

/** One probe face against another. */
export interface ComparisonTable {
  id: string
  case_id: string
  agency_id: string
  account_id: string
  compared_by: string
  at: string
  purpose: CasePurpose
  legal_basis: string
  face_a: string
  face_b: string
  similarity: number
  threshold: number
  false_match_rate: number | null
  /** Pairs of different people that the share was measured on: nothing rarer than one of them may be said. null: not kept. */
  measured_pairs: number | null
  pack_id: string
  pipeline_version: string
  digest: Uint8Array
}
