import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import {
  actor,
  enrol,
  mateOf,
  storeWithCollection,
  testPhoto,
  withIndex,
} from '../../test/support/enrolled-record.ts'
import { eraseMedia } from '../erasure/erase-media.ts'
import { openStore } from '../store/store.ts'

test('who finds the files held searches a copy, and what it erases leaves the files that the first has open', async () => {
  const store = await storeWithCollection()
  const holder = withIndex(store)
  const photos = [testPhoto('a.jpg'), testPhoto('b.jpg')]
  await enrol(store, photos)
  expect((await holder.index.ready())?.faces).toBe(2)
  const otherStore = await openStore({ dataFolder: store.dataFolder, operatorKey: undefined })
  onTestFinished(() => otherStore.close())
  const other = withIndex(otherStore)
  const ready = await other.index.ready()
  const probe = mateOf(photos[1].templates[0], 0.8)
  const [{ candidates }] = (await ready?.search([probe], { k: 1 })) ?? []
  expect(candidates[0].similarity).toBeCloseTo(0.8, 1)
  const rows = path.join(store.dataFolder, 'index', 'pack-a_1', 'rows')
  const before = readFileSync(rows)
  const { sha256 } = await store.db.selectFrom('media').select('sha256').executeTakeFirstOrThrow()
  const target = { kind: 'media' as const, media: [sha256] }
  expect(await eraseMedia(other, actor, { target, reason: 'test', dryRun: false })).toMatchObject({
    indexCleared: true,
  })
  // Nobody asked the holder for anything: it looks at the record by itself.
  expect(readFileSync(rows)).not.toEqual(before)
  expect((await other.index.ready())?.faces).toBe(1)
  expect((await holder.index.ready())?.faces).toBe(1)
})
