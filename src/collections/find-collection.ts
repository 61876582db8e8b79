import type { Actor } from '../actor/actor.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { CollectionTable } from '../store/tables/collection-tables.ts'

/** The collection of that title (case does not matter) or id. @throws AppError `not_found` naming the ones there are */
export async function findCollection(db: Db, titleOrId: string): Promise<CollectionTable> {
  const row = await db
    .selectFrom('collection')
    .selectAll()
    .where((where) => where.or([where('title', '=', titleOrId), where('id', '=', titleOrId)]))
    .executeTakeFirst()
  if (row !== undefined) return checkedRow('collection', row, row.title)
  const titles = await db.selectFrom('collection').select('title').orderBy('title').limit(10).execute()
  const known =
    titles.length === 0 ? 'There is none yet' : `There are: ${titles.map(({ title }) => title).join(', ')}`
  throw new AppError(
    'not_found',
    `No collection is called '${titleOrId}'. ${known}. Make one with \`likeness collections create\`.`,
  )
}

/** A collection of the actor's agency. @throws AppError `not_found` for those of others too */
export async function ownCollection(db: Db, actor: Actor, id: string): Promise<CollectionTable> {
  const row = await db.selectFrom('collection').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined || (actor.kind === 'account' && row.agency_id !== actor.agencyId)) {
    throw new AppError('not_found', 'Your agency has no such collection.')
  }
  return checkedRow('collection', row, id)
}
