import { mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { createCollection } from '../../src/collections/create-collection.ts'
import { runImport } from '../../src/imports/run-import.ts'
import { listItems, startImport } from '../../src/imports/start-import.ts'
import { openContext } from '../../src/open-context.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { activeTemplates, claimTemplates } from '../../src/store/active-templates.ts'
import { scoresOf } from '../../src/watch/watch-context.ts'
import { Watcher } from '../../src/watch/watcher.ts'
import { agencyOfRecord } from '../../test/support/made-up-accounts.ts'
import { FaceMaker } from '../gallery/faces.ts'
import { fillStandingSearches } from './fill-standing-searches.ts'

// One import in a process of its own, with so many standing searches matched meanwhile. See run.ts.

export interface RunResult {
  photos: number
  faces: number
  alerts: number
  /** From the first photo until everything is imported and matched. */
  seconds: number
  /** Of that, processor time of all threads. */
  cpuSeconds: number
  /** Taking the templates into memory when a process begins to match. */
  loadSeconds: number
  eventLoopP99Ms: number
  eventLoopMaxMs: number
}

const PHOTOS_EACH = 3
const [folder, searches, rate] = process.argv.slice(2)
const actor = { kind: 'operator' as const, name: 'bench' }
const data = await mkdtemp(path.join(os.tmpdir(), 'likeness-bench-'))
const ctx = await openContext({
  dataFolder: path.join(data, 'data'),
  operatorKey: undefined,
  createEngine: () => createEngine(),
})
try {
  process.stdout.write(JSON.stringify(await run()))
} finally {
  await ctx.close()
  await rm(data, { recursive: true })
}

async function run(): Promise<RunResult> {
  const { store } = ctx
  const engine = await ctx.engine()
  await createCollection({ store }, actor, {
    title: 'Bench',
    lawfulBasis: 'bench',
    agency: 'Bench',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  await claimTemplates(store.db, engine)
  const kind = (await activeTemplates(store.db))!
  const maker = new FaceMaker(kind.templateLength, 7)
  fillStandingSearches(store, {
    agencyId: await agencyOfRecord(store),
    kind,
    searches: Number(searches),
    photosEach: PHOTOS_EACH,
    threshold: (await scoresOf(ctx)).similarityAt(Number(rate))!,
    next: (into) => maker.person(into),
  })
  const newWatcher = (): Watcher =>
    new Watcher(ctx, (error) => {
      throw error
    })
  const setUp = newWatcher()
  await setUp.drain()
  await setUp.stop()
  // From here on as after a restart.
  const watcher = newWatcher()
  const loading = performance.now()
  await watcher.drain()
  const loadSeconds = (performance.now() - loading) / 1000
  const names = await readdir(folder)
  // Networks take their memory with the first photo.
  await engine.readPhoto(path.join(folder, names[0]))
  const { id } = await startImport(ctx, actor, { source: folder, collection: 'Bench' })
  await listItems(ctx, id, () => undefined)
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const cpu = process.cpuUsage()
  const started = performance.now()
  watcher.loop.start()
  const { tally } = await runImport(ctx, actor, { importId: id })
  await watcher.stop({ isFinishing: true })
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  delay.disable()
  const { alerts } = await store.db
    .selectFrom('alert')
    .select(({ fn }) => fn.countAll<number>().as('alerts'))
    .executeTakeFirstOrThrow()
  return {
    photos: names.length,
    faces: tally.faces,
    alerts,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    loadSeconds,
    eventLoopP99Ms: delay.percentile(99) / 1e6,
    eventLoopMaxMs: delay.max / 1e6,
  }
}
