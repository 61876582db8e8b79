import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { cpSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  actor,
  enrol,
  storeWithCollection,
  testPhoto,
  type TestPhoto,
  withIndex,
} from '../../test/support/enrolled-record.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { examine } from '../doctor/examine.ts'
import { LiveIndex } from '../live-index/live-index.ts'
import { openStore, type Store } from '../store/store.ts'
import { createCollection } from '../collections/create-collection.ts'
import { imposeHold } from '../collections/legal-hold.ts'
import { runRetention } from '../retention/run-retention.ts'
import { eraseMedia } from './erase-media.ts'
import { ERASE_BATCH } from './remove-rows.ts'

const KILLS = 50
/** Of so many records, one is looked through by the doctor too. */
const LOOKED_THROUGH = 10
const BATCHES = 4
const PHOTOS = BATCHES * ERASE_BATCH
const URL_OF_ALL = 'https://a.example/all'
const ERASER = path.resolve('test/support/erase-in-process.ts')

/** Park and Miller's generator: the same moments for the same seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** A few at a time, as imports take them. */
async function enrolAll(store: Store, photos: readonly TestPhoto[], collection: string): Promise<void> {
  for (let at = 0; at < photos.length; at += 10) await enrol(store, photos.slice(at, at + 10), collection)
}

interface Prepared {
  dataFolder: string
  /** What a process is asked to erase, one way or another: every photo, in each. */
  asked: string[]
}

/** A record where every photo is of one person, one source, one collection past its date and one day. */
async function prepare(): Promise<Prepared> {
  const store = await storeWithCollection()
  await createCollection({ store }, actor, {
    title: 'Past',
    lawfulBasis: 'made up for a test',
    agency: 'Test agency',
    sensitivity: 'ordinary',
    retentionUntil: '2020-01-01',
  })
  const photos = Array.from({ length: PHOTOS }, (_, at) => ({
    ...testPhoto(`${at}.jpg`),
    claims: { source_url: URL_OF_ALL, person_ref: 'P-1', person_name: 'N' },
  }))
  await enrolAll(store, photos, 'Past')
  const dataFolder = path.join(scratchFolder(), 'prepared')
  const media = photos.map(({ bytes }) => hash('sha256', bytes))
  await store.record.checkpointNow()
  cpSync(store.dataFolder, dataFolder, { recursive: true })
  return {
    dataFolder,
    asked: [
      JSON.stringify({ kind: 'media', media }),
      JSON.stringify({ kind: 'source', source: URL_OF_ALL }),
      JSON.stringify({ kind: 'person', person: 'P-1' }),
      JSON.stringify({ kind: 'before', before: '2999-01-01' }),
      'retention',
    ],
  }
}

/** Erases in a process of its own. @param afterMs when to kill it, from when it begins to erase; undefined: not at all */
async function erase(
  dataFolder: string,
  asked: string,
  afterMs?: number,
): Promise<{ beganAt: number; tookMs: number; output: string }> {
  const child = spawn(process.execPath, [ERASER, dataFolder, asked])
  let output = ''
  const closed = new Promise((resolve) => child.once('close', resolve))
  const begins = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.includes('begins')) resolve()
    })
  })
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await Promise.race([begins, closed])
  const startMs = performance.now()
  const beganAt = Date.now()
  if (afterMs !== undefined) {
    await Promise.race([delay(afterMs), closed])
    child.kill('SIGKILL')
  }
  await closed
  return { beganAt, tookMs: performance.now() - startMs, output }
}

/** When the last rows went, Unix time in ms. */
async function lastRowAt(dataFolder: string): Promise<number> {
  const store = await openStore({ dataFolder, operatorKey: undefined })
  const { at } = await store.db
    .selectFrom('tombstone')
    .select(({ fn }) => fn.max('erased_at').as('at'))
    .executeTakeFirstOrThrow()
  await store.close()
  return Date.parse(at)
}

