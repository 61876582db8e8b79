import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { createEngine } from '../src/engine/create-engine.ts'
import type { Face } from '../src/engine/types.ts'
import { DEGRADATIONS } from '../src/evaluation/degradations.ts'
import { wilson } from '../src/examination/measured-error.ts'

/**
 * Measures how sure faces and what is none are: counts of faces found and of those marked unsure, with 95 % intervals.
 * Usage: node scripts/measure-verification.ts WITHOUT_FACES FACES [PHOTOS] [DEGRADED]
 * WITHOUT_FACES: a folder of pictures that show no face. FACES: one sub-folder a person, the face in the middle; PHOTOS of
 * them (200), spread over the people, are read, and every DEGRADED-th of these (20) once more in each degraded way.
 */
const [withoutFaces, faces, photos = '200', degraded = '20'] = process.argv.slice(2)
const engine = await createEngine()

async function facesOf(bytes: Uint8Array): Promise<Face[]> {
  const reading = await engine.readPhoto(bytes)
  return reading.outcome === 'read' ? reading.faces : []
}

function say(what: string, count: number, of: number): void {
  const { low, high } = wilson(count, of)
  process.stdout.write(`${what}: ${count} of ${of} (${low.toFixed(3)} to ${high.toFixed(3)})\n`)
}

function isUnsure({ quality }: Face): boolean {
  return quality.advice.includes('unsure_face')
}

/** The face nearest to the picture's middle: whose photo it is. */
function mainOf(found: readonly Face[], widthPx: number, heightPx: number): Face | undefined {
  const away = ({ boxPx }: Face): number =>
    Math.hypot(boxPx.x + (boxPx.width - widthPx) / 2, boxPx.y + (boxPx.height - heightPx) / 2)
  return found.toSorted((a, b) => away(a) - away(b)).at(0)
}

const pictures = readdirSync(withoutFaces).map((name) => path.join(withoutFaces, name))
const falseFaces: Face[] = []
let withFalse = 0
for (const picture of pictures) {
  const found = await facesOf(readFileSync(picture))
  if (found.length > 0) withFalse += 1
  for (const face of found) {
    falseFaces.push(face)
    process.stdout.write(`  ${path.basename(picture)}: ${face.verificationScore.toFixed(2)}\n`)
  }
}
say('pictures without a face in which one is found', withFalse, pictures.length)
say('false faces marked unsure', falseFaces.filter(isUnsure).length, falseFaces.length)

const people = readdirSync(faces, { withFileTypes: true }).filter((entry) => entry.isDirectory())
const files = people.flatMap(({ name }) =>
  readdirSync(path.join(faces, name)).map((file) => path.join(faces, name, file)),
)
const step = Math.max(1, files.length / Number(photos))
const main: Face[] = []
const worse = new Map(DEGRADATIONS.map(({ title }) => [title, [] as (Face | undefined)[]]))
let read = 0
for (let at = 0; at < files.length; at += step) {
  const bytes = readFileSync(files[Math.floor(at)])
  const reading = await engine.readPhoto(bytes)
  if (reading.outcome !== 'read') continue
  const face = mainOf(reading.faces, reading.photo.widthPx, reading.photo.heightPx)
  if (face !== undefined) main.push(face)
  if (face !== undefined && read % Number(degraded) === 0)
    for (const degradation of DEGRADATIONS)
      worse.get(degradation.title)?.push((await facesOf(await degradation.degrade(bytes, face))).at(0))
  read += 1
}
say('photos of faces in which none is found', read - main.length, read)
say('true faces marked unsure', main.filter(isUnsure).length, main.length)
process.stdout.write(`  lowest score ${Math.min(...main.map((face) => face.verificationScore)).toFixed(2)}\n`)
for (const [title, found] of worse) {
  const there = found.filter((face) => face !== undefined)
  say(`${title}: not found`, found.length - there.length, found.length)
  say(`${title}: marked unsure`, there.filter(isUnsure).length, there.length)
}
await engine.close()
