import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { parseArgs, promisify } from 'node:util'
import sharp from 'sharp'
import { addPack, findPack } from '../../src/engine/pack/find-pack.ts'
import { detectorNetwork, writePack, yunetOutputs } from '../../test/support/made-up-packs.ts'
import { median } from '../engine/measure.ts'
import { makePhotos } from './make-photos.ts'
import type { RunResult } from './one-run.ts'

/**
 * Photos per second of an import beside the bare engine on the same photos, in turns, each in a process of its own; the
 * event loop's delay meanwhile. With `--items N`: memory over an import of N tiny pictures with a model pack of made-up
 * networks, which answer at once, so that the import itself is what works. `--json` prints the figures as JSON.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    photos: { type: 'string', default: '60' },
    items: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
})
const TINY_SIDE_PX = 24
const run = promisify(execFile)

async function oneRun(env: NodeJS.ProcessEnv, ...args: string[]): Promise<RunResult> {
  const script = new URL('one-run.ts', import.meta.url).pathname
  const { stdout } = await run(process.execPath, [script, ...args], { env, maxBuffer: 1e7 })
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{'))) as RunResult
}

/** Small pictures of four colours each, no two alike. */
async function makeTiny(folder: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const colours = Buffer.from(
      [0, 8, 16, 24].flatMap((shift) => [(index >> shift) & 255, index & 255, shift * 8]),
    )
    await sharp(colours, { raw: { width: 2, height: 2, channels: 3 } })
      .resize(TINY_SIDE_PX, TINY_SIDE_PX, { kernel: 'nearest', fit: 'fill' })
      .png({ compressionLevel: 1 })
      .toFile(path.join(folder, `${index}.png`))
  }
}

function rate({ photos, seconds }: RunResult): number {
  return photos / seconds
}

async function compareSpeed(folder: string): Promise<Record<string, unknown>> {
  await makePhotos(folder, Number(values.photos))
  const rounds: { engine: RunResult; plain: RunResult; encrypted: RunResult }[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    rounds.push({
      engine: await oneRun(process.env, 'engine', folder),
      plain: await oneRun(process.env, 'import', folder),
      encrypted: await oneRun(process.env, 'encrypted-import', folder),
    })
    process.stderr.write(`round ${round + 1} of ${values.rounds}\n`)
  }
  const of = (pick: (round: (typeof rounds)[number]) => number): string => median(rounds.map(pick)).toFixed(2)
  return {
    'engine, photos a second': of(({ engine }) => rate(engine)),
    'import, photos a second': of(({ plain }) => rate(plain)),
    'encrypted import, photos a second': of(({ encrypted }) => rate(encrypted)),
    'import / engine, median of rounds': of(({ engine, plain }) => rate(plain) / rate(engine)),
    'encrypted import / engine, median of rounds': of(
      ({ engine, encrypted }) => rate(encrypted) / rate(engine),
    ),
    'event loop p99 while importing, ms': of(({ plain }) => plain.eventLoopP99Ms),
    'event loop longest while importing, ms': of(({ plain }) => plain.eventLoopMaxMs),
    faces: rounds[0].plain.faces,
  }
}

async function measureMemory(folder: string, items: number): Promise<Record<string, unknown>> {
  const cache = path.join(folder, 'cache')
  const pack = path.join(folder, 'pack')
  const pictures = path.join(folder, 'tiny')
  const { folder: standard, manifest } = await findPack()
  await mkdir(path.join(cache, 'models'), { recursive: true })
  await symlink(standard, path.join(cache, 'models', manifest.id))
  const face = {
    x1: 112,
    y1: 100,
    x2: 208,
    y2: 220,
    points: [140, 182, 161, 144, 180].map((x, at): [number, number] => [x, 148 + at * 10]),
  }
  await writePack(pack, 'bench-1.0', 'yunet', detectorNetwork(yunetOutputs(face, 32)))
  process.env['LIKENESS_CACHE'] = cache
  await addPack(pack)
  await mkdir(pictures)
  await makeTiny(pictures, items)
  const result = await oneRun(process.env, 'import', pictures, 'bench-1.0')
  return {
    items: result.photos,
    faces: result.faces,
    'items a second': (result.photos / result.seconds).toFixed(0),
    'resident after 10 %, 50 %, 100 %, MB': result.residentMegabytes.join(', '),
    'event loop p99, ms': result.eventLoopP99Ms.toFixed(2),
    'event loop longest, ms': result.eventLoopMaxMs.toFixed(2),
  }
}

const folder = await mkdtemp(path.join(os.tmpdir(), 'likeness-bench-'))
try {
  const items = Number(values.items)
  const figures = items > 0 ? await measureMemory(folder, items) : await compareSpeed(folder)
  if (values.json) process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`)
  else
    for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name}: ${String(value)}\n`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
