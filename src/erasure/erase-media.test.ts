import { hash, randomBytes } from 'node:crypto'
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
import { entriesAfter, removalsAfter } from '../store/index-feed.ts'
import type { Store } from '../store/store.ts'
import { eraseMedia } from './erase-media.ts'
import { finishErasures } from './finish-erasures.ts'

/** Pieces of what the photo was, as bytes that could stand on the disk. */
function traces({ name, bytes, templates }: TestPhoto): Buffer[] {
  const vectors = templates.map((vector) => Buffer.from(vector.buffer, vector.byteOffset + 400, 64))
  return [bytes.subarray(5000, 5064), Buffer.from(name), Buffer.from(hash('sha256', bytes)), ...vectors]
}

function tracesFound(store: Store, photo: TestPhoto): string[] {
  return filesBelow(store.dataFolder).flatMap(({ file, bytes }) =>
    traces(photo).flatMap((trace, index) =>
      bytes.includes(trace) || file.includes(trace.toString()) ? [`${index} in ${file}`] : [],
    ),
  )
}

const reason = 'asked for by the person'

describe('erasing media', () => {
  test('leaves nothing of it on the disk, a tombstone, and what others hold', async () => {
    const store = await storeWithCollection()
    const photos = [testPhoto('very-secret-name.jpg', 2), testPhoto('kept.jpg')]
    await enrol(store, photos)
    await store.record.checkpointNow()
    expect(tracesFound(store, photos[0]).length).toBeGreaterThanOrEqual(4)
    const report = await eraseMedia(withIndex(store), actor, {
      target: { kind: 'media', media: [hash('sha256', photos[0].bytes)] },
      reason,
      dryRun: false,
    })
    expect(report).toMatchObject({ media: 1, faces: 2, logEmptied: true })
    expect(tracesFound(store, photos[0])).toEqual([])
    expect(tracesFound(store, photos[1]).length).toBeGreaterThanOrEqual(3)
    const tombstones = await store.db.selectFrom('tombstone').selectAll().execute()
    expect(tombstones).toMatchObject([
      { reason, erased_by: 'tester', media_count: 1, face_count: 2, kind: 'media' },
    ])
    expect((await entriesAfter(store.db, 'pack-a/1', 0, 10)).map(({ id }) => id)).toEqual([3])
    expect((await removalsAfter(store.db, 0, 10)).map(({ entryId }) => entryId)).toEqual([1, 2])
    expect((await examine(withIndex(store), actor, { repair: false })).findings).toEqual([])
  })

  test('a dry run counts and changes nothing', async () => {
    const store = await storeWithCollection()
    const photo = testPhoto('a.jpg')
    await enrol(store, [photo])
    const target = { kind: 'media' as const, media: [hash('sha256', photo.bytes)] }
    expect(await eraseMedia(withIndex(store), actor, { target, reason, dryRun: true })).toMatchObject({
      media: 1,
    })
    expect(await store.vault.has(target.media[0])).toBe(true)
    expect(await entriesAfter(store.db, 'pack-a/1', 0, 10)).toHaveLength(1)
  })

  test('by person takes every photo linked with them or brought in for them', async () => {
    const store = await storeWithCollection()
    const one = { ...testPhoto('one.jpg'), claims: { person_ref: 'P-7', person_name: 'N' } }
    const group = { ...testPhoto('group.jpg', 3), claims: { person_ref: 'P-7' } }
    const other = { ...testPhoto('other.jpg'), claims: { person_ref: 'P-8' } }
    await enrol(store, [one, group, other])
    const report = await eraseMedia(withIndex(store), actor, {
      target: { kind: 'person', person: 'P-7' },
      reason,
      dryRun: false,
    })
    expect(report.media).toBe(2)
    expect(tracesFound(store, one)).toEqual([])
    expect(tracesFound(store, group)).toEqual([])
    expect(await store.db.selectFrom('person').select('ref').execute()).toEqual([{ ref: 'P-8' }])
  })

  test('by source keeps media that also came from elsewhere', async () => {
    const store = await storeWithCollection()
    const shared = { ...testPhoto('shared.jpg'), claims: { source_url: 'https://a.example/1' } }
    const single = { ...testPhoto('single.jpg'), claims: { source_url: 'https://a.example/1' } }
    await enrol(store, [shared, single])
    await enrol(store, [{ ...shared, claims: { source_url: 'https://b.example/2' } }])
    const target = { kind: 'source' as const, source: 'https://a.example/1' }
    expect(await eraseMedia(withIndex(store), actor, { target, reason, dryRun: false })).toMatchObject({
      media: 1,
      sources: 1,
    })
    expect(tracesFound(store, single)).toEqual([])
    const left = await store.db.selectFrom('source').select('source_url').execute()
    expect(left).toEqual([{ source_url: 'https://b.example/2' }])
  })

  test('takes names that imports brought, with the last photo that bears them', async () => {
    const store = await storeWithCollection()
    const named = { ...testPhoto('one.jpg'), claims: { person_name: 'Ivan Secretname' } }
    const again = { ...testPhoto('two.jpg'), claims: { person_name: 'Ivan Secretname' } }
    await enrol(store, [named, again])
    const persons = () => store.db.selectFrom('person').select('name').execute()
    const erase = ({ bytes }: TestPhoto) =>
      eraseMedia(withIndex(store), actor, {
        target: { kind: 'media', media: [hash('sha256', bytes)] },
        reason,
        dryRun: false,
      })
    await erase(named)
    expect(await persons()).toEqual([{ name: 'Ivan Secretname' }])
    await erase(again)
    expect(await persons()).toEqual([])
    const files = filesBelow(store.dataFolder).filter(({ bytes }) => bytes.includes('Secretname'))
    expect(files.map(({ file }) => file)).toEqual([])
  })

  test('takes a name with the source that brought it, and leaves the photo and what other sources say', async () => {
    const store = await storeWithCollection()
    const photo = testPhoto('shared.jpg')
    const first = { source_url: 'https://a.example/1', person_name: 'Ivan Secretname' }
    await enrol(store, [{ ...photo, claims: first }])
    await enrol(store, [{ ...photo, claims: { source_url: 'https://b.example/2', person_ref: 'P-9' } }])
    const target = { kind: 'source' as const, source: 'https://a.example/1' }
    await eraseMedia(withIndex(store), actor, { target, reason, dryRun: false })
    expect(await store.db.selectFrom('person').select(['name', 'ref']).execute()).toEqual([
      { name: null, ref: 'P-9' },
    ])
    expect(await store.db.selectFrom('person_face').select('origin').execute()).toEqual([
      { origin: 'manifest' },
    ])
    expect(filesBelow(store.dataFolder).some(({ bytes }) => bytes.includes('Secretname'))).toBe(false)
  })

  test('by date takes what came in before, and nothing of today', async () => {
    const store = await storeWithCollection()
    await enrol(store, [testPhoto('a.jpg')])
    const erase = (before: string) =>
      eraseMedia(withIndex(store), actor, { target: { kind: 'before', before }, reason, dryRun: false })
    expect((await erase('2020-01-01')).media).toBe(0)
    expect((await erase('2999-01-01')).media).toBe(1)
    await expect(erase('yesterday')).rejects.toMatchObject({ code: 'bad_input' })
  })

  test('cut off before the bytes went, is finished later', async () => {
    const store = await storeWithCollection(randomBytes(32))
    const sha256 = 'ab'.repeat(32)
    await store.vault.publish([await store.vault.stage(randomBytes(100), sha256)])
    await store.db.insertInto('pending_erasure').values({ sha256, tombstone_id: 'x' }).execute()
    expect(await finishErasures({ store })).toBe(true)
    expect(await store.vault.has(sha256)).toBe(false)
  })

  test('what does not exist is an error that says that nothing was erased', async () => {
    const store = await storeWithCollection()
    for (const target of [
      { kind: 'media' as const, media: ['x'] },
      { kind: 'person' as const, person: 'x' },
      { kind: 'source' as const, source: 'x' },
    ]) {
      await expect(
        eraseMedia(withIndex(store), actor, { target, reason, dryRun: false }),
      ).rejects.toMatchObject({
        code: 'not_found',
        message: expect.stringContaining('Nothing was erased'),
      })
    }
    const none = { target: { kind: 'before' as const, before: '2020-01-01' }, reason: ' ', dryRun: false }
    await expect(eraseMedia(withIndex(store), actor, none)).rejects.toMatchObject({ code: 'bad_input' })
  })
})
