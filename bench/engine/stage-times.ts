import { readFile } from 'node:fs/promises'
import { openPhoto } from '../../src/engine/decode/open-photo.ts'
import type { Model } from '../../src/engine/model.ts'
import { findPack } from '../../src/engine/pack/find-pack.ts'
import { loadPack } from '../../src/engine/pack/load-pack.ts'
import { readPhoto } from '../../src/engine/read-photo.ts'

/** Milliseconds a photo spends in each stage on one thread; network stages include the sampling of their input. */
export interface StageTimes {
  decode: number
  detector: number
  landmarks: number
  embedder: number
  pose: number
  eyes: number
  total: number
}

/** Prints the mean {@link StageTimes} over the photos, after one warm-up. */
const photos = process.argv.slice(2)
const { folder, manifest } = await findPack()
const pack = await loadPack(folder, manifest)
const times: StageTimes = { decode: 0, detector: 0, landmarks: 0, embedder: 0, pose: 0, eyes: 0, total: 0 }
const networks: [keyof StageTimes, Model | undefined][] = [
  ['detector', pack.detector.model],
  ['landmarks', pack.landmarks],
  ['embedder', pack.embedder.model],
  ['pose', pack.pose],
  ['eyes', pack.eyes],
]
for (const [stage, model] of networks) {
  if (model === undefined) continue
  const timed =
    <T extends unknown[], R>(run: (...args: T) => Promise<R>) =>
    async (...args: T): Promise<R> => {
      const started = performance.now()
      const outputs = await run(...args)
      times[stage] += performance.now() - started
      return outputs
    }
  model.run = timed(model.run.bind(model))
  model.look = timed(model.look.bind(model))
}
const files = await Promise.all(photos.map(async (photo) => readFile(photo)))
for (const bytes of files) await readPhoto(pack, bytes, 'standard')
for (const stage of Object.keys(times) as (keyof StageTimes)[]) times[stage] = 0
for (const bytes of files) {
  const started = performance.now()
  await openPhoto(bytes, 'standard')
  const decoded = performance.now()
  await readPhoto(pack, bytes, 'standard')
  times.decode += decoded - started
  times.total += performance.now() - decoded
}
for (const stage of Object.keys(times) as (keyof StageTimes)[]) times[stage] /= photos.length
process.stdout.write(JSON.stringify(times))
