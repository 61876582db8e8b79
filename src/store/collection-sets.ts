import { sql } from 'kysely'
import { AppError } from '../errors.ts'
import type { Db, Tx } from './database/db.ts'

/**
 * [Note: combinations of collections]
 * Media may be in several collections, and a row of the index carries one number to filter by. The number stands for
 * the whole combination: {A}, {B}, {A, B}. Searching A means searching every combination that holds A. So a face is one
 * row however many collections it is in, it is found through any of them, and never twice.
 */

/** Different combinations that there may be at one time: what the index's tag can tell apart. */
export const MAX_COLLECTION_SETS = 65_536

/**
 * The number of a combination of collections, given out when it is new. When all numbers are given out, those that no
 * media have any more are taken back first.
 * @throws AppError `limit_exceeded`
 */
export async function collectionSetNumber(tx: Tx, collectionIds: readonly string[]): Promise<number> {
  const members = collectionIds.toSorted().join(',')
  const known = await tx
    .selectFrom('collection_set')
    .select('number')
    .where('members', '=', members)
    .executeTakeFirst()
  if (known !== undefined) return known.number
  const number = (await freeNumber(tx)) ?? ((await dropUnused(tx)) > 0 ? await freeNumber(tx) : undefined)
  if (number === undefined) {
    throw new AppError(
      'limit_exceeded',
      `Media are in ${MAX_COLLECTION_SETS} different combinations of collections, the most there may be. Put media that come in many collections into a collection of their own.`,
    )
  }
  await tx.insertInto('collection_set').values({ number, members }).execute()
  await tx
    .insertInto('collection_set_member')
    .values(collectionIds.map((id) => ({ collection_id: id, set_number: number })))
    .execute()
  return number
}

/** Numbers of every combination that holds at least one of these collections. */
export async function setsWithAny(db: Db, collectionIds: readonly string[]): Promise<number[]> {
  if (collectionIds.length === 0) return []
  const rows = await db
    .selectFrom('collection_set_member')
    .select('set_number')
    .distinct()
    .where('collection_id', 'in', collectionIds)
    .execute()
  return rows.map(({ set_number: number }) => number)
}

/** The next number, or one that was taken back. */
async function freeNumber(tx: Tx): Promise<number | undefined> {
  const { last } = await tx
    .selectFrom('collection_set')
    .select(({ fn }) => fn.max('number').as('last'))
    .executeTakeFirstOrThrow()
  if (last === null) return 0
  if (last + 1 < MAX_COLLECTION_SETS) return last + 1
  const gap = await sql<{ number: number }>`
    select number + 1 as number from collection_set as here
    where number + 1 < ${MAX_COLLECTION_SETS}
      and not exists (select 1 from collection_set where number = here.number + 1)
    limit 1
  `.execute(tx)
  return gap.rows[0]?.number
}

async function dropUnused(tx: Tx): Promise<number> {
  const unused = tx
    .selectFrom('collection_set')
    .select('number')
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('index_entry')
            .select('id')
            .whereRef('index_entry.set_number', '=', 'collection_set.number'),
        ),
      ),
    )
  await tx.deleteFrom('collection_set_member').where('set_number', 'in', unused).execute()
  const { numDeletedRows } = await tx
    .deleteFrom('collection_set')
    .where('number', 'in', unused)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}
