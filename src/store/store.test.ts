import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import Database from 'libsql'
import { describe, expect, test } from 'vitest'
import { makeNewRecord } from '../../test/support/new-record.ts'
import { filesBelow, scratchFolder } from '../../test/support/scratch-folder.ts'
import { newId, nowIso, shortId } from './ids.ts'
import { checkKeyFiles, parseOperatorKey } from './vault/keyring.ts'
import { writeByHand } from '../../test/support/write-by-hand.ts'
import { checkedRow, digestHolds, withDigest } from './tables/row-digest.ts'
import { openStore, type Store } from './store.ts'
import { inspectWal } from './database/write-ahead-log.ts'

const key = randomBytes(32)

async function open(dataFolder: string, operatorKey?: Uint8Array): Promise<Store> {
  return openStore({ dataFolder, operatorKey })
}

/** A folder with a new record, that is not made anew: see `makeNewRecord`. */
async function folderWithRecord(operatorKey?: Uint8Array): Promise<string> {
  const folder = scratchFolder()
  await makeNewRecord(folder, operatorKey)
  return folder
}

async function addAgency(store: Store, name: string): Promise<void> {
  const row = withDigest('agency', { id: newId(), name, created_at: nowIso() })
  await writeByHand(store, (tx) => tx.insertInto('agency').values(row).execute())
}

async function agencies(store: Store): Promise<string[]> {
  const rows = await store.db.selectFrom('agency').selectAll().orderBy('name').execute()
  return rows.map((row) => checkedRow('agency', row, shortId(row.id)).name)
}

test('a log whose only commit was changed into none by one byte is named', () => {
  const file = path.join(scratchFolder(), 'small.db')
  const database = new Database(file)
  database.exec('pragma journal_mode = wal; create table t (x); insert into t values (1)')
  const bytes = readFileSync(`${file}-wal`)
  database.close()
  const wal = `${file}-wal`
  writeFileSync(wal, bytes)
  const { committedFrames, damage } = inspectWal(wal)
  expect(damage).toBeUndefined()
  // The commit field is the database's size in pages, here of one byte that is not zero.
  const field = 32 + (committedFrames - 1) * (24 + bytes.readUInt32BE(8)) + 7
  expect(bytes[field]).toBeGreaterThan(0)
  bytes[field] = 0
  writeFileSync(wal, bytes)
  expect(inspectWal(wal).damage).toMatchObject({ frame: committedFrames })
})

