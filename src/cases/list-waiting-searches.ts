import type { Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import type { Context } from '../context.ts'
import type { SearchTable } from '../store/tables/search-tables.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { visibleCases } from './case-scope.ts'

export interface WaitingSearch extends SearchTable {
  caseNumber: string
  caseTitle: string
}

/** Searches of open cases that found candidates of which nobody has marked any, or taken one as a lead, yet; newest first. */
export async function listWaitingSearches(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { before: string | undefined; limit: number },
): Promise<WaitingSearch[]> {
  authorize(actor, 'search.read')
  const { db } = ctx.store
  let query = db
    .selectFrom('search')
    .innerJoin('case_file', 'case_file.id', 'search.case_id')
    .selectAll('search')
    .select(['case_file.number as caseNumber', 'case_file.title as caseTitle'])
    .where('search.candidate_count', '>', 0)
    .where('case_file.status', '=', 'open')
    .where('search.case_id', 'in', visibleCases(db, actor).select('case_file.id'))
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('candidate_mark')
            .select('candidate_mark.id')
            .whereRef('candidate_mark.search_id', '=', 'search.id'),
        ),
      ),
    )
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('identification')
            .select('identification.id')
            .whereRef('identification.search_id', '=', 'search.id'),
        ),
      ),
    )
    .orderBy('search.id', 'desc')
    .limit(input.limit)
  if (input.before !== undefined) query = query.where('search.id', '<', input.before)
  return (await query.execute()).map(({ caseNumber, caseTitle, ...row }) => ({
    ...checkedRow('search', row, row.id),
    caseNumber,
    caseTitle,
  }))
}
