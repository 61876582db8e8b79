import type { LegalHoldTable } from '../../store/tables/collection-tables.ts'
import type { CaseHoldTable } from '../../store/tables/case-tables.ts'

/** A legal hold, of a collection or a case, as the API shows it. */
export function holdReply(row: LegalHoldTable | CaseHoldTable) {
  return {
    id: row.id,
    reason: row.reason,
    imposedBy: row.imposed_by,
    imposedAt: row.imposed_at,
    liftedBy: row.lifted_by,
    liftedAt: row.lifted_at,
    liftReason: row.lift_reason,
  }
}
