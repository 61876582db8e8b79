import { readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { falseMatchRate } from '../src/engine/calibration.ts'
import { createEngine } from '../src/engine/create-engine.ts'
import { similarity } from '../src/engine/embed/similarity.ts'
import { cacheFolder } from '../src/engine/pack/find-pack.ts'
import type { PackManifest } from '../src/engine/pack/manifest.ts'
import { ScoreCounts } from '../src/evaluation/score-counts.ts'
import { readPeople } from '../src/evaluation/read-people.ts'
import { ReadingCache } from '../src/folder-search/reading-cache.ts'

/**
 * Measures what a similarity stands for and prints the `calibration` part of a pack's manifest, and how well the same
 * measure holds on people who had no part in it: every second person's pairs against the others'.
 * Usage: node scripts/calibrate-pack.ts [--leave-out FILE] FOLDER [FOLDER…], each with one sub-folder a person; a person must
 * not stand in two folders under different names. FILE names people to leave out, one a line: label errors, people under
 * two names.
 */
const RATES = [0.5, 0.2, 0.1, 0.05, 0.02].concat(
  [-2, -3, -4, -5, -6].flatMap((power) => [1, 0.5, 0.2].map((share) => share * 10 ** power)),
)
/** Fewer pairs of people than this above a point make the point a guess. */
const MIN_PAIRS_ABOVE = 8
const CHECKED_RATES = [1e-2, 1e-3, 1e-4, 1e-5]

type Calibration = NonNullable<PackManifest['calibration']>
interface Sample {
  person: string
  template: Float32Array
}

const { positionals: folders, values } = parseArgs({
  allowPositionals: true,
  options: { 'leave-out': { type: 'string' } },
})
const leftOut = new Set(
  values['leave-out'] === undefined ? [] : readFileSync(values['leave-out'], 'utf8').split('\n'),
)
const samples = (await readSamples()).filter(({ person }) => !leftOut.has(person))
const people = [...new Set(samples.map(({ person }) => person))].toSorted()
const calibration = calibrate(samples)
const firsts = new Set(people.filter((_, at) => at % 2 === 0))
const [half, others] = [true, false].map((isFirst) =>
  samples.filter(({ person }) => firsts.has(person) === isFirst),
)
const promised = calibrate(half)
const counted = countNonMated(others)
const checks = CHECKED_RATES.map((rate) => {
  const threshold = counted.thresholdAt(rate)
  return {
    counted: counted.shareFrom(threshold),
    promised: falseMatchRate(promised, threshold).rate,
    threshold,
  }
})
process.stdout.write(`${JSON.stringify({ calibration, checks }, undefined, 2)}\n`)

async function readSamples(): Promise<Sample[]> {
  const engine = await createEngine()
  const cache = new ReadingCache(path.join(cacheFolder(), 'find'))
  const read: Sample[] = []
  for (const folder of folders) {
    const { photos } = await readPeople(engine, cache, folder, 'standard', () => {})
    for (const { person, face } of photos)
      if (face !== undefined) read.push({ person, template: face.template })
  }
  cache.close()
  await engine.close()
  return read
}

function countNonMated(of: readonly Sample[]): ScoreCounts {
  const counts = new ScoreCounts()
  for (const [at, a] of of.entries())
    for (let other = at + 1; other < of.length; other++)
      if (a.person !== of[other].person) counts.add(similarity(a.template, of[other].template))
  return counts
}

function calibrate(of: readonly Sample[]): Calibration {
  const counts = countNonMated(of)
  const count = new Set(of.map(({ person }) => person)).size
  // Pairs of photos of the same two people say one thing several times: what is rare is judged by pairs of people.
  const pairs = (count * (count - 1)) / 2
  const points = RATES.filter((rate) => rate * pairs >= MIN_PAIRS_ABOVE).map((rate) => ({
    similarity: Number(counts.thresholdAt(rate).toFixed(4)),
    falseMatchRate: rate,
  }))
  return { source: `${of.length} labelled photos`, people: count, pairs, points }
}
