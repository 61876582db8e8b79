import type { Actor } from '../actor/actor.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { CaseFileTable } from '../store/tables/case-tables.ts'
import { casesKeptBlind } from '../actor/blind-scope.ts'

/**
 * Cases that an actor may see; the one place where that is decided. Supervisors see those of their agency and those that
 * other agencies have opened to theirs; everybody else those they lead or were added to. An API key that is bound to a
 * case sees that one only. A case that the account is a blind verifier for is not there; see [Note: blind verification].
 */
export function visibleCases(db: Db, actor: Actor) {
  const cases = db.selectFrom('case_file')
  if (actor.kind === 'operator') return cases
  const { accountId, agencyId, via } = actor
  const own = cases.where((where) => {
    const isMember = where.exists(
      where
        .selectFrom('case_access')
        .select('case_access.id')
        .whereRef('case_access.case_id', '=', 'case_file.id')
        .where('case_access.account_id', '=', accountId),
    )
    const either = [where('lead_id', '=', accountId), isMember]
    if (actor.roles.includes('supervisor') && agencyId !== undefined) {
      either.push(
        where('case_file.agency_id', '=', agencyId),
        where.exists(
          where
            .selectFrom('case_access')
            .select('case_access.id')
            .whereRef('case_access.case_id', '=', 'case_file.id')
            .where('case_access.agency_id', '=', agencyId),
        ),
      )
    }
    return where.or(either)
  })
  const unblinded = own.where('case_file.id', 'not in', casesKeptBlind(db, accountId))
  const boundTo = via.kind === 'api_key' ? via.caseId : undefined
  return boundTo === undefined ? unblinded : unblinded.where('case_file.id', '=', boundTo)
}

/** The case, if the actor may see it. @throws AppError `not_found`, for those of others too */
export async function findCase(db: Db, actor: Actor, id: string): Promise<CaseFileTable> {
  const row = await visibleCases(db, actor)
    .selectAll('case_file')
    .where('case_file.id', '=', id)
    .executeTakeFirst()
  if (row === undefined) throw new AppError('not_found', 'There is no such case, or you do not work on it.')
  return checkedRow('case_file', row, id)
}

/** The case, open for work. @throws AppError `not_found`, `conflict` when it is closed */
export async function findOpenCase(db: Db, actor: Actor, id: string): Promise<CaseFileTable> {
  const row = await findCase(db, actor, id)
  if (row.status !== 'open')
    throw new AppError('conflict', 'This case is closed. Open it again to work on it.')
  return row
}
