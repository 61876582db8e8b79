import type { AccountActor } from '../actor/actor.ts'
import { agencyOf } from '../actor/policy.ts'
import { casesKeptBlind, peopleKeptBlind } from '../actor/blind-scope.ts'
import { visibleCases } from '../cases/case-scope.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { AlertTable, StandingSearchTable } from '../store/tables/watch-tables.ts'

/**
 * Standing searches that an account may see; the one place where that is decided: those of its agency, without those of
 * cases that it does not work on, and without people whom a line-up that it is examining may be about; see
 * [Note: blind verification].
 */
export function visibleStandingSearches(db: Db, actor: AccountActor) {
  return db
    .selectFrom('standing_search')
    .where('standing_search.agency_id', '=', agencyOf(actor))
    .where((where) =>
      where.or([
        where('standing_search.case_id', 'is', null),
        where('standing_search.case_id', 'in', visibleCases(db, actor).select('case_file.id')),
      ]),
    )
    .where('standing_search.person_id', 'not in', peopleKeptBlind(db, actor.accountId))
}

/**
 * Alerts that an account may see: those of its agency with a hit of a standing search that it may see, on photos of
 * collections or probes of cases that it works on. Hidden from a blind verifier is whatever speaks of the case's people,
 * candidates and probes.
 */
export function visibleAlerts(db: Db, actor: AccountActor) {
  const blind = casesKeptBlind(db, actor.accountId)
  return db
    .selectFrom('alert')
    .where('alert.agency_id', '=', agencyOf(actor))
    .where('alert.person_id', 'not in', peopleKeptBlind(db, actor.accountId))
    .where((where) =>
      where.or([
        where('alert.gone_at', 'is not', null),
        where.exists(
          where
            .selectFrom('alert_hit')
            .select('alert_hit.id')
            .whereRef('alert_hit.alert_id', '=', 'alert.id')
            .where(
              'alert_hit.search_id',
              'in',
              visibleStandingSearches(db, actor).select('standing_search.id'),
            ),
        ),
      ]),
    )
    .where((where) =>
      where.or([
        where('alert.target_id', 'is', null),
        where.and([
          where('alert.target_kind', '=', 'media'),
          where(
            'alert.target_id',
            'not in',
            db.selectFrom('identification').select('media_id').where('identification.case_id', 'in', blind),
          ),
        ]),
        where.and([
          where('alert.target_kind', '=', 'probe'),
          where(
            'alert.target_id',
            'in',
            db
              .selectFrom('probe')
              .select('probe.id')
              .where('probe.case_id', 'in', visibleCases(db, actor).select('case_file.id')),
          ),
        ]),
      ]),
    )
}

/** @throws AppError `not_found`, for those of others too */
export async function findStandingSearch(
  db: Db,
  actor: AccountActor,
  id: string,
): Promise<StandingSearchTable> {
  const row = await visibleStandingSearches(db, actor)
    .selectAll('standing_search')
    .where('standing_search.id', '=', id)
    .executeTakeFirst()
  if (row === undefined)
    throw new AppError('not_found', 'There is no such standing search, or you do not work on its case.')
  return checkedRow('standing_search', row, id)
}

/** @throws AppError `not_found`, for those of others too */
export async function findAlert(db: Db, actor: AccountActor, id: string): Promise<AlertTable> {
  const row = await visibleAlerts(db, actor).selectAll('alert').where('alert.id', '=', id).executeTakeFirst()
  if (row === undefined)
    throw new AppError('not_found', 'There is no such alert, or it speaks of a case that you do not work on.')
  return checkedRow('alert', row, id)
}
