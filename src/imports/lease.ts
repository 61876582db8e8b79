import { sql } from 'kysely'
import { WorkLoop } from '../concurrency/work-loop.ts'
import { isDead, LEASEHOLDER } from '../store/leaseholder.ts'
import type { Db } from '../store/database/db.ts'
import { MAX_ATTEMPTS } from './limits.ts'
import { LEASE_ITEMS, LEASE_MS, RENEW_EVERY_MS, SOLO_FROM_ATTEMPT } from './pace.ts'

/** SHA-256 of the web archive that holds an item's bytes; null of any other. */
export const ARCHIVE_OF_ITEM = sql<string | null>`import_item.claims ->> '$.capture.archive'`

/** An item that this process works on until its lease ends. */
export interface LeasedItem {
  seq: number
  ordinal: number
  name: string
  claims: string | null
  attempts: number
}

/** Until when a lease taken now holds. */
export function leaseEnd(): string {
  return new Date(Date.now() + LEASE_MS).toISOString()
}

/**
 * Takes the next waiting items of an import that nobody works on: expired leases and those of dead processes included.
 * Items that were begun `SOLO_FROM_ATTEMPT` times come alone; those begun `MAX_ATTEMPTS` times are given up.
 * @param options.archive SHA-256: only files out of this web archive
 */
export async function leaseItems(
  db: Db,
  importId: string,
  { limit = LEASE_ITEMS, archive }: { limit?: number; archive?: string } = {},
): Promise<LeasedItem[]> {
  return db.transaction().execute(async (tx) => {
    const now = new Date().toISOString()
    const holders = await tx
      .selectFrom('import_item')
      .select('leased_by')
      .distinct()
      .where('import_id', '=', importId)
      .where('leased_by', 'is not', null)
      .execute()
    const dead = holders.flatMap(({ leased_by: holder }) =>
      holder !== null && isDead(holder) ? [holder] : [],
    )
    await tx
      .updateTable('import_item')
      .set({
        state: 'failed',
        reason: 'gave_up',
        detail: `It was begun ${MAX_ATTEMPTS} times and the process ended each time; it may be the cause.`,
        finished_at: now,
        leased_by: null,
        leased_until: null,
      })
      .where('import_id', '=', importId)
      .where('state', '=', 'waiting')
      .where('leased_by', 'is not', null)
      .where('attempts', '>=', MAX_ATTEMPTS)
      .where((where) => where.or([where('leased_until', '<', now), where('leased_by', 'in', dead)]))
      .execute()
    let query = tx
      .selectFrom('import_item')
      .select(['seq', 'ordinal', 'name', 'claims', 'attempts'])
      .where('import_id', '=', importId)
      .where('state', '=', 'waiting')
      .where((where) =>
        where.or([
          where('leased_until', 'is', null),
          where('leased_until', '<', now),
          where('leased_by', 'in', dead),
        ]),
      )
      .orderBy('ordinal')
      .limit(limit)
    if (archive !== undefined) query = query.where(ARCHIVE_OF_ITEM, '=', archive)
    const free = await query.execute()
    const solo = free.findIndex((item) => item.attempts >= SOLO_FROM_ATTEMPT)
    const taken = solo === -1 ? free : solo === 0 ? free.slice(0, 1) : free.slice(0, solo)
    if (taken.length === 0) return []
    const seqs = taken.map((item) => item.seq)
    await tx
      .updateTable('import_item')
      .set({ leased_by: LEASEHOLDER, leased_until: leaseEnd(), attempts: sql`attempts + 1` })
      .where('seq', 'in', seqs)
      .execute()
    return taken.map((item) => ({ ...item, name: item.name ?? '', attempts: item.attempts + 1 }))
  })
}

/** Renews an item's lease until it is released: reading a large file takes longer than a lease. */
export function holdLease(db: Db, { seq }: Pick<LeasedItem, 'seq'>): () => Promise<void> {
  const renewal = new WorkLoop({
    everyMs: RENEW_EVERY_MS,
    waitsFirst: true,
    retry: { firstMs: RENEW_EVERY_MS, longestMs: RENEW_EVERY_MS },
    // Whoever works on the item meets the same trouble, and says so.
    onTrouble: () => undefined,
    async step() {
      await db
        .updateTable('import_item')
        .set({ leased_until: leaseEnd() })
        .where('seq', '=', seq)
        .where('leased_by', '=', LEASEHOLDER)
        .execute()
      return false
    },
  })
  renewal.start()
  return () => renewal.stop()
}

/** Gives back what was leased and not begun, as if it had never been taken. */
export async function returnLeases(db: Db, items: readonly LeasedItem[]): Promise<void> {
  if (items.length === 0) return
  await db
    .updateTable('import_item')
    .set({ leased_by: null, leased_until: null, attempts: sql`max(attempts - 1, 0)` })
    .where(
      'seq',
      'in',
      items.map((item) => item.seq),
    )
    .where('leased_by', '=', LEASEHOLDER)
    .where('state', '=', 'waiting')
    .execute()
}
