import { cpSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { portrait } from '../../scripts/sample-photos.ts'
import { openContext, type OpenContext } from '../../src/open-context.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { claimTemplates } from '../../src/store/active-templates.ts'
import type { Db } from '../../src/store/database/db.ts'
import { agencyOfRecord, madeUpAccount } from '../support/made-up-accounts.ts'
import { runLikeness } from '../support/run-likeness.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { addMadeUpPhoto, standingSearchInput, watchedPerson } from '../support/watched-person.ts'
import { setUpStandingSearch } from '../../src/watch/set-up-standing-search.ts'

const KILLS = 50
const PHOTOS = 16
const PORTRAITS = ['audrey.jpg', 'cage.jpg', 'SeanConnery.jpg', 'obama4_crop.jpg']
/** So low that strangers raise alerts too: more to lose. */
const THRESHOLD = 0.05

/** Park and Miller's generator: the same moments for the same seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

async function makePhotos(folder: string): Promise<void> {
  for (let index = 0; index < PHOTOS; index++) {
    const image = sharp(portrait(PORTRAITS[index % PORTRAITS.length]))
      .resize({ width: 160 })
      .modulate({ brightness: 0.8 + index * 0.01 })
    writeFileSync(path.join(folder, `${index}.jpg`), await image.jpeg().toBuffer())
  }
}

function open(dataFolder: string): Promise<OpenContext> {
  return openContext({ dataFolder, operatorKey: undefined, createEngine: () => createEngine({ workers: 1 }) })
}

/** A record with a collection and a standing search for each portrait's person. */
async function newRecord(templates: readonly Float32Array[]): Promise<string> {
  const data = path.join(scratchFolder(), 'data')
  const created = await runLikeness(['collections', 'create', 'T', '--basis', 'test', '--data', data])
  expect(created).toMatchObject({ exitCode: 0 })
  const ctx = await open(data)
  try {
    await claimTemplates(ctx.store.db, await ctx.engine())
    const liaison = await madeUpAccount(ctx.store, await agencyOfRecord(ctx.store), 'Larysa', ['liaison'])
    for (const template of templates) {
      const personId = await watchedPerson(ctx.store, liaison, [])
      await addMadeUpPhoto(ctx.store, personId, template, await ctx.engine())
      const input = standingSearchInput(personId, { threshold: THRESHOLD })
      await setUpStandingSearch(ctx, liaison, input, new AbortController().signal)
    }
  } finally {
    await ctx.close()
  }
  return data
}

/** Every alert with its hits, without ids and times; persons by the order of their making. */
async function alertsOf(db: Db): Promise<string[]> {
  const people = await db.selectFrom('person').select('id').orderBy('id').execute()
  const rows = await db
    .selectFrom('alert')
    .leftJoin('alert_hit', 'alert_hit.alert_id', 'alert.id')
    .leftJoin('face', 'face.id', 'alert_hit.face_id')
    .leftJoin('media', 'media.id', 'alert.target_id')
    .select([
      'alert.id',
      'alert.person_id',
      'alert.state',
      'media.sha256',
      'face.number',
      'alert_hit.similarity',
    ])
    .execute()
  const notices = await db.selectFrom('notice').select('subject_id').execute()
  return rows
    .map(({ id, person_id: person, state, sha256, number, similarity }) =>
      [
        people.findIndex((one) => one.id === person),
        state,
        sha256,
        number,
        similarity?.toFixed(6),
        notices.filter(({ subject_id: subject }) => subject === id).length,
      ].join(' '),
    )
    .toSorted()
}

/** How a record stands now. */
async function read(data: string): Promise<{ alerts: string[]; isImported: boolean }> {
  const ctx = await open(data)
  const row = await ctx.store.db.selectFrom('import').select('finished_at').executeTakeFirst()
  const alerts = await alertsOf(ctx.store.db)
  await ctx.close()
  return { alerts, isImported: (row?.finished_at ?? null) !== null }
}

test(`imports killed ${KILLS} times raise the alerts of an undisturbed one, each once`, async () => {
  const photos = scratchFolder()
  await makePhotos(photos)
  const engine = await createEngine({ workers: 1 })
  const templates: Float32Array[] = []
  for (const name of PORTRAITS) {
    const reading = await engine.readPhoto(portrait(name))
    if (reading.outcome === 'read') templates.push(reading.faces[0].template)
  }
  await engine.close()
  const importArgs = (data: string): string[] => [
    'import',
    photos,
    '--collection',
    'T',
    '--data',
    data,
    '--json',
  ]
  const prepared = await newRecord(templates)
  const newCopy = (): string => {
    const data = path.join(scratchFolder(), 'data')
    cpSync(prepared, data, { recursive: true })
    return data
  }
  const undisturbed = newCopy()
  const startedMs = Date.now()
  expect((await runLikeness(importArgs(undisturbed))).exitCode).toBe(0)
  const wholeMs = Date.now() - startedMs
  const whole = (await read(undisturbed)).alerts
  expect(whole.length).toBeGreaterThan(PHOTOS)

  const random = seeded(20_241_124)
  let data = newCopy()
  let completed = 0
  let last = 0
  let stalled = 0
  for (let kills = 0; kills < KILLS || completed === 0;) {
    // On a machine that has become slower, later: see kill-import.slow.test.ts.
    const delayMs = kills < KILLS ? random() * wholeMs * (1 + stalled) : undefined
    const { exitCode, stderr } = await runLikeness(importArgs(data), {
      onStart: (child) => delayMs !== undefined && setTimeout(() => child.kill('SIGKILL'), delayMs),
    })
    if (exitCode === null) kills += 1
    else expect(exitCode, stderr).toBe(0)
    const { alerts, isImported } = await read(data)
    // Nothing that was raised is lost, and nothing is raised that an undisturbed run does not raise.
    expect(alerts.filter((alert) => !whole.includes(alert))).toEqual([])
    expect(alerts.length).toBeGreaterThanOrEqual(last)
    stalled = alerts.length === last ? stalled + 1 : 0
    last = alerts.length
    if (!isImported) continue
    // Killed after the import's end, before its matching was done: whatever runs next goes on.
    expect((await runLikeness(['watch', '--data', data])).exitCode).toBe(0)
    expect((await read(data)).alerts).toEqual(whole)
    completed += 1
    data = newCopy()
    last = 0
  }
  expect(completed).toBeGreaterThan(0)
})
