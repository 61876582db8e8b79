import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { parseArgs, promisify } from 'node:util'
import { median } from '../engine/measure.ts'
import { makePhotos } from '../import/make-photos.ts'
import type { RunResult } from './one-run.ts'

/**
 * What standing searches add to an import: the same photos imported with none and with many, in turns, each in a process of
 * its own, timed until everything is imported and matched. Templates of standing searches are made up, with the statistics
 * of real ones; faces are real. `--rate`: the share of strangers that thresholds are chosen for.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    photos: { type: 'string', default: '60' },
    searches: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '1e-4' },
  },
})
const run = promisify(execFile)

async function oneRun(folder: string, searches: string): Promise<RunResult> {
  const script = new URL('one-run.ts', import.meta.url).pathname
  const { stdout } = await run(process.execPath, [script, folder, searches, values.rate], { maxBuffer: 1e7 })
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{'))) as RunResult
}

const folder = await mkdtemp(path.join(os.tmpdir(), 'likeness-bench-'))
try {
  await makePhotos(folder, Number(values.photos))
  const rounds: { without: RunResult; watched: RunResult }[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    rounds.push({ without: await oneRun(folder, '0'), watched: await oneRun(folder, values.searches) })
    process.stderr.write(`round ${round + 1} of ${values.rounds}: ${JSON.stringify(rounds.at(-1))}\n`)
  }
  const of = (pick: (round: (typeof rounds)[number]) => number, digits = 2): string =>
    median(rounds.map(pick)).toFixed(digits)
  const figures = {
    faces: rounds[0].watched.faces,
    alerts: rounds[0].watched.alerts,
    'import without, s': of(({ without }) => without.seconds),
    'import with / without, time': of(({ without, watched }) => watched.seconds / without.seconds, 3),
    'import with / without, processor time': of(
      ({ without, watched }) => watched.cpuSeconds / without.cpuSeconds,
      3,
    ),
    'added a face, ms': of(
      ({ without, watched }) => ((watched.seconds - without.seconds) / watched.faces) * 1000,
    ),
    'added a face, processor ms': of(
      ({ without, watched }) => ((watched.cpuSeconds - without.cpuSeconds) / watched.faces) * 1000,
    ),
    'taking the templates into memory, once, s': of(({ watched }) => watched.loadSeconds),
    'event loop p99 with / without, ms': `${of(({ watched }) => watched.eventLoopP99Ms)} / ${of(({ without }) => without.eventLoopP99Ms)}`,
    'event loop longest with / without, ms': `${of(({ watched }) => watched.eventLoopMaxMs)} / ${of(({ without }) => without.eventLoopMaxMs)}`,
  }
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name}: ${value}\n`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
