import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { createCollection } from '../../src/collections/create-collection.ts'
import { runImport } from '../../src/imports/run-import.ts'
import { listItems, startImport } from '../../src/imports/start-import.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import type { Engine } from '../../src/engine/types.ts'
import { openStore } from '../../src/store/store.ts'

// One run in a process of its own: `engine`, `import` or `encrypted-import` over a folder, with a model pack.

/** What one run gives. Memory is the resident set of the whole process, workers included. */
export interface RunResult {
  photos: number
  faces: number
  seconds: number
  /** After a tenth, a half and all of the items. */
  residentMegabytes: number[]
  eventLoopP99Ms: number
  eventLoopMaxMs: number
}

const [mode, folder, packId] = process.argv.slice(2)
const actor = { kind: 'operator' as const, name: 'bench' }
const MARKS = [0.1, 0.5, 1]
/** Photos under way at once beyond the workers, as an import has them. */
const READ_AHEAD = 2

const engine = await createEngine(packId === undefined ? {} : { packId })
const names = await readdir(folder)
// Networks take their memory with the first photo.
await engine.readPhoto(path.join(folder, names[0]))
const result =
  mode === 'engine' ? await readAll(engine) : await importAll(engine, mode === 'encrypted-import')
await engine.close()
process.stdout.write(JSON.stringify(result))

async function readAll(engine: Engine): Promise<RunResult> {
  const watch = watchRun(names.length)
  let next = 0
  let faces = 0
  const lane = async (): Promise<void> => {
    while (next < names.length) {
      const reading = await engine.readPhoto(path.join(folder, names[next++]))
      faces += reading.outcome === 'read' ? reading.faces.length : 0
      watch.done(next)
    }
  }
  await Promise.all(Array.from({ length: engine.workers + READ_AHEAD }, lane))
  return { photos: names.length, faces, ...watch.end() }
}

async function importAll(engine: Engine, encrypted: boolean): Promise<RunResult> {
  const data = await mkdtemp(path.join(os.tmpdir(), 'likeness-bench-'))
  const store = await openStore({ dataFolder: data, operatorKey: encrypted ? randomBytes(32) : undefined })
  await createCollection({ store }, actor, {
    title: 'Bench',
    lawfulBasis: 'bench',
    agency: 'Bench',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  const { id } = await startImport({ store }, actor, { source: folder, collection: 'Bench' })
  await listItems({ store }, id, () => undefined)
  const watch = watchRun(names.length)
  const { tally } = await runImport({ store, engine: async () => engine }, actor, {
    importId: id,
    onCommit: ({ done, no_face: none, duplicate, unreadable }) =>
      watch.done(done + none + duplicate + unreadable),
  })
  const result = { photos: names.length, faces: tally.faces, ...watch.end() }
  await store.close()
  await rm(data, { recursive: true })
  return result
}

function watchRun(items: number): {
  done: (count: number) => void
  end: () => Omit<RunResult, 'photos' | 'faces'>
} {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const started = performance.now()
  const residentMegabytes: number[] = []
  return {
    done(count) {
      const passed = MARKS.filter((mark) => count >= mark * items).length
      while (residentMegabytes.length < passed) {
        residentMegabytes.push(Math.round(process.memoryUsage.rss() / 1024 / 1024))
      }
    },
    end() {
      delay.disable()
      return {
        seconds: (performance.now() - started) / 1000,
        residentMegabytes,
        eventLoopP99Ms: delay.percentile(99) / 1e6,
        eventLoopMaxMs: delay.max / 1e6,
      }
    },
  }
}
