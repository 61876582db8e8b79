import { hash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import {
  actor,
  enrol,
  mateOf,
  storeWithCollection,
  testPhoto,
  withIndex,
} from '../../test/support/enrolled-record.ts'
import { filesBelow } from '../../test/support/scratch-folder.ts'
import { AppError } from '../errors.ts'
import type { GalleryCandidate } from '../gallery/types.ts'
import type { LiveIndex } from '../live-index/live-index.ts'
import { entriesAfter } from '../store/index-feed.ts'
import { rotateKey } from '../store/vault/rotate-key.ts'
import { openStore, type Store } from '../store/store.ts'
import { examine } from './examine.ts'

/** Random places in each file. */
const FLIPS = 4

/** Park and Miller's generator: the same places for the same seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

async function search({ index }: { index: LiveIndex }, probe: Float32Array): Promise<GalleryCandidate[]> {
  const ready = await index.ready()
  const [found] = (await ready?.search([probe], { k: 10 })) ?? []
  return found.candidates
}

/** Opens the folder; undefined when it is refused, with words that name the file. */
async function openOrRefuse(dataFolder: string, key: Buffer | undefined): Promise<Store | string> {
  try {
    return await openStore({ dataFolder, operatorKey: key })
  } catch (error) {
    expect(error).toMatchObject({ name: 'AppError' })
    return (error as AppError).message
  }
}

async function expectNamed(
  dataFolder: string,
  key: Buffer | undefined,
  name: string,
  at: number,
): Promise<void> {
  const store = await openOrRefuse(dataFolder, key)
  const place = `${name} at byte ${at}`
  if (typeof store === 'string') {
    expect(store, place).toContain(name)
    return
  }
  const { findings } = await examine(withIndex(store), actor, { repair: false })
  await store.close()
  const named = findings.filter(({ where, severity }) => where === name && severity !== 'leftover')
  expect(named, place).not.toEqual([])
}

async function expectSameOrRefused(
  dataFolder: string,
  key: Buffer | undefined,
  { probe, good, file, bad }: { probe: Float32Array; good: GalleryCandidate[]; file: string; bad: Buffer },
): Promise<void> {
  writeFileSync(file, bad)
  const store = await openOrRefuse(dataFolder, key)
  if (typeof store === 'string') return
  const ctx = withIndex(store)
  try {
    expect(await search(ctx, probe)).toEqual(good)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    expect(error.code).toBe('corrupt_record')
  } finally {
    await ctx.index.close()
    await store.close()
  }
}

describe.each([
  ['unencrypted', undefined],
  ['encrypted', randomBytes(32)],
])('doctor on an %s record', (_name, key) => {
  test('finds nothing wrong with a sound one', async () => {
    const store = await storeWithCollection(key)
    await enrol(store, [testPhoto('a.jpg', 2), testPhoto('b.jpg', 0)])
    const result = await examine(withIndex(store), actor, { repair: false })
    expect(result).toMatchObject({ findings: [], mediaChecked: 2 })
    expect(result.rowsChecked).toBeGreaterThan(8)
  })

  test('names any stored file in which one byte was flipped, and no search returns it as good', async () => {
    const store = await storeWithCollection(key)
    const photos = [testPhoto('a.jpg', 2), testPhoto('b.jpg', 1), testPhoto('c.jpg', 3)]
    await enrol(store, photos)
    const before = withIndex(store)
    const probe = mateOf(photos[1].templates[0], 0.8)
    const good = await search(before, probe)
    expect(good).toHaveLength(6)
    await before.index.close()
    await store.close()
    // The shared-memory file is SQLite's own scratch space, made anew at each start; empty files have no byte.
    const files = filesBelow(store.dataFolder).filter(
      ({ file, bytes }) => !file.endsWith('-shm') && bytes.length > 0,
    )
    expect(files.map(({ file }) => path.basename(file))).toEqual(
      expect.arrayContaining(['record.db', 'record.seal', 'rows', 'progress.json']),
    )
    const random = seeded(20_220_224)
    for (const { file, bytes } of files) {
      for (let flips = 0; flips < FLIPS; flips++) {
        const at = Math.floor(random() * bytes.length)
        const bad = Buffer.from(bytes)
        bad[at] ^= 1 << Math.floor(random() * 8)
        writeFileSync(file, bad)
        const name = path.relative(store.dataFolder, file)
        await expectNamed(store.dataFolder, key, name, at)
        for (const { file: each, bytes: whole } of files) writeFileSync(each, whole)
        await expectSameOrRefused(store.dataFolder, key, { probe, good, file, bad })
        for (const { file: each, bytes: whole } of files) writeFileSync(each, whole)
      }
    }
  })

  test('makes the index again where it is damaged or does not fit the record, and only when asked', async () => {
    const store = await storeWithCollection(key)
    const ctx = withIndex(store)
    await enrol(store, [testPhoto('a.jpg', 2), testPhoto('b.jpg', 1)])
    await ctx.index.ready()
    await ctx.index.release()
    const rows = path.join(store.dataFolder, 'index', 'pack-a_1', 'rows')
    const written = readFileSync(rows)
    written[written.length - 100] ^= 1
    writeFileSync(rows, written)
    await store.db.deleteFrom('index_entry').where('id', '=', 1).execute()
    mkdirSync(path.join(store.dataFolder, 'index', 'older_1'))
    const found = await examine(ctx, actor, { repair: false })
    expect(found.findings).toMatchObject([
      { severity: 'derived', where: expect.stringContaining('index_entry of media') },
      { severity: 'leftover', where: 'index/older_1' },
      { severity: 'derived', where: 'index/pack-a_1/rows', detail: expect.stringContaining('checksum') },
    ])
    const repaired = await examine(ctx, actor, { repair: true })
    expect(repaired.findings.map((finding) => finding.repaired)).toEqual([true, true])
    expect(existsSync(path.join(store.dataFolder, 'index', 'older_1'))).toBe(false)
    expect((await examine(ctx, actor, { repair: false })).findings).toEqual([])
    expect((await ctx.index.ready())?.faces).toBe(3)
  })

  test('names rows that the index lacks and rows that the record has not', async () => {
    const store = await storeWithCollection(key)
    const ctx = withIndex(store)
    await enrol(store, [testPhoto('a.jpg', 3)])
    await ctx.index.ready()
    await ctx.index.release()
    // As if written by something that knows nothing of the feed.
    await store.db.updateTable('index_entry').set({ id: 10 }).where('id', '=', 2).execute()
    const { findings } = await examine(ctx, actor, { repair: false })
    expect(findings).toMatchObject([
      { where: 'index/pack-a_1/rows', detail: 'It holds 1 row (2), which the record has not.' },
    ])
    await store.db.updateTable('index_entry').set({ id: 2 }).where('id', '=', 10).execute()
    expect((await examine(ctx, actor, { repair: false })).findings).toEqual([])
  })

  test('a template whose row changed is never given', async () => {
    const store = await storeWithCollection(key)
    await enrol(store, [testPhoto('a.jpg', 1)])
    const { vector } = await store.db.selectFrom('template').select('vector').executeTakeFirstOrThrow()
    vector[7] ^= 1
    await store.db.updateTable('template').set({ vector }).execute()
    await expect(entriesAfter(store.db, 'pack-a/1', 0, 10)).rejects.toMatchObject({ code: 'corrupt_record' })
    const { findings } = await examine(withIndex(store), actor, { repair: false })
    expect(findings).toMatchObject([{ severity: 'fault', where: 'template 1' }])
  })

  test('names a missing original, and removes leftovers only when they are old', async () => {
    const store = await storeWithCollection(key)
    const photo = testPhoto('a.jpg', 0)
    await enrol(store, [photo])
    rmSync(store.vault.fileOf(hash('sha256', photo.bytes)))
    const left = await store.vault.stage(randomBytes(10), 'cd'.repeat(32))
    const young = await examine(withIndex(store), actor, { repair: true })
    expect(young.findings).toMatchObject([
      { severity: 'fault', detail: 'The original is missing.' },
      { severity: 'leftover', repaired: false },
    ])
    utimesSync(left.temporary, 0, 0)
    const old = await examine(withIndex(store), actor, { repair: true })
    expect(old.findings).toMatchObject([{ severity: 'fault' }, { severity: 'leftover', repaired: true }])
    expect((await examine(withIndex(store), actor, { repair: false })).findings).toHaveLength(1)
  })
})

/** libsql lets go of a file when the connection's statements are collected; a new process needs none of this. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}

describe('changing the key', () => {
  test('writes everything anew; the old key opens nothing, the new one everything', async () => {
    const [oldKey, newKey] = [randomBytes(32), randomBytes(32)]
    const store = await storeWithCollection(oldKey)
    const photo = testPhoto('a.jpg', 1)
    await enrol(store, [photo])
    await store.close()
    collectGarbage()
    const before = readFileSync(path.join(store.dataFolder, 'record.db'))
    const { dataFolder } = store
    expect(await rotateKey({ dataFolder, oldKey, newKey })).toEqual({ media: 1 })
    await expect(openStore({ dataFolder, operatorKey: oldKey })).rejects.toMatchObject({ code: 'wrong_key' })
    const after = await openStore({ dataFolder, operatorKey: newKey })
    expect((await examine(withIndex(after), actor, { repair: false })).findings).toEqual([])
    expect(Buffer.compare(await after.vault.read(hash('sha256', photo.bytes)), photo.bytes)).toBe(0)
    expect(readFileSync(path.join(dataFolder, 'record.db')).subarray(16, 4096)).not.toEqual(
      before.subarray(16, 4096),
    )
    await after.close()
  })
})
