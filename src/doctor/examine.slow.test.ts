import { hash, randomBytes } from 'node:crypto'
import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { actor, enrol, storeWithCollection, testPhoto } from '../../test/support/enrolled-record.ts'
import { filesBelow } from '../../test/support/scratch-folder.ts'
import { entriesAfter } from '../store/index-feed.ts'
import { rotateKey } from '../store/rotate-key.ts'
import { openStore } from '../store/store.ts'
import { examine } from './examine.ts'

describe.each([
  ['unencrypted', undefined],
  ['encrypted', randomBytes(32)],
])('doctor on an %s record', (_name, key) => {
  test('finds nothing wrong with a sound one', async () => {
    const store = await storeWithCollection(key)
    await enrol(store, [testPhoto('a.jpg', 2), testPhoto('b.jpg', 0)])
    const result = await examine({ store }, actor, { repair: false })
    expect(result).toMatchObject({ findings: [], mediaChecked: 2 })
    expect(result.rowsChecked).toBeGreaterThan(8)
  })

  test('names any stored file in which one byte was flipped', async () => {
    const store = await storeWithCollection(key)
    await enrol(store, [testPhoto('a.jpg', 1), testPhoto('b.jpg', 1)])
    await store.close()
    // The shared-memory file is SQLite's own scratch space, made anew at each start; empty files have no byte.
    const files = filesBelow(store.dataFolder).filter(
      ({ file, bytes }) => !file.endsWith('-shm') && bytes.length > 0,
    )
    expect(files.length).toBeGreaterThanOrEqual(4)
    for (const { file, bytes } of files) {
      const places = file.endsWith('record.db')
        ? [40_000, bytes.length - 9000]
        : [Math.floor(bytes.length / 2)]
      for (const at of places) {
        const bad = Buffer.from(bytes)
        bad[at] ^= 8
        writeFileSync(file, bad)
        const again = await openStore({ dataFolder: store.dataFolder, operatorKey: key })
        const { findings } = await examine({ store: again }, actor, { repair: false })
        const name = path.relative(store.dataFolder, file)
        expect(
          findings.some(({ where, severity }) => where === name && severity !== 'leftover'),
          `${name} ${at}`,
        ).toBe(true)
        writeFileSync(file, bytes)
        await again.close()
        writeFileSync(file, bytes)
      }
    }
  })

  test('a template whose row changed is never given', async () => {
    const store = await storeWithCollection(key)
    await enrol(store, [testPhoto('a.jpg', 1)])
    const { vector } = await store.db.selectFrom('template').select('vector').executeTakeFirstOrThrow()
    vector[7] ^= 1
    await store.db.updateTable('template').set({ vector }).execute()
    await expect(entriesAfter(store.db, 'pack-a/1', 0, 10)).rejects.toMatchObject({ code: 'corrupt_record' })
    const { findings } = await examine({ store }, actor, { repair: false })
    expect(findings).toMatchObject([{ severity: 'fault', where: 'template 1' }])
  })

  test('names a missing original, and removes leftovers only when they are old', async () => {
    const store = await storeWithCollection(key)
    const photo = testPhoto('a.jpg', 0)
    await enrol(store, [photo])
    rmSync(store.vault.fileOf(hash('sha256', photo.bytes)))
    const left = await store.vault.stage(randomBytes(10), 'cd'.repeat(32))
    const young = await examine({ store }, actor, { repair: true })
    expect(young.findings).toMatchObject([
      { severity: 'fault', detail: 'The original is missing.' },
      { severity: 'leftover', repaired: false },
    ])
    utimesSync(left.temporary, 0, 0)
    const old = await examine({ store }, actor, { repair: true })
    expect(old.findings).toMatchObject([{ severity: 'fault' }, { severity: 'leftover', repaired: true }])
    expect((await examine({ store }, actor, { repair: false })).findings).toHaveLength(1)
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
    expect((await examine({ store: after }, actor, { repair: false })).findings).toEqual([])
    expect(Buffer.compare(await after.vault.read(hash('sha256', photo.bytes)), photo.bytes)).toBe(0)
    expect(readFileSync(path.join(dataFolder, 'record.db')).subarray(16, 4096)).not.toEqual(
      before.subarray(16, 4096),
    )
    await after.close()
  })
})
