import type { Db } from '../store/database/db.ts'

/**
 * Of other accounts, one that has signed in from a browser from which this one has too: the same person may sit behind both.
 * In a record for practice one person is everybody, see [Note: practice].
 * @returns its id, or undefined when each has browsers of its own
 */
export async function sharesDevice(
  db: Db,
  accountId: string,
  others: Iterable<string>,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('device as own')
    .innerJoin('device as other', 'other.token_hash', 'own.token_hash')
    .select('other.account_id')
    .where('own.account_id', '=', accountId)
    .where('other.account_id', 'in', [...others])
    .where('other.account_id', '!=', accountId)
    .where((where) => where.not(where.exists(where.selectFrom('practice').select('practice.id'))))
    .limit(1)
    .executeTakeFirst()
  return row?.account_id
}
