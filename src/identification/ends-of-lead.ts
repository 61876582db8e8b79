import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import type { NotifiedParty } from './notified-parties.ts'

/** How a lead ended, and what became of that; null for what did not happen. */
export interface EndsOfLead {
  signed: { by: string; at: string; statement: string } | null
  closed: {
    as: NonNullable<IdentificationTable['closed_as']>
    by: string
    at: string
    reason: string
  } | null
  /** With those who had been told of it. */
  withdrawn: { by: string; at: string; reason: string; told: NotifiedParty[] } | null
}

/** What the row of a lead says of its end. */
export function endsOf(row: IdentificationTable): EndsOfLead {
  return {
    signed:
      row.signed_at === null ? null : { by: row.signed_by!, at: row.signed_at, statement: row.statement! },
    closed:
      row.closed_as === null
        ? null
        : { as: row.closed_as, by: row.closed_by!, at: row.closed_at!, reason: row.close_reason! },
    withdrawn:
      row.withdrawn_at === null
        ? null
        : {
            by: row.withdrawn_by!,
            at: row.withdrawn_at,
            reason: row.withdraw_reason!,
            told: JSON.parse(row.told!) as NotifiedParty[],
          },
  }
}
