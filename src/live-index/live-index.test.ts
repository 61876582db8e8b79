import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  actor,
  enrol,
  mateOf,
  storeWithCollection,
  testPhoto,
  withIndex,
} from '../../test/support/enrolled-record.ts'
import { filesBelow } from '../../test/support/scratch-folder.ts'
import { eraseMedia } from '../erasure/erase-media.ts'
import { BLOCK_HEADER_BYTES, FILE_HEADER_BYTES } from '../gallery/row-format.ts'
import type { Store } from '../store/store.ts'
import { LiveIndex } from './live-index.ts'

/** Cosines of what the index finds for a template. */
async function find(index: LiveIndex, template: Float32Array): Promise<number[]> {
  const ready = await index.ready()
  const [{ candidates }] = (await ready?.search([template], { k: 5 })) ?? [{ candidates: [] }]
  return candidates.map(({ similarity }) => similarity)
}

function rowsFile(store: Store): string {
  return path.join(store.dataFolder, 'index', 'pack-a_1', 'rows')
}

async function erase(ctx: { store: Store; index: LiveIndex }, sha256: string): Promise<boolean> {
  const target = { kind: 'media' as const, media: [sha256] }
  return (await eraseMedia(ctx, actor, { target, reason: 'test', dryRun: false })).indexCleared
}

async function mediaSha256(store: Store): Promise<string[]> {
  const rows = await store.db.selectFrom('media').select('sha256').orderBy('id').execute()
  return rows.map(({ sha256 }) => sha256)
}

describe('the live index', () => {
  test('is empty before the first import, and follows imports and erasures', async () => {
    const store = await storeWithCollection()
    const ctx = withIndex(store)
    expect(await ctx.index.ready()).toBeUndefined()
    const photo = testPhoto('a.jpg', 2)
    await enrol(store, [photo])
    const probe = mateOf(photo.templates[1], 0.7)
    expect((await find(ctx.index, probe))[0]).toBeCloseTo(0.7, 1)
    const later = { ...testPhoto('b.jpg'), templates: [mateOf(photo.templates[1], 0.9)] }
    await enrol(store, [later])
    expect(await find(ctx.index, probe)).toHaveLength(3)
    expect(await erase(ctx, (await mediaSha256(store))[0])).toBe(true)
    expect(await find(ctx.index, probe)).toHaveLength(1)
  })

  test.each([
    ['unencrypted', undefined],
    ['encrypted', randomBytes(32)],
  ])(
    'an %s one holds nothing of an erased face in its files, and one that was closed neither',
    async (_name, key) => {
      const store = await storeWithCollection(key)
      const ctx = withIndex(store)
      await enrol(store, [testPhoto('a.jpg'), testPhoto('b.jpg'), testPhoto('c.jpg')])
      await ctx.index.ready()
      const [first, second] = await mediaSha256(store)
      const written = readFileSync(rowsFile(store))
      // Three rows in one block: ids, scales, days and tags are 18 bytes a row, then come the templates.
      const templatesAt = FILE_HEADER_BYTES + BLOCK_HEADER_BYTES + 3 * 18
      const traces = [0, 1].map((row) =>
        written.subarray(templatesAt + row * 512 + 100, templatesAt + row * 512 + 164),
      )
      const found = (trace: Buffer): string[] =>
        filesBelow(store.dataFolder).flatMap(({ file, bytes }) => (bytes.includes(trace) ? [file] : []))
      expect(found(traces[0])).toEqual([rowsFile(store)])
      expect(await erase(ctx, first)).toBe(true)
      expect(found(traces[0])).toEqual([])
      await ctx.index.release()
      expect(await erase(ctx, second)).toBe(true)
      expect(found(traces[1])).toEqual([])
      expect((await ctx.index.ready())?.faces).toBe(1)
    },
  )

  test('what a byte was changed in is dropped, named, and fed again', async () => {
    const store = await storeWithCollection()
    const photos = [testPhoto('a.jpg'), testPhoto('b.jpg')]
    const ctx = withIndex(store)
    for (const photo of photos) {
      await enrol(store, [photo])
      await ctx.index.ready()
    }
    await ctx.index.release()
    const good = readFileSync(rowsFile(store))
    for (const at of [3, FILE_HEADER_BYTES + 5, FILE_HEADER_BYTES + 300, good.length - 10]) {
      const bad = Buffer.from(good)
      bad[at] ^= 4
      writeFileSync(rowsFile(store), bad)
      const index = new LiveIndex(store)
      onTestFinished(() => index.close())
      expect((await find(index, mateOf(photos[0].templates[0], 0.8)))[0]).toBeCloseTo(0.8, 1)
      expect(index.damage).toMatchObject([{ file: rowsFile(store) }])
      await index.close()
    }
  })

  test('files of an earlier state are brought up to date or made again', async () => {
    const store = await storeWithCollection()
    const ctx = withIndex(store)
    const photos = [testPhoto('a.jpg'), testPhoto('b.jpg'), testPhoto('c.jpg')]
    await enrol(store, photos)
    await ctx.index.ready()
    await ctx.index.release()
    const old = path.join(store.dataFolder, 'old-rows')
    copyFileSync(rowsFile(store), old)
    await erase(ctx, (await mediaSha256(store))[0])
    await ctx.index.release()
    // Rows from before the erasure beside a note from after it, as a careless restore leaves them.
    copyFileSync(old, rowsFile(store))
    expect((await ctx.index.ready())?.faces).toBe(2)
    await ctx.index.release()
    copyFileSync(old, rowsFile(store))
    rmSync(path.join(path.dirname(rowsFile(store)), 'progress.json'))
    expect((await ctx.index.ready())?.faces).toBe(2)
    await ctx.index.release()
    rmSync(path.dirname(rowsFile(store)), { recursive: true })
    expect((await ctx.index.ready())?.faces).toBe(2)
  })

  test('goes over to other templates when the record does, and removes the old files', async () => {
    const store = await storeWithCollection()
    const ctx = withIndex(store)
    await enrol(store, [testPhoto('a.jpg')])
    await ctx.index.ready()
    await store.db
      .updateTable('setting')
      .set({
        value: JSON.stringify({ packId: 'pack-b', pipelineVersion: '1', templateLength: 512 }),
      })
      .where('key', '=', 'active_templates')
      .execute()
    expect(await ctx.index.ready()).toMatchObject({ label: 'pack-b/1', faces: 0 })
    expect(existsSync(rowsFile(store))).toBe(false)
  })
})
