import { createEngine } from '../../src/engine/create-engine.ts'
import { peakMemoryMegabytes, type RoundResult, secondsSince } from './measure.ts'

/** Reads every photo `passes` times on all cores after one warm-up and prints a {@link RoundResult}. */
const [passes, ...photos] = process.argv.slice(2)
const engine = await createEngine()
await Promise.all(photos.map(async (photo) => engine.readPhoto(photo)))
const started = performance.now()
const work = Array.from({ length: Number(passes) }, () => photos).flat()
const readings = await Promise.all(work.map(async (photo) => engine.readPhoto(photo)))
const seconds = secondsSince(started)
const faces = readings.reduce(
  (sum, reading) => sum + (reading.outcome === 'read' ? reading.faces.length : 0),
  0,
)
await engine.close()
const result: RoundResult = { photos: work.length, faces, seconds, peakMegabytes: peakMemoryMegabytes() }
process.stdout.write(JSON.stringify(result))
