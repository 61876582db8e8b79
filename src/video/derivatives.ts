import { newId, nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import type { Store } from '../store/store.ts'
import type { DerivativeTable } from '../store/tables/media-tables.ts'

/** Bytes of stills that are kept; the longest unused go first. They are made again when they are wanted. */
const MAX_STILL_BYTES = 2 * 1024 * 1024 * 1024
/** Bytes of copies for browsers that are kept. */
const MAX_COPIES_BYTES = 64 * 1024 * 1024 * 1024
/** Rows that one clearing out looks at. */
const CLEAR_ROWS = 500

type Place = Pick<DerivativeTable, 'media_id' | 'kind' | 'name'>

/** Something made from an original earlier, if it is still there. */
export async function findDerivative(store: Store, place: Place): Promise<DerivativeTable | undefined> {
  const row = await store.db
    .selectFrom('derivative')
    .selectAll()
    .where('media_id', '=', place.media_id)
    .where('kind', '=', place.kind)
    .where('name', '=', place.name)
    .executeTakeFirst()
  if (row === undefined || !(await store.derived.has(row.sha256))) return undefined
  await store.db.updateTable('derivative').set({ used_at: nowIso() }).where('id', '=', row.id).execute()
  return row
}

/**
 * Keeps something that was made from an original. When the original was erased meanwhile nothing is kept.
 * @param staged names the bytes, which stand in `store.derived` under a temporary name
 */
export async function keepDerivative(
  store: Store,
  place: Place,
  made: { staged: Awaited<ReturnType<Store['derived']['stage']>>; byteLength: number; recipe: object },
): Promise<boolean> {
  const { staged, byteLength, recipe } = made
  const isKept = await store.db.transaction().execute(async (tx) => {
    const media = await tx
      .selectFrom('media')
      .select('id')
      .where('id', '=', place.media_id)
      .executeTakeFirst()
    if (media === undefined) return false
    // Inside the write lock: no erasure can pass between the bytes and the row that leads to them.
    await store.derived.publish([staged])
    const values = {
      sha256: staged.sha256,
      byte_length: byteLength,
      recipe: JSON.stringify(recipe),
      used_at: nowIso(),
    }
    await tx
      .insertInto('derivative')
      .values({ id: newId(), ...place, ...values })
      .onConflict((conflict) => conflict.columns(['media_id', 'kind', 'name']).doUpdateSet(values))
      .execute()
    return true
  })
  if (isKept) await clearOut(store, place.kind)
  else await store.derived.discard(staged)
  return isKept
}

/** Takes the rows of everything derived from media that are erased; the bytes go with `eraseUnused`. */
export async function forgetDerivatives(tx: Tx, mediaIds: readonly string[]): Promise<void> {
  await tx.deleteFrom('derivative').where('media_id', 'in', mediaIds).execute()
}

/** Erases derived bytes that no row leads to. Time: one look at each file's name, and at its header where it is encrypted. */
export async function eraseUnused(store: Pick<Store, 'db' | 'derived'>): Promise<number> {
  let erased = 0
  for await (const entry of store.derived.entries()) {
    if (entry.kind !== 'media' || (await isDerivedInUse(store.db, entry.sha256))) continue
    erased += await store.db.transaction().execute(async (tx) => {
      if (await isDerivedInUse(tx, entry.sha256)) return 0
      await store.derived.erase(entry.sha256)
      return 1
    })
  }
  return erased
}

export async function isDerivedInUse(db: Db, sha256: string): Promise<boolean> {
  const row = await db
    .selectFrom('derivative')
    .select('id')
    .where('sha256', '=', sha256)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

async function clearOut(store: Store, kind: DerivativeTable['kind']): Promise<void> {
  const most = kind === 'still' ? MAX_STILL_BYTES : MAX_COPIES_BYTES
  const { total } = await store.db
    .selectFrom('derivative')
    .select(({ fn }) => fn.sum<number | null>('byte_length').as('total'))
    .where('kind', '=', kind)
    .executeTakeFirstOrThrow()
  let surplus = (total ?? 0) - most
  if (surplus <= 0) return
  const oldest = await store.db
    .selectFrom('derivative')
    .select(['id', 'sha256', 'byte_length'])
    .where('kind', '=', kind)
    .orderBy('used_at')
    .limit(CLEAR_ROWS)
    .execute()
  for (const { id, sha256, byte_length: bytes } of oldest) {
    if (surplus <= 0) return
    await store.db.transaction().execute(async (tx) => {
      await tx.deleteFrom('derivative').where('id', '=', id).execute()
      if (!(await isDerivedInUse(tx, sha256))) await store.derived.erase(sha256)
    })
    surplus -= bytes
  }
}
