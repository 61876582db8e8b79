import type { AccountActor } from '../actor/actor.ts'
import { AppError } from '../errors.ts'
import type { Db, Tx } from '../store/database/db.ts'
import type { CollectionTable } from '../store/tables/collection-tables.ts'
import type { ImportTable } from '../store/tables/import-tables.ts'
import { LEASEHOLDER } from '../store/leaseholder.ts'
import { ownCollection } from '../collections/find-collection.ts'
import type { Claims } from '../sources/claims.ts'
import { leaseEnd, type LeasedItem } from './lease.ts'

/** Files of one import that is sent file by file. */
export const MAX_UPLOADS = 100_000

/** An import of the actor's own agency. @throws AppError `not_found` */
export async function ownImport(
  db: Db,
  actor: AccountActor,
  id: string,
): Promise<{ row: ImportTable; collection: CollectionTable }> {
  const row = await db.selectFrom('import').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new AppError('not_found', 'Your agency has no such import.')
  return { row, collection: await ownCollection(db, actor, row.collection_id) }
}

/** The same, as long as it takes files. @throws AppError `conflict` */
export async function openImport(
  db: Db,
  actor: AccountActor,
  id: string,
): Promise<{ row: ImportTable; collection: CollectionTable }> {
  const found = await ownImport(db, actor, id)
  const { source_kind: kind, finished_at: finished, closed_at: closed } = found.row
  if (kind !== 'upload' || finished !== null || (closed ?? null) !== null) {
    throw new AppError('conflict', 'This import takes no more files.')
  }
  return found
}

/** Enters a file, or finds it again; undefined when it is taken in already. */
export async function leaseItem(
  tx: Tx,
  importId: string,
  name: string,
  claims: Claims,
): Promise<LeasedItem | undefined> {
  const lease = { leased_by: LEASEHOLDER, leased_until: leaseEnd() }
  const known = await tx
    .selectFrom('import_item')
    .select(['seq', 'ordinal', 'claims', 'attempts', 'state'])
    .where('import_id', '=', importId)
    .where('name', '=', name)
    .executeTakeFirst()
  if (known !== undefined) {
    if (known.state !== 'failed' && known.state !== 'waiting') return undefined
    const attempts = known.attempts + 1
    const again = {
      ...lease,
      attempts,
      state: 'waiting' as const,
      reason: null,
      detail: null,
      finished_at: null,
    }
    await tx.updateTable('import_item').set(again).where('seq', '=', known.seq).execute()
    return { seq: known.seq, ordinal: known.ordinal, name, claims: known.claims, attempts }
  }
  const ordinal = await nextOrdinal(tx, importId)
  if (ordinal >= MAX_UPLOADS)
    throw new AppError('limit_exceeded', `An import has at most ${MAX_UPLOADS} files.`)
  const kept = Object.keys(claims).length === 0 ? null : JSON.stringify(claims)
  const { seq } = await tx
    .insertInto('import_item')
    .values({
      import_id: importId,
      ordinal,
      name,
      claims: kept,
      state: 'waiting',
      attempts: 1,
      reason: null,
      detail: null,
      media_id: null,
      finished_at: null,
      ...lease,
    })
    .returning('seq')
    .executeTakeFirstOrThrow()
  return { seq, ordinal, name, claims: kept, attempts: 1 }
}

/** Of the next item of an import whose files are sent. */
export async function nextOrdinal(tx: Tx, importId: string): Promise<number> {
  const { last } = await tx
    .selectFrom('import_item')
    .select(({ fn }) => fn.max('ordinal').as('last'))
    .where('import_id', '=', importId)
    .executeTakeFirstOrThrow()
  return last === null ? 0 : last + 1
}
