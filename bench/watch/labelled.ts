import { copyFile, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { createCollection } from '../../src/collections/create-collection.ts'
import { runImport } from '../../src/imports/run-import.ts'
import { listItems, startImport } from '../../src/imports/start-import.ts'
import { openContext, type OpenContext } from '../../src/open-context.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { claimTemplates } from '../../src/store/active-templates.ts'
import { scoresOf } from '../../src/watch/watch-context.ts'
import { setUpStandingSearch } from '../../src/watch/set-up-standing-search.ts'
import { Watcher } from '../../src/watch/watcher.ts'
import { agencyOfRecord, madeUpAccount } from '../../test/support/made-up-accounts.ts'
import { addMadeUpPhoto, standingSearchInput, watchedPerson } from '../../test/support/watched-person.ts'

/**
 * Alerts on labelled photos: every person's first photo (by name of the file) is a standing search, all others are imported
 * through the real import; then true and false alerts are counted at the default threshold and at others, beside what the
 * calibration predicts. `npm run bench -- watch-labelled FOLDER [SHARE …]`, FOLDER with one sub-folder a person, SHARE the
 * share of strangers that the threshold is chosen for.
 */
const [folder, ...rates] = process.argv.slice(2)
const PHOTO = /\.(jpe?g|png|webp|tiff?|heic|avif)$/i
const actor = { kind: 'operator' as const, name: 'bench' }

interface Figures {
  falseMatchRate: number | 'default'
  threshold: string
  people: number
  photos: number
  faces: number
  trueAlerts: string
  missed: string[]
  falseAlerts: number
  predictedFalseAlerts: string
}

async function measure(falseMatchRate: number | undefined, scratch: string): Promise<Figures> {
  const data = path.join(scratch, `data-${falseMatchRate ?? 'default'}`)
  const ctx = await openContext({
    dataFolder: data,
    operatorKey: undefined,
    createEngine: () => createEngine(),
  })
  try {
    return await alertsOn(ctx, falseMatchRate, path.join(scratch, `rest-${falseMatchRate ?? 'default'}`))
  } finally {
    await ctx.close()
  }
}

async function alertsOn(
  ctx: OpenContext,
  falseMatchRate: number | undefined,
  rest: string,
): Promise<Figures> {
  const { store } = ctx
  const engine = await ctx.engine()
  await createCollection({ store }, actor, {
    title: 'Rest',
    lawfulBasis: 'bench',
    agency: 'Bench',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  await claimTemplates(store.db, engine)
  const liaison = await madeUpAccount(store, await agencyOfRecord(store), 'Bench', ['liaison'])
  await mkdir(rest)
  const personOf = new Map<string, string>()
  let threshold = 0
  const people = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  for (const { name } of people) {
    const [first, ...others] = (await readdir(path.join(folder, name)))
      .filter((file) => PHOTO.test(file))
      .toSorted()
    const reading = await engine.readPhoto(await readFile(path.join(folder, name, first)))
    if (reading.outcome !== 'read' || reading.faces.length === 0) throw new Error(`${name}/${first}: no face`)
    const [face] = reading.faces.toSorted((a, b) => b.boxPx.width - a.boxPx.width)
    const personId = await watchedPerson(store, liaison, [])
    await addMadeUpPhoto(store, personId, face.template, engine)
    const input = standingSearchInput(personId, { falseMatchRate })
    const standing = await setUpStandingSearch(ctx, liaison, input, new AbortController().signal)
    threshold = standing.threshold
    personOf.set(personId, name)
    for (const file of others)
      await copyFile(path.join(folder, name, file), path.join(rest, `${name}__${file}`))
  }
  const { id } = await startImport(ctx, actor, { source: rest, collection: 'Rest' })
  await listItems(ctx, id, () => undefined)
  await runImport(ctx, actor, { importId: id })
  const watcher = new Watcher(ctx, (error) => {
    throw error
  })
  await watcher.drain()
  await watcher.stop()

  const alerts = await store.db
    .selectFrom('alert')
    .innerJoin('source', 'source.media_id', 'alert.target_id')
    .select(['alert.person_id', 'source.name'])
    .execute()
  const raised = new Set(
    alerts.map(({ person_id: person, name }) => `${personOf.get(person)} ${path.basename(name)}`),
  )
  const photos = await readdir(rest)
  const mated = photos.map((photo) => `${photo.split('__')[0]} ${photo}`)
  const missed = mated.filter((pair) => !raised.has(pair))
  const { faces } = await store.db
    .selectFrom('face')
    .select(({ fn }) => fn.countAll<number>().as('faces'))
    .executeTakeFirstOrThrow()
  const rate = (await scoresOf(ctx)).falseMatchRate(threshold)?.value ?? Number.NaN
  // Of every face each standing search but its own person's sees a stranger.
  const predicted = rate * (faces * people.length - mated.length)
  return {
    falseMatchRate: falseMatchRate ?? 'default',
    threshold: threshold.toFixed(3),
    people: people.length,
    photos: photos.length,
    faces,
    trueAlerts: `${mated.length - missed.length} of ${mated.length}`,
    missed: missed.map((pair) => pair.slice(pair.indexOf(' ') + 1)),
    falseAlerts: raised.size - (mated.length - missed.length),
    predictedFalseAlerts: predicted.toFixed(2),
  }
}

const scratch = await mkdtemp(path.join(os.tmpdir(), 'likeness-bench-'))
try {
  for (const rate of [undefined, ...rates.map(Number)])
    process.stdout.write(`${JSON.stringify(await measure(rate, scratch))}\n`)
} finally {
  await rm(scratch, { recursive: true, force: true })
}
