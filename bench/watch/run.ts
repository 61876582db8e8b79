import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { parseArgs, promisify } from 'node:util'
import { median } from '../engine/measure.ts'
import { makePhotos } from '../import/make-photos.ts'
import type { MatchResult } from './match-alone.ts'
import type { RunResult } from './one-run.ts'

/**
 * What standing searches add to an import: the same photos imported with none and with many, in turns, each in a process of
 * its own, timed until everything is imported and matched. Then matching alone, of made-up faces, at a threshold that none
 * reaches and at one that raises about three alerts a face: what the default rate gives with so many templates. Templates
 * are made up, with the statistics of real ones; imported faces are real. `--rate`: the share of strangers that thresholds
 * are chosen for.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    photos: { type: 'string', default: '60' },
    searches: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '1e-4' },
    faces: { type: 'string', default: '3000' },
  },
})
/** Cosines of made-up faces: one that no stranger reaches, and one that about one in ten thousand does. */
const QUIET_THRESHOLD = 0.5
const BUSY_THRESHOLD = 0.22
const run = promisify(execFile)

async function oneRun(folder: string, searches: string): Promise<RunResult> {
  const script = new URL('one-run.ts', import.meta.url).pathname
  const { stdout } = await run(process.execPath, [script, folder, searches, values.rate], { maxBuffer: 1e7 })
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{'))) as RunResult
}

async function matchAlone(threshold: number): Promise<MatchResult> {
  const script = new URL('match-alone.ts', import.meta.url).pathname
  const args = [script, values.searches, values.faces, String(threshold)]
  const { stdout } = await run(process.execPath, args, { maxBuffer: 1e7 })
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{'))) as MatchResult
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
  for (const [name, threshold] of [
    ['no alert', QUIET_THRESHOLD],
    ['many alerts', BUSY_THRESHOLD],
  ] as const) {
    const { faces, alerts, seconds, cpuSeconds, eventLoopP99Ms, eventLoopMaxMs } = await matchAlone(threshold)
    Object.assign(figures, {
      [`matching alone, ${name}: alerts a face`]: (alerts / faces).toFixed(2),
      [`matching alone, ${name}: ms a face`]: ((seconds / faces) * 1000).toFixed(2),
      [`matching alone, ${name}: processor ms a face`]: ((cpuSeconds / faces) * 1000).toFixed(2),
      [`matching alone, ${name}: event loop p99 / longest, ms`]: `${eventLoopP99Ms.toFixed(1)} / ${eventLoopMaxMs.toFixed(1)}`,
    })
  }
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name}: ${value}\n`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