async function facts(
  store: Store,
): Promise<{ left: number; accounted: number; tombstones: number; events: number }> {
  const left = await store.db.selectFrom('media').select('id').execute()
  const tombstones = await store.db.selectFrom('tombstone').select('media_count').execute()
  const events = await store.db
    .selectFrom('audit_event')
    .select('details')
    .where('action', 'in', ['media.erase', 'retention.erase'])
    .execute()
  const told = events.reduce((sum, { details }) => sum + (JSON.parse(details!) as { media: number }).media, 0)
  const accounted = tombstones.reduce((sum, row) => sum + row.media_count, 0)
  expect(told).toBe(accounted)
  return { left: left.length, accounted, tombstones: tombstones.length, events: events.length }
}

async function mediaLeft(store: Store): Promise<number> {
  return (await store.db.selectFrom('media').select('id').execute()).length
}

async function filesInVault(store: Store): Promise<number> {
  let files = 0
  for await (const { kind } of store.vault.entries()) if (kind === 'media') files += 1
  return files
}

test('a legal hold that comes while photos are erased keeps the rest; what went is accounted for', async () => {
  const store = await storeWithCollection()
  await enrolAll(
    store,
    Array.from({ length: PHOTOS }, (_, at) => testPhoto(`${at}.jpg`)),
    'Test',
  )
  const { id: collectionId } = await store.db.selectFrom('collection').select('id').executeTakeFirstOrThrow()
  const erasing = eraseMedia(withIndex(store), actor, {
    target: { kind: 'before', before: '2999-01-01' },
    reason: 'asked for',
    dryRun: false,
  }).catch((error: unknown) => error)
  while ((await mediaLeft(store)) === PHOTOS);
  await imposeHold({ store }, actor, { collectionId, reason: 'asked for by a court' })
  const { left, accounted } = await facts(store)
  expect(await erasing).toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(`${accounted} were erased before the hold, nothing more was erased`),
  })
  expect(left).toBeGreaterThan(0)
  expect(await facts(store)).toMatchObject({ left, accounted: PHOTOS - left })
  expect(await filesInVault(store)).toBe(left)
})

test(`${KILLS} kills of processes that erase: what is gone is accounted for, and the same call goes on`, async () => {
  const { dataFolder, asked } = await prepare()
  const random = seeded(1215)
  const folder = scratchFolder()
  let seen = 0
  const lasts = new Map<string, { rowsMs: number; allMs: number }>()
  for (let kill = 0; kill < KILLS; kill += 1) {
    const what = asked[kill % asked.length]
    const copy = path.join(folder, `${kill}`)
    cpSync(dataFolder, copy, { recursive: true })
    if (!lasts.has(what)) {
      const whole = path.join(folder, `whole-${kill}`)
      cpSync(dataFolder, whole, { recursive: true })
      const { beganAt, tookMs, output } = await erase(whole, what)
      expect(output).toContain('done')
      lasts.set(what, { rowsMs: (await lastRowAt(whole)) - beganAt, allMs: tookMs })
      rmSync(whole, { recursive: true })
    }
    // Rows go first and fast, files take longer: as many kills in the one as in the other.
    const { rowsMs, allMs } = lasts.get(what)!
    await erase(copy, what, random() * (kill % 2 === 0 ? rowsMs : allMs))
    let store = await openStore({ dataFolder: copy, operatorKey: undefined })
    const cutOff = await facts(store)
    expect(cutOff).toMatchObject({ accounted: PHOTOS - cutOff.left, events: cutOff.tombstones })
    if (cutOff.left > 0 && cutOff.left < PHOTOS) seen += 1
    await store.close()
    // Where every row went before the kill, the call finds nothing of that name any more, and says so.
    const { output } = await erase(copy, what)
    expect(output).toMatch(cutOff.left > 0 ? /done/ : /done|not_found|There is no/)
    store = await openStore({ dataFolder: copy, operatorKey: undefined })
    const index = new LiveIndex(store)
    try {
      await runRetention({ store, index }, actor, { dryRun: false })
      expect(await facts(store)).toMatchObject({ left: 0, accounted: PHOTOS })
      expect(await filesInVault(store)).toBe(0)
      if (kill % LOOKED_THROUGH === 0)
        expect((await examine({ store, index }, actor, { repair: false })).findings).toEqual([])
    } finally {
      await index.close()
      await store.close()
      rmSync(copy, { recursive: true })
    }
  }
  // A test that never met a half-done erasure would show nothing.
  expect(seen).toBeGreaterThan(KILLS / 10)
})
