import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  actor,
  enrol,
  storeWithCollection,
  testPhoto,
  withIndex,
  type TestPhoto,
} from '../../test/support/enrolled-record.ts'
import { filesBelow } from '../../test/support/scratch-folder.ts'
import { examine } from '../doctor/examine.ts'
import { nowIso } from '../store/ids.ts'
import type { Store } from '../store/store.ts'
import { createCollection } from '../collections/create-collection.ts'
import { eraseMedia } from '../erasure/erase-media.ts'
import { imposeHold, liftHold } from '../collections/legal-hold.ts'
import { runRetention } from './run-retention.ts'

/** Opens a collection to be kept until that day. */
async function collectionUntil(store: Store, title: string, retentionUntil: string): Promise<string> {
  const { id } = await createCollection({ store }, actor, {
    title,
    lawfulBasis: 'made up for a test',
    agency: 'Test agency',
    sensitivity: 'ordinary',
    retentionUntil,
  })
  return id
}

/** Whether anything of a photo stands on the disk: name, bytes, hash, templates. */
async function isOnDisk(store: Store, { name, bytes, templates }: TestPhoto): Promise<boolean> {
  await store.record.checkpointNow()
  const vectors = templates.map((vector) => Buffer.from(vector.buffer, vector.byteOffset + 400, 64))
  const traces = [
    bytes.subarray(5000, 5064),
    Buffer.from(name),
    Buffer.from(hash('sha256', bytes)),
    ...vectors,
  ]
  return filesBelow(store.dataFolder).some(({ file, bytes: content }) =>
    traces.some((trace) => content.includes(trace) || file.includes(trace.toString())),
  )
}

async function auditOf(store: Store, ...actions: string[]) {
  const rows = await store.db.selectFrom('audit_event').selectAll().where('action', 'in', actions).execute()
  return rows.map(({ action, actor: name, details }) => ({
    action,
    actor: name,
    details: JSON.parse(details!),
  }))
}

const reason = 'asked for by a court'

describe('retention', () => {
  test('what passed its date is gone from the disk; today and what has no date stays', async () => {
    const store = await storeWithCollection()
    await collectionUntil(store, 'Past', '2020-01-01')
    await collectionUntil(store, 'Today', nowIso().slice(0, 10))
    const past = { ...testPhoto('very-secret-name.jpg', 2), claims: { note: 'secret-claim' } }
    const named = { ...testPhoto('named.jpg'), claims: { person_ref: 'P-1', person_name: 'Secret Person' } }
    const [dateless, today] = [testPhoto('dateless.jpg'), testPhoto('today.jpg')]
    await enrol(store, [past, named], 'Past')
    await enrol(store, [dateless])
    await enrol(store, [today], 'Today')
    expect(await isOnDisk(store, past)).toBe(true)
    const counted = await runRetention(withIndex(store), actor, { dryRun: true })
    expect(counted.collections).toMatchObject([{ title: 'Past', held: false, media: 2 }])
    expect(await isOnDisk(store, past)).toBe(true)
    const report = await runRetention(withIndex(store), actor, { dryRun: false })
    expect(report).toMatchObject({
      collections: [{ title: 'Past', held: false, media: 2, faces: 3, sources: 0 }],
      logEmptied: true,
      indexCleared: true,
    })
    expect(await isOnDisk(store, past)).toBe(false)
    expect(await isOnDisk(store, named)).toBe(false)
    expect(await isOnDisk(store, dateless)).toBe(true)
    expect(await isOnDisk(store, today)).toBe(true)
    expect(await store.db.selectFrom('person').select('ref').execute()).toEqual([])
    expect(await auditOf(store, 'retention.erase')).toMatchObject([
      { actor: 'tester', details: { kind: 'retention', media: 2, faces: 3 } },
    ])
    expect((await runRetention(withIndex(store), actor, { dryRun: false })).collections).toEqual([])
    expect((await examine(withIndex(store), actor, { repair: false })).findings).toEqual([])
  })

  test('photos that another collection holds too stay there, without the source that went', async () => {
    const store = await storeWithCollection()
    await collectionUntil(store, 'Past', '2020-01-01')
    const shared = { ...testPhoto('shared.jpg'), claims: { source_url: 'https://a.example/past' } }
    await enrol(store, [shared], 'Past')
    await enrol(store, [{ ...shared, claims: { source_url: 'https://a.example/kept' } }])
    const report = await runRetention(withIndex(store), actor, { dryRun: false })
    expect(report.collections).toMatchObject([{ media: 0, faces: 0, sources: 1 }])
    expect(await isOnDisk(store, shared)).toBe(true)
    const left = await store.db.selectFrom('source').select('source_url').execute()
    expect(left).toEqual([{ source_url: 'https://a.example/kept' }])
    expect((await examine(withIndex(store), actor, { repair: false })).findings).toEqual([])
  })

  test('names of files that gave no photo go too, and the import takes nothing more in', async () => {
    const store = await storeWithCollection()
    await collectionUntil(store, 'Past', '2020-01-01')
    await enrol(store, [testPhoto('a.jpg')], 'Past')
    await store.db
      .updateTable('import_item')
      .set({ state: 'waiting', media_id: null, name: 'still-waiting.jpg', claims: '{"note":"x"}' })
      .execute()
    await runRetention(withIndex(store), actor, { dryRun: false })
    const items = await store.db
      .selectFrom('import_item')
      .select(['name', 'claims', 'state', 'reason'])
      .execute()
    expect(items).toEqual([{ name: null, claims: null, state: 'unreadable', reason: 'erased' }])
  })

  test('a legal hold keeps it, from erasure by hand too; when every hold is lifted it goes', async () => {
    const store = await storeWithCollection()
    const collectionId = await collectionUntil(store, 'Past', '2020-01-01')
    const photo = testPhoto('held.jpg')
    await enrol(store, [photo], 'Past')
    const first = await imposeHold({ store }, actor, { collectionId, reason })
    const second = await imposeHold({ store }, actor, { collectionId, reason: 'another one' })
    const run = () => runRetention(withIndex(store), actor, { dryRun: false })
    expect((await run()).collections).toMatchObject([{ held: true }])
    await liftHold({ store }, actor, { id: first.id, reason: 'withdrawn' })
    expect((await run()).collections).toMatchObject([{ held: true }])
    const target = { kind: 'media' as const, media: [hash('sha256', photo.bytes)] }
    await expect(
      eraseMedia(withIndex(store), actor, { target, reason, dryRun: false }),
    ).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('Nothing was erased') })
    expect(await isOnDisk(store, photo)).toBe(true)
    await liftHold({ store }, actor, { id: second.id, reason: 'withdrawn' })
    expect((await run()).collections).toMatchObject([{ held: false, media: 1 }])
    expect(await isOnDisk(store, photo)).toBe(false)
    expect(await auditOf(store, 'hold.impose', 'hold.lift')).toMatchObject([
      { action: 'hold.impose', details: { collection: collectionId, reason } },
      { action: 'hold.impose' },
      { action: 'hold.lift', details: { collection: collectionId, reason: 'withdrawn' } },
      { action: 'hold.lift' },
    ])
    await expect(liftHold({ store }, actor, { id: first.id, reason })).rejects.toMatchObject({
      code: 'conflict',
    })
  })
})
