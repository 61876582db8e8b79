import type { Conclusion } from '../../contract/examination-words.ts'
import type { VerificationOutcome } from '../../contract/identification-words.ts'
import { type Row, blob, integer, nullable, table, text } from './table.ts'

/** A blind verification: asked for, taken by a verifier with its line-up, finished or cancelled. */
export const VERIFICATION = table(
  {
    id: text(),
    identification_id: text({ references: 'identification (id)' }),
    case_id: text({ references: 'case_file (id)' }),
    agency_id: text(),
    /** 2: the second examiner; 3: the third, after a conflict. */
    round: integer({ oneOf: [2, 3] }),
    state: text({ oneOf: ['waiting', 'taken', 'finished', 'cancelled'] }),
    account_id: nullable(text({ references: 'account (id)' })),
    verifier: nullable(text()),
    /** The supervisor who assigned it; null when the verifier took it from the queue. */
    assigned_by: nullable(text()),
    /** 64 hex digits: the order of the line-up follows from it. Never shown to the verifier. */
    seed: nullable(text()),
    /** JSON of `Lineup`, see src/examination/choose-fillers.ts. Never shown to the verifier. */
    lineup: nullable(text()),
    asked_at: text(),
    asked_by: text(),
    taken_at: nullable(text()),
    finished_at: nullable(text()),
    outcome: nullable(text<VerificationOutcome>({ oneOf: ['concordant', 'discordant', 'filler_chosen'] })),
    /** On the candidate. */
    conclusion: nullable(text<Conclusion>()),
    fillers_chosen: nullable(integer()),
    cancelled_by: nullable(text()),
    cancelled_at: nullable(text()),
    cancel_reason: nullable(text()),
    digest: blob(),
  },
  {
    indexes: {
      verification_identification: { on: ['identification_id', 'id'] },
      verification_state: { on: ['agency_id', 'state', 'id'] },
      verification_account: { on: ['account_id', 'state'], where: 'account_id is not null' },
      verification_open: { on: ['identification_id'], unique: true, where: "state in ('waiting', 'taken')" },
    },
    bound: true,
  },
)
export type VerificationTable = Row<typeof VERIFICATION>

/** One examiner's work on a candidate, or on a line-up. */
export const EXAMINATION = table(
  {
    id: text(),
    identification_id: text({ references: 'identification (id)' }),
    /** Null for a first examination. */
    verification_id: nullable(text({ references: 'verification (id)' })),
    agency_id: text(),
    account_id: text({ references: 'account (id)' }),
    examiner: text(),
    begun_at: text(),
    supersedes_id: nullable(text({ references: 'examination (id)' })),
    /** JSON of the analysis of the probe alone. */
    analysis: nullable(text()),
    analysis_finished_at: nullable(text()),
    finished_at: nullable(text()),
    abandoned_at: nullable(text()),
    abandoned_by: nullable(text()),
    digest: blob(),
  },
  {
    unique: [['verification_id']],
    indexes: {
      examination_identification: { on: ['identification_id', 'id'] },
      examination_account: { on: ['account_id', 'id'] },
      examination_open: {
        on: ['identification_id'],
        unique: true,
        where: 'verification_id is null and finished_at is null and abandoned_at is null',
      },
    },
    bound: true,
  },
)
export type ExaminationTable = Row<typeof EXAMINATION>

/** One compared face of an examination. */
export const EXAMINATION_ITEM = table(
  {
    id: text(),
    examination_id: text({ references: 'examination (id)' }),
    position: integer(),
    role: text({ oneOf: ['candidate', 'filler'] }),
    face_id: text(),
    media_id: text(),
    /** JSON of checklist entries. */
    checklist: text(),
    evaluation: text(),
    conclusion: nullable(text<Conclusion>()),
    digest: blob(),
  },
  {
    unique: [['examination_id', 'position']],
    bound: true,
  },
)
export type ExaminationItemTable = Row<typeof EXAMINATION_ITEM>
