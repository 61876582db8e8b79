import type { Actor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import type { Context } from '../context.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { CollectionTable } from '../store/tables/collection-tables.ts'
import { countHoldings, type Holdings } from './count-holdings.ts'
import { findCollection } from './find-collection.ts'
import { searchableCollections } from './searchable-collections.ts'

export interface CollectionSummary extends Omit<CollectionTable, 'digest'>, Holdings {
  agency: string
}

/** Every collection that the actor may see, by title; for an operator also those of suspended agencies. */
export async function listCollections(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
): Promise<CollectionSummary[]> {
  authorize(actor, 'collection.read')
  const { db } = ctx.store
  const rows =
    actor.kind === 'account'
      ? await searchableCollections(db, agencyOf(actor), undefined)
      : await db.selectFrom('collection').selectAll().orderBy('title').execute()
  return Promise.all(rows.map((row) => summary(ctx, row)))
}

/** One collection with its imports, newest first. */
export async function showCollection(
  ctx: Pick<Context, 'store'>,
  _actor: Actor,
  input: { collection: string },
): Promise<
  CollectionSummary & {
    imports: { id: string; location: string; startedAt: string; finishedAt: string | null }[]
  }
> {
  const row = await findCollection(ctx.store.db, input.collection)
  const imports = await ctx.store.db
    .selectFrom('import')
    .select(['id', 'location', 'started_at', 'finished_at'])
    .where('collection_id', '=', row.id)
    .orderBy('id', 'desc')
    .limit(50)
    .execute()
  return {
    ...(await summary(ctx, row)),
    imports: imports.map(({ id, location, started_at, finished_at }) => ({
      id,
      location,
      startedAt: started_at,
      finishedAt: finished_at,
    })),
  }
}

async function summary(ctx: Pick<Context, 'store'>, found: CollectionTable): Promise<CollectionSummary> {
  const row = checkedRow('collection', found, found.title)
  const { db } = ctx.store
  const [agency, holdings] = await Promise.all([
    db.selectFrom('agency').selectAll().where('id', '=', row.agency_id).executeTakeFirstOrThrow(),
    countHoldings(db, row.id),
  ])
  const { digest: _digest, ...facts } = row
  return {
    ...facts,
    agency: checkedRow('agency', agency, agency.name).name,
    ...holdings,
  }
}
