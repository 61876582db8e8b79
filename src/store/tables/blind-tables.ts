import type { UnblindingRelation } from '../../contract/identification-words.ts'
import { type Row, blob, integer, table, text } from './table.ts'

/** What a probe's picture looks like, after its steps; gone with the photo. */
export const PROBE_PRINT = table(
  {
    probe_id: text({ references: 'probe (id)' }),
    /** 16 hex digits. */
    perceptual_hash: text(),
  },
  {
    primaryKey: ['probe_id'],
    withoutRowid: true,
  },
)

/** A picture of a line-up as it was given out: bytes that nobody has but from there. */
export const LINEUP_PRINT = table(
  {
    verification_id: text({ references: 'verification (id)' }),
    /** Of the JPEG. */
    sha256: text(),
    /** 16 hex digits. */
    perceptual_hash: text(),
    /** 0: the probe; otherwise the place in the line-up. */
    position: integer(),
  },
  {
    primaryKey: ['verification_id', 'sha256'],
    withoutRowid: true,
    indexes: {
      lineup_print_sha256: { on: ['sha256'] },
    },
  },
)
export type LineupPrintTable = Row<typeof LINEUP_PRINT>

/** A picture of a line-up that came back to be compared while the line-up was open. */
export const UNBLINDING = table(
  {
    id: text(),
    verification_id: text({ references: 'verification (id)' }),
    identification_id: text({ references: 'identification (id)' }),
    agency_id: text(),
    account_id: text({ references: 'account (id)' }),
    /** Name of who did it, as it was then. */
    account: text(),
    /** What ties them to the verifier: the same account, a device that both use, the same name, or only the picture. */
    relation: text<UnblindingRelation>({ oneOf: ['account', 'device', 'person', 'other'] }),
    means: text({ oneOf: ['sha256', 'perceptual_hash'] }),
    /** Which picture: 0 the probe, otherwise the place in the line-up. */
    position: integer(),
    /** The endpoint's name. */
    operation: text(),
    at: text(),
    digest: blob(),
  },
  {
    indexes: {
      unblinding_verification: { on: ['verification_id', 'id'] },
    },
    bound: true,
  },
)
export type UnblindingTable = Row<typeof UNBLINDING>
