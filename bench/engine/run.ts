import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { fetchSamplePhotos, groupPhoto } from '../../scripts/sample-photos.ts'
import { median, type RoundResult } from './measure.ts'
import type { StageTimes } from './stage-times.ts'

/**
 * Photos per second of the whole engine on all cores beside face-api (WASM) on the same photos, in turns, each in a
 * process of its own; stage by stage on one thread; one 50-megapixel JPEG. `--json` prints the figures as JSON.
 */
const ROUNDS = 5
const PASSES = { likeness: 4, faceApi: 1 }
const ONE_MEGAPIXEL = 1_000_000
const LARGE = { width: 8660, height: 5774 }
const HERE = new URL('.', import.meta.url)
const run = promisify(execFile)

async function runScript<T>(script: string, args: readonly string[]): Promise<T> {
  const { stdout } = await run(process.execPath, [new URL(script, HERE).pathname, ...args], {
    maxBuffer: 1e7,
  })
  // Programs may print words of their own before the result.
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n{') + 1)) as T
}

/** Group photos, whole or an upright strip of them (from, to: shares of the width): two with each of one to four faces. */
const PHOTOS = [
  { group: 1, from: 0, to: 0.4 },
  { group: 3, from: 0.68, to: 1 },
  { group: 2, from: 0.4, to: 1 },
  { group: 6, from: 0, to: 0.55 },
  { group: 2, from: 0, to: 1 },
  { group: 3, from: 0, to: 1 },
  { group: 4, from: 0, to: 1 },
  { group: 6, from: 0, to: 1 },
]

await fetchSamplePhotos(['groups'])
const folder = await mkdtemp(path.join(os.tmpdir(), 'likeness-bench-'))
const photos: string[] = []
for (const [index, { group, from, to }] of PHOTOS.entries()) {
  const target = path.join(folder, `${index + 1}.jpg`)
  const { width, height } = await sharp(groupPhoto(group)).metadata()
  const strip = { left: Math.round(width * from), top: 0, width: Math.round(width * (to - from)), height }
  const scale = Math.sqrt(ONE_MEGAPIXEL / (strip.width * height))
  await sharp(groupPhoto(group))
    .extract(strip)
    .resize(Math.round(strip.width * scale))
    .jpeg({ quality: 92 })
    .toFile(target)
  photos.push(target)
}
const large = path.join(folder, 'large.jpg')
await sharp(groupPhoto(6))
  .resize(LARGE.width, LARGE.height, { fit: 'fill' })
  .jpeg({ quality: 90 })
  .toFile(large)

const rounds: { likeness: RoundResult; faceApi: RoundResult }[] = []
for (let round = 0; round < ROUNDS; round++) {
  rounds.push({
    likeness: await runScript<RoundResult>('likeness-rounds.ts', [String(PASSES.likeness), ...photos]),
    faceApi: await runScript<RoundResult>('face-api-rounds.ts', [String(PASSES.faceApi), ...photos]),
  })
  process.stderr.write(`round ${round + 1} of ${ROUNDS}\n`)
}
const stages = await runScript<StageTimes>('stage-times.ts', photos)
const largePhoto = await runScript<RoundResult>('likeness-rounds.ts', ['1', large])
await rm(folder, { recursive: true })

const rate = ({ photos: count, seconds }: RoundResult): number => count / seconds
const figures = {
  machine: { cores: os.availableParallelism(), model: os.cpus()[0]?.model, node: process.version },
  rounds: ROUNDS,
  photosPerSecond: {
    likeness: median(rounds.map((r) => rate(r.likeness))),
    faceApi: median(rounds.map((r) => rate(r.faceApi))),
  },
  ratios: rounds.map((r) => rate(r.likeness) / rate(r.faceApi)),
  ratio: median(rounds.map((r) => rate(r.likeness) / rate(r.faceApi))),
  peakMegabytes: {
    likeness: Math.max(...rounds.map((r) => r.likeness.peakMegabytes)),
    faceApi: Math.max(...rounds.map((r) => r.faceApi.peakMegabytes)),
  },
  facesPerPass: {
    likeness: rounds[0].likeness.faces / PASSES.likeness,
    faceApi: rounds[0].faceApi.faces / PASSES.faceApi,
  },
  stageMilliseconds: stages,
  fiftyMegapixels: { seconds: largePhoto.seconds, peakMegabytes: largePhoto.peakMegabytes },
}
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`)
else {
  const { photosPerSecond: speed, ratios, peakMegabytes: memory } = figures
  console.table({
    'photos a second, median': { likeness: speed.likeness.toFixed(2), 'face-api': speed.faceApi.toFixed(2) },
    'peak memory, MB': { likeness: memory.likeness, 'face-api': memory.faceApi },
    'faces in the photos': {
      likeness: figures.facesPerPass.likeness,
      'face-api': figures.facesPerPass.faceApi,
    },
  })
  console.log(
    `ratio: median ${figures.ratio.toFixed(1)}, from ${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)} over ${ROUNDS} rounds`,
  )
  console.table(
    Object.fromEntries(
      Object.entries(stages).map(([stage, ms]) => [stage, { 'ms a photo, one thread': ms.toFixed(1) }]),
    ),
  )
  console.log(`50-megapixel JPEG: ${largePhoto.seconds.toFixed(2)} s, peak ${largePhoto.peakMegabytes} MB`)
}
