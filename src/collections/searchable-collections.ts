import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { CollectionTable } from '../store/tables/collection-tables.ts'

/**
 * The collections that a search looks at, and that a record's reader may see anything of; the one place where grants and
 * suspensions decide that.
 *
 * [Note: collections of a suspended agency]
 * While an agency is suspended nobody searches or sees its collections: grants of them are as if they were not given, for
 * operators too. With the lifting they stand again as they were.
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
  const cutOff = db
    .selectFrom('suspension')
    .select('target_id')
    .where('kind', '=', 'agency')
    .where('lifted_at', 'is', null)
  const ofOthers = db.selectFrom('collection').selectAll().where('agency_id', 'not in', cutOff)
  const query =
    agencyId === undefined
      ? ofOthers
      : db
          .selectFrom('collection')
          .selectAll()
          // Its own are for itself even then: it is kept out at the door, and its standing searches miss nothing.
          .where('agency_id', '=', agencyId)
          .union(
            ofOthers.where(
              'id',
              'in',
              db.selectFrom('collection_grant').select('collection_id').where('agency_id', '=', agencyId),
            ),
          )
  const found = await query.orderBy('title').execute()
  const rows = found.map((row) => checkedRow('collection', row, row.title))
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
