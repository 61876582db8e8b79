import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { makeNewRecord } from '../../../test/support/new-record.ts'
import { scratchFolder } from '../../../test/support/scratch-folder.ts'
import { writeByHand } from '../../../test/support/write-by-hand.ts'
import { MAX_WAITING_READS, READER_THREADS, ReaderPool } from './reader-pool.ts'
import { openStore, type Store } from '../store.ts'
import { PAGE_BYTES } from './open-database.ts'
import { CHECKPOINT_LOG_BYTES } from './record.ts'
import { inspectWal } from './write-ahead-log.ts'

async function storeInThreads(operatorKey?: Uint8Array): Promise<Store> {
  const dataFolder = path.join(scratchFolder(), 'data')
  await makeNewRecord(dataFolder, operatorKey)
  const store = await openStore({ dataFolder, operatorKey, inThreads: true })
  onTestFinished(() => store.close())
  return store
}

/** Takes minutes, unless it is stopped; from time to time it gives a row. */
const ENDLESS =
  'select x from (with recursive n (x) as (select 1 union all select x + 1 from n) select x from n) where x % 100000 = 0'

test.each([
  ['an encrypted record', randomBytes(32)],
  ['an unencrypted record', undefined],
])('%s: who writes and then reads finds it, and nobody sees a transaction under way', async (_name, key) => {
  const { db } = await storeInThreads(key)
  const count = async (): Promise<number> =>
    (
      await db
        .selectFrom('setting')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow()
    ).n
  for (let round = 0; round < 200; round++) {
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto('setting')
        .values({ key: `${round}`, value: 'x' })
        .execute()
      expect(await count()).toBe(round)
      const { n } = await tx
        .selectFrom('setting')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow()
      expect(n).toBe(round + 1)
    })
    expect(await count()).toBe(round + 1)
  }
})

test('blobs, numbers and texts come back as they were written; what fails says why and changes nothing', async () => {
  const store = await storeInThreads()
  const { db } = store
  const digest = randomBytes(8)
  const row = { id: 'a', name: 'Агентство', created_at: '2022', approves_devices: null, digest }
  const insert = (): Promise<unknown> =>
    writeByHand(store, (tx) => tx.insertInto('agency').values(row).execute())
  await insert()
  expect(await db.selectFrom('agency').selectAll().execute()).toEqual([
    { ...row, digest: new Uint8Array(digest) },
  ])
  await expect(insert()).rejects.toThrow(/UNIQUE constraint failed/)
  const undone = db.transaction().execute(async (tx) => {
    await tx.insertInto('setting').values({ key: 'k', value: 'v' }).execute()
    await tx.insertInto('agency').values(row).execute()
  })
  await expect(undone).rejects.toThrow(/UNIQUE constraint failed/)
  expect(await db.selectFrom('setting').select('key').execute()).toEqual([])
})

test('the loop goes on while a query runs, and short reads are answered beside long ones', async () => {
  const { db } = await storeInThreads()
  const stop = new AbortController()
  const long = sql.raw(ENDLESS).execute(db, { signal: stop.signal })
  let turns = 0
  const timer = setInterval(() => (turns += 1), 1)
  for (let read = 0; read < 50; read++) await db.selectFrom('setting').selectAll().execute()
  clearInterval(timer)
  expect(turns).toBeGreaterThan(0)
  stop.abort(new Error('nobody waits'))
  await expect(long).rejects.toThrow('nobody waits')
})

test('a lookup sees the last commit, waits neither for long reads nor for a transaction, and cannot write', async () => {
  const { db, lookups } = await storeInThreads()
  const setting = { key: 'k', value: 'v' }
  const keys = lookups.selectFrom('setting').select('key')
  await db.insertInto('setting').values(setting).execute()
  const stop = new AbortController()
  const long = Array.from({ length: READER_THREADS }, () =>
    sql
      .raw(ENDLESS)
      .execute(db, { signal: stop.signal })
      .catch(() => 'stopped'),
  )
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom('setting').execute()
    expect(await keys.execute()).toEqual([{ key: 'k' }])
  })
  expect(await keys.execute()).toEqual([])
  await expect(lookups.insertInto('setting').values(setting).execute()).rejects.toMatchObject({
    code: 'storage_read_only',
  })
  stop.abort()
  expect(await Promise.all(long)).toEqual(long.map(() => 'stopped'))
})

test('a query that nobody waits for is given up, and its thread is there for others again', async () => {
  const store = await storeInThreads()
  const { database: file } = store.record.files
  const pool = new ReaderPool({ file, key: undefined }, { readLimitMs: 60_000, givenUpMs: 1 })
  const stop = new AbortController()
  const long = Array.from({ length: READER_THREADS }, () => pool.run(ENDLESS, [], stop.signal))
  const waiting = pool.run('select 7 as n', [], undefined)
  stop.abort()
  await Promise.all(long)
  expect((await waiting).rows).toEqual([[7]])
  await pool.close()
})

test('a query that takes too long is stopped with a sentence', async () => {
  const store = await storeInThreads()
  const pool = new ReaderPool(
    { file: store.record.files.database, key: undefined },
    { readLimitMs: 500, givenUpMs: 1 },
  )
  await expect(pool.run(ENDLESS, [], undefined)).rejects.toMatchObject({
    code: 'limit_exceeded',
    message: expect.stringContaining('more than 0.5 s'),
  })
  expect((await pool.run('select 1 as n', [], undefined)).rows).toEqual([[1]])
  await pool.close()
})

test('more reads than may wait are refused as busy', async () => {
  const store = await storeInThreads()
  const pool = new ReaderPool({ file: store.record.files.database, key: undefined })
  const reads = Array.from({ length: MAX_WAITING_READS + READER_THREADS + 1 }, () =>
    pool.run('select 1 as n', [], undefined).then(
      () => 'read',
      (error: { code?: string }) => error.code,
    ),
  )
  const outcomes = await Promise.all(reads)
  expect(outcomes.filter((outcome) => outcome === 'busy')).toHaveLength(1)
  expect(outcomes.filter((outcome) => outcome === 'read')).toHaveLength(MAX_WAITING_READS + READER_THREADS)
  await pool.close()
})

test('reading connections cannot write', async () => {
  const store = await storeInThreads()
  const pool = new ReaderPool({ file: store.record.files.database, key: undefined })
  await expect(pool.run("insert into setting values ('a', 'b')", [], undefined)).rejects.toThrow(/readonly/)
  await pool.close()
})

test.each([
  ['in threads of its own', true],
  ['in the thread that uses it', false],
])('%s: a log that has grown is copied while it is written, and begun anew', async (_name, inThreads) => {
  const store = await openStore({
    dataFolder: path.join(scratchFolder(), 'data'),
    operatorKey: undefined,
    inThreads,
  })
  onTestFinished(() => store.close())
  const log = `${store.record.files.database}-wal`
  const write = async (key: string, bytes: number): Promise<void> => {
    await store.db
      .insertInto('setting')
      .values({ key, value: 'x'.repeat(bytes) })
      .execute()
  }
  const mebibyte = 1024 * 1024
  for (let at = 0; at * mebibyte < 2 * CHECKPOINT_LOG_BYTES; at++) await write(`${at}`, mebibyte)
  let small = 0
  const bytesToCopy = async (): Promise<number> => {
    await write(`small ${small++}`, 10)
    return inspectWal(log).committedFrames * PAGE_BYTES
  }
  await expect.poll(bytesToCopy, { timeout: 20_000 }).toBeLessThan(CHECKPOINT_LOG_BYTES)
})