describe.each([
  ['unencrypted', undefined],
  ['encrypted', key],
])('%s store', (_name, operatorKey) => {
  test('keeps what was written and leaves an empty log', async () => {
    const folder = scratchFolder()
    const first = await open(folder, operatorKey)
    await addAgency(first, 'Kyiv bureau')
    await first.close()
    expect(readFileSync(path.join(folder, 'record.db-wal')).length).toBe(0)
    const second = await open(folder, operatorKey)
    expect(await agencies(second)).toEqual(['Kyiv bureau'])
    await second.close()
  })

  test('names each page of the database in which a byte was flipped, used or not', async () => {
    const folder = await folderWithRecord(operatorKey)
    const store = await open(folder, operatorKey)
    await addAgency(store, 'Kyiv bureau')
    await store.record.checkpointNow()
    expect(await store.record.checkPages()).toEqual([])
    const file = path.join(folder, 'record.db')
    const good = readFileSync(file)
    const pageBytes = 16_384
    const descriptor = openSync(file, 'r+')
    for (let page = 2; page <= good.length / pageBytes; page += 3) {
      const at = (page - 1) * pageBytes + 7000
      writeSync(descriptor, Buffer.of(good[at] ^ 1), 0, 1, at)
      expect(await store.record.checkPages()).toEqual([page])
      writeSync(descriptor, good, at, 1, at)
    }
    await store.close()
    // Not before: in a process that closes a file all its locks of that file are gone, SQLite's too.
    closeSync(descriptor)
  })

  test('names damaged page checksums', async () => {
    const folder = await folderWithRecord(operatorKey)
    const store = await open(folder, operatorKey)
    const file = path.join(folder, 'record.seal')
    const good = readFileSync(file)
    for (const at of [0, 9, 13, 17, 21, good.length - 1]) {
      const bad = Buffer.from(good)
      bad[at] ^= 4
      writeFileSync(file, bad)
      await expect(store.record.checkPages()).rejects.toMatchObject({ code: 'corrupt_record' })
    }
    writeFileSync(file, good)
    await store.close()
  })

  test('refuses a write-ahead log in which SQLite would silently drop transactions', async () => {
    const folder = await folderWithRecord(operatorKey)
    const store = await open(folder, operatorKey)
    for (const name of ['a', 'b', 'c', 'd']) await addAgency(store, name)
    const killed = scratchFolder()
    for (const { file, bytes } of filesBelow(folder))
      writeFileSync(path.join(killed, path.basename(file)), bytes)
    await store.close()
    const wal = path.join(killed, 'record.db-wal')
    const good = readFileSync(wal)
    expect(inspectWal(wal)).toMatchObject({ damage: undefined })
    const bad = Buffer.from(good)
    // In the middle: commits follow, so that it cannot be the remains of a transaction that was cut off.
    bad[Math.floor(good.length / 16_408 / 2) * 16_408 + 5000] ^= 1
    writeFileSync(wal, bad)
    await expect(open(killed, operatorKey)).rejects.toMatchObject({ code: 'corrupt_record' })
    writeFileSync(wal, good)
    const again = await open(killed, operatorKey)
    expect(await agencies(again)).toEqual(['a', 'b', 'c', 'd'])
    await again.close()
  })

  test('takes a log that was cut in the middle of a transaction, as a killed process leaves it', async () => {
    const folder = await folderWithRecord(operatorKey)
    const store = await open(folder, operatorKey)
    await addAgency(store, 'kept')
    const wal = path.join(folder, 'record.db-wal')
    const bytes = readFileSync(wal)
    await store.close()
    writeFileSync(wal, Buffer.concat([bytes, bytes.subarray(bytes.length - 16_408, bytes.length - 3000)]))
    expect(inspectWal(wal).damage).toBeUndefined()
  })

  test('takes frames of a transaction that was rolled back, and still names a changed byte of the last commit', async () => {
    const folder = await folderWithRecord(operatorKey)
    const store = await open(folder, operatorKey)
    const wal = path.join(folder, 'record.db-wal')
    await addAgency(store, 'kept')
    const before = readFileSync(wal).length
    // More than SQLite's cache holds, so that frames are written before the end.
    const rolledBack = store.db.transaction().execute(async (tx) => {
      for (let count = 0; count < 300; count++) {
        const row = { id: newId(), name: `${count}${'x'.repeat(40_000)}`, created_at: nowIso() }
        await tx.insertInto('agency').values(withDigest('agency', row)).execute()
      }
      throw new Error('rolled back')
    })
    await expect(rolledBack).rejects.toThrow('rolled back')
    await addAgency(store, 'after')
    const bytes = readFileSync(wal)
    await store.close()
    expect(bytes.length).toBeGreaterThan(before + 1_000_000)
    writeFileSync(wal, bytes)
    const { committedFrames, damage } = inspectWal(wal)
    expect(damage).toBeUndefined()

    const commit = 32 + (committedFrames - 1) * 16_408
    for (let at = commit; at < commit + 24; at++) {
      const changed = Buffer.from(bytes.subarray(0, commit + 16_408))
      changed[at] = changed[at] === 0 ? 1 : 0
      writeFileSync(wal, changed)
      expect(inspectWal(wal).damage, `byte ${at - commit}`).toBeDefined()
    }
  })

  test("two processes' connections write without losing or refusing anything", async () => {
    const folder = scratchFolder()
    const stores = [await open(folder, operatorKey), await open(folder, operatorKey)]
    const names = Array.from({ length: 40 }, (_, index) => `agency ${String(index).padStart(2, '0')}`)
    await Promise.all(names.map((name, index) => addAgency(stores[index % 2], name)))
    await stores[0].record.checkpointNow()
    expect(await agencies(stores[1])).toEqual(names)
    for (const store of stores) await store.close()
  })
})

