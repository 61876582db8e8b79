import type { CasePurpose } from '../../contract/case-purposes.ts'
import { HOLD } from './common-columns.ts'
import { type Row, blob, nullable, table, text } from './table.ts'

export const CASE_FILE = table(
  {
    id: text(),
    agency_id: text({ references: 'agency (id)' }),
    /** The agency's own number. */
    number: text({ collate: 'nocase' }),
    title: text(),
    purpose: text<CasePurpose>(),
    legal_basis: text(),
    lead_id: text({ references: 'account (id)' }),
    status: text({ oneOf: ['open', 'closed'] }),
    /** Date (YYYY-MM-DD) after which what the case holds must be erased. */
    retention_until: nullable(text()),
    created_at: text(),
    created_by: text(),
    digest: blob(),
  },
  {
    unique: [['agency_id', 'number']],
    bound: true,
  },
)
export type CaseFileTable = Row<typeof CASE_FILE>

/** Who besides the lead may work on a case: an account, or another agency. */
export const CASE_ACCESS = table(
  {
    id: text(),
    case_id: text({ references: 'case_file (id)' }),
    account_id: nullable(text({ references: 'account (id)' })),
    agency_id: nullable(text({ references: 'agency (id)' })),
    granted_by: text(),
    granted_at: text(),
    digest: blob(),
  },
  {
    unique: [
      ['case_id', 'account_id'],
      ['case_id', 'agency_id'],
    ],
    checks: ['(account_id is null) <> (agency_id is null)'],
    bound: true,
  },
)

/** While a case has one that is not lifted, its material is kept whatever its date. */
export const CASE_HOLD = table(
  {
    id: text(),
    case_id: text({ references: 'case_file (id)' }),
    ...HOLD,
    digest: blob(),
  },
  {
    indexes: {
      case_hold_case: { on: ['case_id', 'id'] },
    },
    bound: true,
  },
)
export type CaseHoldTable = Row<typeof CASE_HOLD>
