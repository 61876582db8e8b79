import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import type { Context } from '../context.ts'
import { OPEN_ALERT_STATES, type StandingState } from '../contract/watch-words.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { CollectionTable } from '../store/tables/collection-tables.ts'
import type { StandingSearchTable } from '../store/tables/watch-tables.ts'
import { findStandingSearch, visibleStandingSearches } from './watch-scope.ts'

export interface ListedStandingSearch extends StandingSearchTable {
  /** Templates that it compares now; 0: it rests. */
  templates: number
  /** Faces of the person that they were made from. */
  faces: number
  /** Templates not yet compared with everything held. */
  waiting: number
  openAlerts: number
  personName: string | null
  personRef: string | null
  /** Of those that the agency sees now; null: all that it may search. */
  collectionTitles: string[] | null
}

/** Standing searches that the actor may see, newest first. @throws AppError `not_allowed` */
export async function listStandingSearches(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: {
    personId: string | undefined
    state: StandingState | undefined
    before: string | undefined
    limit: number
  },
): Promise<ListedStandingSearch[]> {
  authorize(actor, 'watch.read')
  const { db } = ctx.store
  let query = visibleStandingSearches(db, actor)
    .selectAll('standing_search')
    .orderBy('standing_search.id', 'desc')
    .limit(input.limit)
  if (input.personId !== undefined) query = query.where('person_id', '=', input.personId)
  if (input.state !== undefined) query = query.where('state', '=', input.state)
  if (input.before !== undefined) query = query.where('standing_search.id', '<', input.before)
  return described(db, actor, await query.execute())
}

/** One of them. @throws AppError `not_found` */
export async function showStandingSearch(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<ListedStandingSearch> {
  authorize(actor, 'watch.read')
  const [shown] = await described(ctx.store.db, actor, [
    await findStandingSearch(ctx.store.db, actor, input.id),
  ])
  return shown
}

async function described(
  db: Db,
  actor: AccountActor,
  rows: readonly StandingSearchTable[],
): Promise<ListedStandingSearch[]> {
  const seen = await searchableCollections(db, agencyOf(actor), undefined)
  const people = await personNames(
    db,
    rows.map((row) => row.person_id),
  )
  return Promise.all(
    rows.map(async (row) => {
      const search = checkedRow('standing_search', row, row.id)
      const faces = await db
        .selectFrom('standing_face')
        .select(['held_at', 'kind', 'origin'])
        .where('search_id', '=', row.id)
        .execute()
      const { open } = await db
        .selectFrom('alert')
        .select(({ fn }) => fn.countAll<number>().as('open'))
        .where('state', 'in', OPEN_ALERT_STATES)
        .where('id', 'in', db.selectFrom('alert_hit').select('alert_id').where('search_id', '=', row.id))
        .executeTakeFirstOrThrow()
      const person = people.get(row.person_id)
      return {
        ...search,
        templates: faces.length,
        faces: faces.reduce(
          (sum, { kind, origin }) => sum + (kind === 'fused' ? origin.split(',').length : 1),
          0,
        ),
        waiting: faces.filter(({ held_at: held }) => held === null).length,
        openAlerts: open,
        personName: person?.name ?? null,
        personRef: person?.ref ?? null,
        collectionTitles: titles(seen, search.collections),
      }
    }),
  )
}

function titles(seen: readonly CollectionTable[], collections: string | null): string[] | null {
  if (collections === null) return null
  const ids = JSON.parse(collections) as string[]
  return seen.filter(({ id }) => ids.includes(id)).map(({ title }) => title)
}

/** What people are called: their main name, else what an import called them, else nothing. */
export async function personNames(
  db: Db,
  ids: readonly string[],
): Promise<Map<string, { name: string | null; ref: string | null }>> {
  const people = await db
    .selectFrom('person')
    .select(['id', 'name', 'ref'])
    .where('id', 'in', [...new Set(ids)])
    .execute()
  const names = await db
    .selectFrom('person_name')
    .select(['person_id', 'written', 'kind'])
    .where('person_id', 'in', [...new Set(ids)])
    .orderBy('id')
    .execute()
  return new Map(
    people.map(({ id, name, ref }) => {
      const own = names.filter((one) => one.person_id === id)
      const main = own.find(({ kind }) => kind === 'main') ?? own[0]
      return [id, { name: main?.written ?? name, ref }]
    }),
  )
}
