import { mkdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { actor, storeWithCollection } from '../../test/support/enrolled-record.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import type { Store } from '../store/store.ts'
import { MAX_ATTEMPTS } from './limits.ts'
import { LEASE_ITEMS, SOLO_FROM_ATTEMPT } from './pace.ts'
import { isDead, LEASEHOLDER } from '../store/leaseholder.ts'
import { leaseItems, returnLeases } from './lease.ts'
import { listItems, startImport } from './start-import.ts'

async function listedImport(files: number): Promise<{ store: Store; id: string }> {
  const store = await storeWithCollection()
  const source = path.join(scratchFolder(), 'source')
  mkdirSync(source)
  for (let index = 0; index < files; index++) {
    writeFileSync(path.join(source, `${String(index).padStart(3, '0')}.jpg`), `${index}`)
  }
  const { id } = await startImport({ store }, actor, { source, collection: 'Test' })
  await listItems({ store }, id, () => undefined)
  return { store, id }
}

test('leases are exclusive, in order, and can be given back', async () => {
  const { store, id } = await listedImport(LEASE_ITEMS + 5)
  const first = await leaseItems(store.db, id)
  const second = await leaseItems(store.db, id)
  expect(first.map(({ ordinal }) => ordinal)).toEqual(
    Array.from({ length: LEASE_ITEMS }, (_, index) => index),
  )
  expect(second).toHaveLength(5)
  expect(await leaseItems(store.db, id)).toEqual([])
  await returnLeases(store.db, first)
  expect(await leaseItems(store.db, id)).toEqual(first)
})

test('leases of dead processes are taken over at once, those of living ones when they end', async () => {
  const { store, id } = await listedImport(2)
  await leaseItems(store.db, id)
  const setHolder = (holder: string, until: string) =>
    store.db.updateTable('import_item').set({ leased_by: holder, leased_until: until }).execute()
  await setHolder('another-machine/1/1', '2999-01-01T00:00:00.000Z')
  expect(await leaseItems(store.db, id)).toEqual([])
  await setHolder('another-machine/1/1', '2000-01-01T00:00:00.000Z')
  expect(await leaseItems(store.db, id)).toHaveLength(2)
  await setHolder(`${hostname()}/${process.pid}/1`, '2999-01-01T00:00:00.000Z')
  expect(await leaseItems(store.db, id)).toHaveLength(2)
  expect(isDead(LEASEHOLDER)).toBe(false)
  expect(isDead(`${hostname()}/999999999/5`)).toBe(true)
})

test('an item that was begun often comes alone, and is given up in the end', async () => {
  const { store, id } = await listedImport(3)
  const setAttempts = (ordinal: number, attempts: number) =>
    store.db
      .updateTable('import_item')
      .set({ attempts, leased_by: 'gone', leased_until: '2000-01-01T00:00:00.000Z' })
      .where('ordinal', '=', ordinal)
      .execute()
  await setAttempts(1, SOLO_FROM_ATTEMPT)
  expect((await leaseItems(store.db, id)).map(({ ordinal }) => ordinal)).toEqual([0])
  expect((await leaseItems(store.db, id)).map(({ ordinal }) => ordinal)).toEqual([1])
  expect((await leaseItems(store.db, id)).map(({ ordinal }) => ordinal)).toEqual([2])
  await setAttempts(1, MAX_ATTEMPTS)
  expect(await leaseItems(store.db, id)).toEqual([])
  const given = await store.db
    .selectFrom('import_item')
    .select(['state', 'reason'])
    .where('ordinal', '=', 1)
    .execute()
  expect(given).toEqual([{ state: 'failed', reason: 'gave_up' }])
})
