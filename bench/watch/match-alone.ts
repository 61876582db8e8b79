import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { createCollection } from '../../src/collections/create-collection.ts'
import { openContext } from '../../src/open-context.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { activeTemplates, claimTemplates } from '../../src/store/active-templates.ts'
import { Watcher } from '../../src/watch/watcher.ts'
import { agencyOfRecord } from '../../test/support/made-up-accounts.ts'
import { fillRecord } from '../../test/support/made-up-record.ts'
import { FaceMaker } from '../gallery/faces.ts'
import { fillStandingSearches } from './fill-standing-searches.ts'

// Matching alone, in a process of its own: made-up faces were enrolled while nothing matched, then all are. See run.ts.

export interface MatchResult {
  faces: number
  alerts: number
  seconds: number
  cpuSeconds: number
  eventLoopP99Ms: number
  eventLoopMaxMs: number
}

const PHOTOS_EACH = 3
const [searches, faces, threshold] = process.argv.slice(2).map(Number)
const actor = { kind: 'operator' as const, name: 'bench' }
const data = await mkdtemp(path.join(os.tmpdir(), 'likeness-bench-'))
const ctx = await openContext({
  dataFolder: path.join(data, 'data'),
  operatorKey: undefined,
  createEngine: () => createEngine({ workers: 1 }),
})
try {
  process.stdout.write(JSON.stringify(await run()))
} finally {
  await ctx.close()
  await rm(data, { recursive: true })
}

async function run(): Promise<MatchResult> {
  const { store } = ctx
  const { id: collectionId } = await createCollection({ store }, actor, {
    title: 'Bench',
    lawfulBasis: 'bench',
    agency: 'Bench',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  await claimTemplates(store.db, await ctx.engine())
  const kind = (await activeTemplates(store.db))!
  const maker = new FaceMaker(kind.templateLength, 7)
  const next = (into: Float32Array): void => maker.person(into)
  const agencyId = await agencyOfRecord(store)
  fillStandingSearches(store, { agencyId, kind, searches, photosEach: PHOTOS_EACH, threshold, next })
  const watcher = new Watcher(ctx, (error) => {
    throw error
  })
  await watcher.drain()
  await fillRecord(store, { collectionId, kind, faces, next })
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const cpu = process.cpuUsage()
  const started = performance.now()
  await watcher.drain()
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  delay.disable()
  await watcher.stop()
  const { alerts } = await store.db
    .selectFrom('alert')
    .select(({ fn }) => fn.countAll<number>().as('alerts'))
    .executeTakeFirstOrThrow()
  return {
    faces,
    alerts,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    eventLoopP99Ms: delay.percentile(99) / 1e6,
    eventLoopMaxMs: delay.max / 1e6,
  }
}
