import type { EvidenceKind, IdentificationState, RecipientKind } from '../../contract/identification-words.ts'
import { type Row, blob, integer, nullable, table, text } from './table.ts'

/** A candidate on its way from a lead to an identification, or to another end. */
export const IDENTIFICATION = table(
  {
    id: text(),
    case_id: text({ references: 'case_file (id)' }),
    /** The case's. */
    agency_id: text(),
    search_id: text({ references: 'search (id)' }),
    rank: integer(),
    probe_face_id: text({ references: 'probe_face (id)' }),
    /** Of the probe's original. */
    probe_sha256: text(),
    /** The candidate's; no reference: it may be erased. */
    face_id: text(),
    media_id: text(),
    /** Who it is identified as. */
    person_id: nullable(text()),
    /** 1: a primary identifier is needed. */
    concerns_dead: integer(),
    state: text<IdentificationState>({
      oneOf: ['lead', 'corroborated', 'identified', 'rejected', 'inconclusive', 'withdrawn'],
    }),
    opened_by: text(),
    account_id: text({ references: 'account (id)' }),
    opened_at: text(),
    closed_as: nullable(text({ oneOf: ['rejected', 'inconclusive'] })),
    closed_by: nullable(text()),
    closed_at: nullable(text()),
    close_reason: nullable(text()),
    signed_by: nullable(text()),
    signed_account_id: nullable(text()),
    signed_at: nullable(text()),
    statement: nullable(text()),
    withdrawn_by: nullable(text()),
    withdrawn_at: nullable(text()),
    withdraw_reason: nullable(text()),
    /** JSON of `NotifiedParty[]` at the time of withdrawal. */
    told: nullable(text()),
    digest: blob(),
  },
  {
    indexes: {
      identification_case: { on: ['case_id', 'id'] },
      identification_pair: { on: ['face_id', 'probe_sha256'] },
      identification_person: { on: ['person_id'], where: 'person_id is not null' },
      identification_search: { on: ['search_id'] },
      identification_probe: { on: ['probe_sha256'] },
    },
    bound: true,
  },
)
export type IdentificationTable = Row<typeof IDENTIFICATION>

/** What else than a face speaks for it. */
export const CORROBORATION = table(
  {
    id: text(),
    identification_id: text({ references: 'identification (id)' }),
    kind: text<EvidenceKind>({
      oneOf: ['document', 'witness', 'device', 'place', 'other', 'fingerprints', 'dental', 'dna'],
    }),
    description: text(),
    reference: nullable(text()),
    /** Of a primary identifier. */
    laboratory: nullable(text()),
    recorded_by: text(),
    account_id: text({ references: 'account (id)' }),
    recorded_at: text(),
    retracted_by: nullable(text()),
    retracted_at: nullable(text()),
    retract_reason: nullable(text()),
    digest: blob(),
  },
  {
    indexes: {
      corroboration_identification: { on: ['identification_id', 'id'] },
    },
    bound: true,
  },
)
export type CorroborationTable = Row<typeof CORROBORATION>

/** A report that was made. */
export const REPORT = table(
  {
    id: text(),
    identification_id: text({ references: 'identification (id)' }),
    case_id: text({ references: 'case_file (id)' }),
    agency_id: text(),
    language: text({ oneOf: ['en', 'uk'] }),
    recipient_kind: text<RecipientKind>(),
    recipient: text(),
    /** JSON of the report's content; null once media that it speaks of were erased. */
    content: nullable(text()),
    content_sha256: text(),
    made_by: text(),
    account_id: text({ references: 'account (id)' }),
    made_at: text(),
    digest: blob(),
  },
  {
    indexes: {
      report_identification: { on: ['identification_id', 'id'] },
    },
    bound: true,
  },
)
export type ReportTable = Row<typeof REPORT>

export const REPORT_MEDIA = table(
  {
    report_id: text({ references: 'report (id)' }),
    media_id: text(),
  },
  {
    primaryKey: ['report_id', 'media_id'],
    withoutRowid: true,
    indexes: {
      report_media_media: { on: ['media_id'] },
    },
  },
)

/** What was handed to whom. */
export const TRANSMITTAL = table(
  {
    id: text(),
    identification_id: text({ references: 'identification (id)' }),
    case_id: text({ references: 'case_file (id)' }),
    agency_id: text(),
    recipient_kind: text<RecipientKind>(),
    recipient: text(),
    /** The recipient's file number. */
    reference: nullable(text()),
    report_id: nullable(text({ references: 'report (id)' })),
    with_evidence: integer(),
    legal_basis: text(),
    note: nullable(text()),
    sent_by: text(),
    account_id: text({ references: 'account (id)' }),
    sent_at: text(),
    received_by: nullable(text()),
    received_at: nullable(text()),
    receipt_reference: nullable(text()),
    receipt_recorded_by: nullable(text()),
    digest: blob(),
  },
  {
    indexes: {
      transmittal_identification: { on: ['identification_id', 'id'] },
      transmittal_case: { on: ['case_id', 'id'] },
    },
    bound: true,
  },
)
export type TransmittalTable = Row<typeof TRANSMITTAL>
