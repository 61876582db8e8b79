import type { Db } from '../store/record.ts'

/**
 * [Note: blind verification]
 * While an account has a line-up to examine, the case that it comes from is not there for it: no case, probe, search,
 * candidate, examination, identification, report, and none of the case's events in the audit log. Whoever has looked at
 * candidates of the case before does not get the line-up at all (src/examination/eligible-verifiers.ts). The line-up has its
 * own ids, its own pictures, made alike, and says nothing else. Why: docs/decisions/blind-verification.md.
 */
export function casesKeptBlind(db: Db, accountId: string) {
  return db
    .selectFrom('verification')
    .select('verification.case_id')
    .where('verification.account_id', '=', accountId)
    .where('verification.state', '=', 'taken')
}
