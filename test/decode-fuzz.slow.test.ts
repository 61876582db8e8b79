import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { portrait } from '../scripts/sample-photos.ts'
import { encodeHeic } from './support/encode-heic.ts'
import { createEngine } from '../src/engine/create-engine.ts'

/** Mutated files in all. */
const MUTANTS = 2400
/** After this many the allocators have grown to what they need; growth is measured from here. */
const WARM_UP = 800
const MAX_GROWTH_BYTES = 200 * 1024 * 1024
const UNDER_WAY = 8
const SEED = 20_240_517

test(`${MUTANTS} damaged photos: no crash, no hang, no growth of memory`, async () => {
  const originals = await makeOriginals()
  const random = xorshift32(SEED)
  const engine = await createEngine()
  const outcomes = { read: 0, unreadable: 0 }
  const rss: number[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < MUTANTS) {
      const index = next++
      const mutant = mutate(originals[index % originals.length], random)
      const reading = await engine.readPhoto(mutant, { mode: 'fast' })
      outcomes[reading.outcome]++
      if (reading.outcome === 'unreadable') {
        expect(reading.detail, `mutant ${index}`).toMatch(/^[^\n]{3,300}$/)
        expect(reading.reason, `mutant ${index}`).not.toBe('took_too_long')
      }
      rss.push(process.memoryUsage().rss)
    }
  }
  await Promise.all(Array.from({ length: UNDER_WAY }, work))
  // The engine still works, and gives the same as before.
  const after = await engine.readPhoto(portrait('audrey.jpg'))
  await engine.close()
  expect(outcomes.read + outcomes.unreadable).toBe(MUTANTS)
  expect(outcomes.unreadable).toBeGreaterThan(MUTANTS / 4)
  expect(outcomes.read).toBeGreaterThan(0)
  expect(after).toMatchObject({ outcome: 'read', faces: [{ number: 1 }] })
  const quarter = Math.floor((MUTANTS - WARM_UP) / 4)
  const [early, late] = [rss.slice(WARM_UP, WARM_UP + quarter), rss.slice(-quarter)].map((part) =>
    Math.min(...part),
  )
  expect(late - early).toBeLessThan(MAX_GROWTH_BYTES)
})

/** Small real photos in every format that is read. */
async function makeOriginals(): Promise<Buffer[]> {
  const small = await sharp(portrait('audrey.jpg')).resize(200).png().toBuffer()
  const originals = [
    await sharp(small).jpeg().toBuffer(),
    await sharp(small).jpeg({ progressive: true }).withMetadata({ orientation: 6 }).toBuffer(),
    small,
    await sharp(small).webp().toBuffer(),
    await sharp(small).gif().toBuffer(),
    await sharp(small).tiff({ compression: 'lzw' }).toBuffer(),
    await sharp(small).tiff({ tile: true, tileWidth: 64, tileHeight: 64, compression: 'jpeg' }).toBuffer(),
    await sharp(small).avif({ effort: 0 }).toBuffer(),
  ]
  const folder = await mkdtemp(path.join(os.tmpdir(), 'likeness-fuzz-'))
  await writeFile(path.join(folder, 'small.png'), small)
  const heic = path.join(folder, 'small.heic')
  encodeHeic(path.join(folder, 'small.png'), heic)
  originals.push(await readFile(heic))
  await rm(folder, { recursive: true })
  return originals
}

/** Flips bits, cuts, overwrites the header, doubles or zeroes a stretch: one or several of them. */
function mutate(original: Buffer, random: () => number): Buffer {
  let mutant = Buffer.from(original)
  const at = (length: number): number => Math.floor(random() * length)
  for (let changes = 1 + at(3); changes > 0; changes--) {
    const kind = at(5)
    if (kind === 0) for (let flips = 1 + at(20); flips > 0; flips--) mutant[at(mutant.length)] ^= 1 << at(8)
    if (kind === 1) mutant = mutant.subarray(0, 1 + at(mutant.length))
    if (kind === 2) mutant[at(Math.min(64, mutant.length))] = at(256)
    if (kind === 3) {
      const from = at(mutant.length)
      mutant = Buffer.concat([
        mutant.subarray(0, from),
        mutant.subarray(at(from + 1), from),
        mutant.subarray(from),
      ])
    }
    if (kind === 4) mutant.fill(at(256), at(mutant.length), at(mutant.length))
  }
  return mutant
}

/** Marsaglia's xorshift32 (2003), so that a failing mutant can be made again. */
function xorshift32(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
