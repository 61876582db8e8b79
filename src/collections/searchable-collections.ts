import { AppError } from '../errors.ts'
import type { Db } from '../store/record.ts'
import { checkedRow } from '../store/row-digest.ts'
import type { CollectionTable } from '../store/schema.ts'

/**
 * The collections that a search looks at.
 * @param agencyId the agency that searches: its own collections and those it was granted; undefined for an operator: all
 * @param wanted titles (case does not matter) or ids; undefined for all that may be searched
 * @throws AppError `not_found` for one that there is not or that the agency may not search: the two are not told apart;
 *   `bad_input` for a title that several agencies use
 */
export async function searchableCollections(
  db: Db,
  agencyId: string | undefined,
  wanted: readonly string[] | undefined,
): Promise<CollectionTable[]> {
  let query = db.selectFrom('collection').selectAll().orderBy('title')
  if (agencyId !== undefined) {
    query = query.where((where) =>
      where.or([
        where('agency_id', '=', agencyId),
        where.exists(
          where
            .selectFrom('collection_grant')
            .select('collection_grant.id')
            .whereRef('collection_grant.collection_id', '=', 'collection.id')
            .where('collection_grant.agency_id', '=', agencyId),
        ),
      ]),
    )
  }
  const rows = (await query.execute()).map((row) => checkedRow('collection', row, row.title))
  if (wanted === undefined) return rows
  return wanted.map((name) => {
    const found = rows.filter(({ id, title }) => id === name || title.toLowerCase() === name.toLowerCase())
    if (found.length === 1) return found[0]
    if (found.length > 1) {
      throw new AppError(
        'bad_input',
        `${found.length} collections are called '${name}'; give the id of one: ${found.map(({ id }) => id).join(', ')}.`,
      )
    }
    const known =
      rows.length === 0
        ? 'There is none to search'
        : `There are: ${rows.map(({ title }) => title).join(', ')}`
    throw new AppError('not_found', `No collection is called '${name}'. ${known}.`)
  })
}
