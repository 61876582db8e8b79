import type { CasePurpose } from '../../contract/case-purposes.ts'
import { ADDED, FOUND_FACE, TEMPLATE_VECTOR } from './common-columns.ts'
import { type Row, blob, integer, nullable, real, table, text } from './table.ts'

export type ReviewFinding = 'in_order' | 'not_in_order' | 'unclear'

/** A photo that is searched with, as it came in or as steps made it from that. */
export const PROBE = table(
  {
    id: text(),
    case_id: text({ references: 'case_file (id)' }),
    /** The original's; its bytes stand in the media vault. */
    sha256: text(),
    format: text(),
    byte_length: integer(),
    /** Of the picture after the steps. */
    width_px: integer(),
    height_px: integer(),
    label: nullable(text()),
    /** The probe that the steps began from; null for an original. */
    parent_id: nullable(text({ references: 'probe (id)' })),
    /** JSON of every step from the original on, in order; see src/contract/derivation.ts. */
    steps: text(),
    /** SHA-256 of the pixels after the steps (8-bit RGB, rows from the top): replaying gives the same. Null without steps. */
    pixels_sha256: nullable(text()),
    ...ADDED,
    digest: blob(),
  },
  {
    indexes: {
      probe_case: { on: ['case_id', 'id'] },
      probe_sha256: { on: ['sha256'] },
    },
    bound: true,
  },
)
export type ProbeTable = Row<typeof PROBE>

/** A face of a probe. Coordinates are pixels of the picture after the steps. */
export const PROBE_FACE = table(
  {
    id: text(),
    probe_id: text({ references: 'probe (id)' }),
    number: integer(),
    origin: text({ oneOf: ['detector', 'examiner'] }),
    ...FOUND_FACE,
    ...TEMPLATE_VECTOR,
    digest: blob(),
  },
  {
    unique: [['probe_id', 'number']],
  },
)
export type ProbeFaceTable = Row<typeof PROBE_FACE>

/** Which frame of which video a probe is. The video may be erased; the probe is the case's. */
export const PROBE_FRAME = table(
  {
    probe_id: text({ references: 'probe (id)' }),
    media_sha256: text(),
    stream_index: integer(),
    pts: integer(),
    time_s: real(),
    pixels_sha256: text(),
    ffmpeg_version: text(),
    digest: blob(),
  },
  {
    primaryKey: ['probe_id'],
  },
)

/** A search as it was run; it and its candidates never change. */
export const SEARCH = table(
  {
    id: text(),
    case_id: text({ references: 'case_file (id)' }),
    agency_id: text(),
    account_id: text({ references: 'account (id)' }),
    searched_by: text(),
    at: text(),
    purpose: text<CasePurpose>(),
    legal_basis: text(),
    /** JSON of ids of probe faces. */
    probe_faces: text(),
    /** JSON of `{id, title}`, as they were called then. */
    collections: text(),
    /** JSON of what was asked for. */
    parameters: text(),
    threshold: real(),
    /** JSON: where the meaning of scores comes from. */
    scores: text(),
    pack_id: text(),
    pipeline_version: text(),
    faces_searched: integer(),
    faces_undated: integer(),
    probe_agreement: nullable(real()),
    more: integer(),
    candidate_count: integer(),
    /** SHA-256 of the candidates' JSON: the audit event of the search has it too. */
    list_sha256: text(),
    digest: blob(),
  },
  {
    indexes: {
      search_case: { on: ['case_id', 'id'] },
      search_agency: { on: ['agency_id', 'at'] },
    },
    bound: true,
  },
)
export type SearchTable = Row<typeof SEARCH>

/** No reference to the face: it may be erased, the list says then that there was one and nothing of it. */
export const CANDIDATE = table(
  {
    search_id: text({ references: 'search (id)' }),
    rank: integer(),
    face_id: text(),
    media_id: text(),
    similarity: real(),
    strangers_expected: nullable(real()),
  },
  {
    primaryKey: ['search_id', 'rank'],
    withoutRowid: true,
  },
)
export type CandidateTable = Row<typeof CANDIDATE>

/** What somebody thinks of a candidate so far; orders the work and is no conclusion. */
export const CANDIDATE_MARK = table(
  {
    id: text(),
    search_id: text(),
    rank: integer(),
    mark: text({ oneOf: ['later', 'rejected'] }),
    account_id: text({ references: 'account (id)' }),
    marked_by: text(),
    marked_at: text(),
    digest: blob(),
  },
  {
    unique: [['search_id', 'rank']],
    foreignKeys: [{ columns: ['search_id', 'rank'], references: 'candidate (search_id, rank)' }],
  },
)
export type CandidateMarkTable = Row<typeof CANDIDATE_MARK>

/** Something drawn over the pictures of a comparison. */
export const CANDIDATE_NOTE = table(
  {
    id: text(),
    search_id: text(),
    rank: integer(),
    picture: text({ oneOf: ['probe', 'candidate'] }),
    probe_face_id: nullable(text({ references: 'probe_face (id)' })),
    /** JSON of a shape, pixels of the picture; see contract/mark-endpoints.ts. */
    shape: text(),
    words: text(),
    account_id: text({ references: 'account (id)' }),
    noted_by: text(),
    noted_at: text(),
    digest: blob(),
  },
  {
    indexes: {
      candidate_note_candidate: { on: ['search_id', 'rank'] },
    },
    foreignKeys: [{ columns: ['search_id', 'rank'], references: 'candidate (search_id, rank)' }],
    checks: ["(picture = 'probe') = (probe_face_id is not null)"],
  },
)
export type CandidateNoteTable = Row<typeof CANDIDATE_NOTE>

/** One probe face against another. */
export const COMPARISON = table(
  {
    id: text(),
    case_id: text({ references: 'case_file (id)' }),
    agency_id: text(),
    account_id: text({ references: 'account (id)' }),
    compared_by: text(),
    at: text(),
    purpose: text<CasePurpose>(),
    legal_basis: text(),
    face_a: text(),
    face_b: text(),
    similarity: real(),
    threshold: real(),
    false_match_rate: nullable(real()),
    /** Pairs of different people that the share was measured on: nothing rarer than one of them may be said. null: not kept. */
    measured_pairs: nullable(integer({ addedLater: true })),
    pack_id: text(),
    pipeline_version: text(),
    digest: blob(),
  },
  {
    indexes: {
      comparison_case: { on: ['case_id', 'id'] },
    },
    bound: true,
  },
)
export type ComparisonTable = Row<typeof COMPARISON>

/** A search that was drawn to be looked at. */
export const SEARCH_REVIEW = table(
  {
    id: text(),
    search_id: text({ references: 'search (id)' }),
    agency_id: text(),
    drawn_by: text(),
    drawn_at: text(),
    /** Null until somebody has looked. */
    finding: nullable(text<ReviewFinding>({ oneOf: ['in_order', 'not_in_order', 'unclear'] })),
    note: nullable(text()),
    reviewed_by: nullable(text()),
    reviewed_at: nullable(text()),
    digest: blob(),
  },
  {
    unique: [['search_id']],
    indexes: {
      search_review_agency: { on: ['agency_id', 'id'] },
    },
    bound: true,
  },
)
export type SearchReviewTable = Row<typeof SEARCH_REVIEW>
