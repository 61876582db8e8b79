import path from 'node:path'
import process from 'node:process'
import { createEngine } from '../src/engine/create-engine.ts'
import { similarity } from '../src/engine/embed/similarity.ts'
import { cacheFolder } from '../src/engine/pack/find-pack.ts'
import { readPeople } from '../src/evaluation/read-people.ts'
import { ReadingCache } from '../src/folder-search/reading-cache.ts'

/**
 * Measures what a similarity stands for and prints the `calibration` part of a pack's manifest.
 * Usage: node scripts/calibrate-pack.ts FOLDER [FOLDER…], each with one sub-folder a person; a person must not stand in
 * two folders under different names. Run it once more with other people's photos before trusting the tail.
 */
const RATES = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]
/** Fewer non-mated pairs than this above a point make the point a guess. */
const MIN_PAIRS_ABOVE = 8

const folders = process.argv.slice(2)
const engine = await createEngine()
const cache = new ReadingCache(path.join(cacheFolder(), 'find'))
const samples: { person: string; template: Float32Array }[] = []
for (const folder of folders) {
  const { photos } = await readPeople(engine, cache, folder, 'standard', () => {})
  for (const { person, face } of photos)
    if (face !== undefined) samples.push({ person, template: face.template })
}
cache.close()
await engine.close()
const impostors: number[] = []
for (let a = 0; a < samples.length; a++) {
  for (let b = a + 1; b < samples.length; b++) {
    if (samples[a].person !== samples[b].person)
      impostors.push(similarity(samples[a].template, samples[b].template))
  }
}
impostors.sort((a, b) => b - a)
const points = RATES.filter((rate) => rate * impostors.length >= MIN_PAIRS_ABOVE).map((falseMatchRate) => ({
  similarity: Number(impostors[Math.floor(falseMatchRate * impostors.length)].toFixed(4)),
  falseMatchRate,
}))
const people = new Set(samples.map(({ person }) => person)).size
const calibration = { source: `${samples.length} labelled photos`, people, pairs: impostors.length, points }
process.stdout.write(`${JSON.stringify({ calibration, highest: impostors.slice(0, 10) }, undefined, 2)}\n`)
