import { randomBytes } from 'node:crypto'
import { cpSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { examine } from '../../src/doctor/examine.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { portrait } from '../../scripts/sample-photos.ts'
import { withIndex } from '../support/enrolled-record.ts'
import { runLikeness } from '../support/run-likeness.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

/** Kills of one import, as the project promises. */
const KILLS = 50
const PHOTOS = 24
const actor = { kind: 'operator' as const, name: 'tester' }

/** Park and Miller's generator: the same moments for the same seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** Small photos, most with a face: the sample portraits, shrunk and changed a little each time. */
async function makePhotos(folder: string): Promise<void> {
  const portraits = ['audrey.jpg', 'cage.jpg', 'SeanConnery.jpg', 'obama4_crop.jpg'].map(portrait)
  for (let index = 0; index < PHOTOS; index++) {
    const image = sharp(portraits[index % portraits.length])
      .resize({ width: 160 })
      .modulate({ brightness: 0.8 + index * 0.01 })
    writeFileSync(path.join(folder, `${index}.jpg`), await image.jpeg().toBuffer())
  }
}

/** What a collection holds, without ids and times. */
async function contents(store: Store): Promise<string[]> {
  const media = await store.db.selectFrom('media').select(['id', 'sha256', 'perceptual_hash']).execute()
  const lines: string[] = []
  for (const { id, sha256, perceptual_hash: hash } of media) {
    const templates = await store.db
      .selectFrom('template')
      .innerJoin('face', 'face.id', 'template.face_id')
      .select(['face.number', 'template.vector'])
      .where('face.media_id', '=', id)
      .orderBy('face.number')
      .execute()
    const sources = await store.db
      .selectFrom('source')
      .select(['name', 'ordinal'])
      .where('media_id', '=', id)
      .execute()
    const faces = templates.map(
      ({ number, vector }) => `${number}:${Buffer.from(vector).toString('hex').slice(0, 64)}`,
    )
    lines.push(JSON.stringify([sha256, hash, faces, sources]))
  }
  return lines.toSorted()
}

async function finishedItems(store: Store): Promise<Set<number>> {
  const rows = await store.db
    .selectFrom('import_item')
    .select('ordinal')
    .where('state', '!=', 'waiting')
    .execute()
  return new Set(rows.map(({ ordinal }) => ordinal))
}

test(`an import into an encrypted store survives ${KILLS} kills`, async () => {
  const photos = scratchFolder()
  await makePhotos(photos)
  const key = randomBytes(32)
  const env = { LIKENESS_KEY: key.toString('hex') }
  const empty = path.join(scratchFolder(), 'data')
  const created = await runLikeness(['collections', 'create', 'T', '--basis', 'test', '--data', empty], {
    env,
  })
  expect(created).toMatchObject({ exitCode: 0, stderr: '' })
  const newStore = (): string => {
    const data = path.join(scratchFolder(), 'data')
    cpSync(empty, data, { recursive: true })
    return data
  }
  const importArgs = (data: string): string[] => [
    'import',
    photos,
    '--collection',
    'T',
    '--data',
    data,
    '--json',
  ]

  const undisturbed = newStore()
  const startedMs = Date.now()
  expect((await runLikeness(importArgs(undisturbed), { env })).exitCode).toBe(0)
  const wholeMs = Date.now() - startedMs
  const reference = await openStore({ dataFolder: undisturbed, operatorKey: key })
  const whole = await contents(reference)
  expect(whole).toHaveLength(PHOTOS)
  await reference.close()

  const random = seeded(20_220_224)
  let data = newStore()
  let before = new Set<number>()
  let completed = 0
  let stalled = 0
  for (let kills = 0; kills < KILLS || completed === 0;) {
    // On a machine that has become slower, kills would come before any item is done, again and again, and an item
    // that was begun too often is given up: after each kill without progress the next one may come later.
    const delayMs = kills < KILLS ? random() * wholeMs * (1 + stalled) : undefined
    const { stderr, exitCode } = await runLikeness(importArgs(data), {
      env,
      onStart: (child) => delayMs !== undefined && setTimeout(() => child.kill('SIGKILL'), delayMs),
    })
    if (exitCode === null) kills += 1
    else expect(exitCode, stderr).toBe(0)
    const store = await openStore({ dataFolder: data, operatorKey: key })
    const after = await finishedItems(store)
    const acknowledged = [...stderr.matchAll(/"committed":(\d+)/g)].map((match) => Number(match[1]))
    expect(
      [...before].filter((ordinal) => !after.has(ordinal)),
      'finished before, lost now',
    ).toEqual([])
    expect(after.size, 'acknowledged by the process').toBeGreaterThanOrEqual(
      before.size + (acknowledged.at(-1) ?? 0),
    )
    const { findings } = await examine(withIndex(store), actor, { repair: false })
    expect(findings.filter(({ severity }) => severity !== 'leftover')).toEqual([])
    stalled = after.size === before.size ? stalled + 1 : 0
    before = after
    const row = await store.db.selectFrom('import').select('finished_at').executeTakeFirst()
    // Killed after its end counts as complete too: running the command again would begin a second import.
    if (row !== undefined && row.finished_at !== null) {
      expect(after.size).toBe(PHOTOS)
      expect(await contents(store)).toEqual(whole)
      completed += 1
      data = newStore()
      before = new Set()
    }
    await store.close()
  }
  expect(completed).toBeGreaterThan(0)
})