describe('keys', () => {
  test('a wrong, a missing and a needless key are told apart', async () => {
    const encrypted = scratchFolder()
    await (await open(encrypted, key)).close()
    const plain = scratchFolder()
    await (await open(plain)).close()
    await expect(open(encrypted, randomBytes(32))).rejects.toMatchObject({
      code: 'wrong_key',
      message: expect.stringContaining('not the key of this data folder'),
    })
    await expect(open(encrypted)).rejects.toMatchObject({
      code: 'wrong_key',
      message: expect.stringContaining('--key-file'),
    })
    await expect(open(plain, key)).rejects.toMatchObject({
      code: 'wrong_key',
      message: expect.stringContaining('not encrypted'),
    })
  })

  test('nothing readable stands in an encrypted folder', async () => {
    const folder = scratchFolder()
    const store = await open(folder, key)
    await addAgency(store, 'a name that must not be found')
    for (const { file, bytes } of filesBelow(folder)) {
      expect(bytes.includes('must not be found'), file).toBe(false)
      expect(bytes.includes('create table'), file).toBe(false)
    }
    await store.close()
  })

  test('a flipped byte in the key file is named, and the copy stands in', async () => {
    const folder = scratchFolder()
    await (await open(folder, key)).close()
    const file = path.join(folder, 'keys.json')
    const good = readFileSync(file)
    for (let at = 0; at < good.length; at += 3) {
      const bad = Buffer.from(good)
      bad[at] ^= 1
      writeFileSync(file, bad)
      expect(checkKeyFiles(folder, false), `byte ${at}`).toMatchObject([
        { file: 'keys.json', repaired: false },
      ])
    }
    await (await open(folder, key)).close()
    expect(checkKeyFiles(folder, true)).toMatchObject([{ repaired: true }])
    expect(checkKeyFiles(folder, false)).toEqual([])
    writeFileSync(path.join(folder, 'keys.copy.json'), 'x')
    copyFileSync(path.join(folder, 'keys.copy.json'), file)
    await expect(open(folder, key)).rejects.toMatchObject({ code: 'corrupt_record' })
  })

  test('are taken as hex or base64 and nothing else', () => {
    expect(parseOperatorKey(` ${key.toString('hex')}\n`)).toEqual(key)
    expect(parseOperatorKey(key.toString('base64'))).toEqual(key)
    for (const bad of ['', 'abc', key.toString('hex').slice(1)]) {
      expect(() => parseOperatorKey(bad)).toThrow(/64 hex digits/)
    }
  })
})

describe('ids and digests', () => {
  test('ids sort in the order of their making and are UUIDv7', () => {
    const ids = Array.from({ length: 20_000 }, () => newId())
    expect(ids.toSorted()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids.slice(0, 100))
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  test('a digest holds for the row written and for no other value of any column', () => {
    const cell = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.uint8Array({ maxLength: 20 }))
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), cell, { minKeys: 1 }), cell, (row, other) => {
        const written = withDigest('face', row)
        expect(digestHolds('face', { ...written })).toBe(true)
        expect(digestHolds('template', { ...written })).toBe(false)
        const [name] = Object.keys(row)
        const same = JSON.stringify([row[name]]) === JSON.stringify([other])
        expect(digestHolds('face', { ...written, [name]: other })).toBe(same)
      }),
    )
  })
})

test('a data folder that was open to others is shut to them', async () => {
  const folder = scratchFolder()
  chmodSync(folder, 0o755)
  const store = await open(folder)
  await store.close()
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})
