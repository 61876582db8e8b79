import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { madeTemplates, PlainGallery } from '../../test/support/gallery-contract.ts'
import { openGallery, type GalleryOptions, type OpenedGallery } from './embedded-gallery.ts'

const LENGTH = 32
const KEY = new Uint8Array(32).fill(7)

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'likeness-gallery-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function openIn(folder: string, options: Partial<GalleryOptions> = {}): Promise<OpenedGallery> {
  const opened = await openGallery({
    folder,
    label: 'pack/1',
    templateLength: LENGTH,
    loadTemplates: new PlainGallery().load,
    threads: 1,
    ...options,
  })
  onTestFinished(() => opened.gallery.close())
  return opened
}

const templates = madeTemplates(400, LENGTH, 21)
const rowsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: first + i, template: templates[(first + i) % 400], tag: 3 }))

const idsOf = ({ gallery }: OpenedGallery): number[] => [...gallery.ids()].flatMap((piece) => [...piece])

test.each([undefined, KEY])('what was added is there after closing, what was removed is not', async (key) => {
  const folder = await emptyFolder()
  const options = key === undefined ? {} : { key }
  const first = await openIn(folder, options)
  expect(first).toMatchObject({ lastId: 0, damage: [] })
  await first.gallery.add(rowsFrom(1, 50))
  await first.gallery.add(rowsFrom(51, 50))
  await first.gallery.remove([7, 100])
  await first.gallery.close()
  const again = await openIn(folder, options)
  expect(again).toMatchObject({ lastId: 100, damage: [] })
  expect(idsOf(again)).toEqual(
    rowsFrom(1, 99)
      .map(({ id }) => id)
      .filter((id) => id !== 7),
  )
  const [{ facesSearched }] = await again.gallery.search([templates[1]], { k: 5, filter: { tags: [3] } })
  expect(facesSearched).toBe(98)
})

test('cut anywhere or with any byte changed, exactly the blocks before are trusted, and the fault is named', async () => {
  const folder = await emptyFolder()
  const file = path.join(folder, 'rows')
  const made = await openIn(folder)
  // Ids that the file holds after each block.
  const ends: { bytes: number; lastId: number }[] = [{ bytes: 512, lastId: 0 }]
  for (let id = 1; id < 300; id += 10) {
    await made.gallery.add(rowsFrom(id, 10))
    ends.push({ bytes: (await stat(file)).size, lastId: id + 9 })
  }
  await made.gallery.close()
  const whole = await readFile(file)
  const check = async (trusted: number, expectDamage: boolean): Promise<void> => {
    const opened = await openIn(folder)
    expect(opened.lastId).toBe(trusted)
    expect(idsOf(opened)).toEqual(rowsFrom(1, trusted).map(({ id }) => id))
    expect(opened.damage.map((damage) => damage.file)).toEqual(expectDamage ? [file] : [])
    // The rest can be fed again, and is then held.
    await opened.gallery.add(rowsFrom(trusted + 1, 5))
    await opened.gallery.close()
    const again = await openIn(folder)
    expect(again).toMatchObject({ lastId: trusted + 5, damage: [] })
    await again.gallery.close()
  }
  const trustedUpTo = (offset: number): number => ends.findLast(({ bytes }) => bytes <= offset)?.lastId ?? 0
  const place = fc.integer({ min: 0, max: whole.length - 1 })
  await fc.assert(
    fc.asyncProperty(place, async (length) => {
      await writeFile(file, whole)
      await truncate(file, length)
      await check(trustedUpTo(length), !ends.some(({ bytes }) => bytes === length))
    }),
    { numRuns: 5 },
  )
  await fc.assert(
    fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (offset, change) => {
      const bytes = Buffer.from(whole)
      bytes[offset] ^= change
      await writeFile(file, bytes)
      await check(trustedUpTo(offset), true)
    }),
    { numRuns: 5 },
  )
})

/** A template as the file holds it. */
function int8(template: Float32Array): Buffer {
  const most = Math.max(...template.map(Math.abs))
  return Buffer.from(Int8Array.from(template, (x) => Math.round((x / most) * 127)).buffer)
}

test('nothing of a removed template is left in the files, and of encrypted files nothing can be read', async () => {
  const folder = await emptyFolder()
  const { gallery } = await openIn(folder)
  await gallery.add(rowsFrom(1, 20))
  const file = path.join(folder, 'rows')
  expect((await readFile(file)).includes(int8(templates[5]))).toBe(true)
  await gallery.remove([5])
  const after = await readFile(file)
  expect(after.includes(int8(templates[5]))).toBe(false)
  expect(after.includes(int8(templates[6]))).toBe(true)

  const secret = await emptyFolder()
  const encrypted = await openIn(secret, { key: KEY })
  await encrypted.gallery.add(rowsFrom(1, 20))
  expect((await readFile(path.join(secret, 'rows'))).includes(int8(templates[6]))).toBe(false)
})

test('an erasure that a crash cut short is finished at the next opening, or had not begun', async () => {
  const folder = await emptyFolder()
  const [rows, erasure] = [path.join(folder, 'rows'), path.join(folder, 'erasure')]
  const first = await openIn(folder)
  await first.gallery.add(rowsFrom(1, 20))
  await first.gallery.flush()
  const before = await readFile(rows)
  await first.gallery.remove([5])
  await first.gallery.close()
  const after = await readFile(rows)
  // The state in which a crash leaves the files: new blocks written apart, the file itself half overwritten.
  const { crc32 } = await import('node:zlib')
  const head = Buffer.alloc(12)
  head.writeDoubleLE(512, 0)
  head.writeUInt32LE(after.length - 512, 8)
  const body = Buffer.concat([head, after.subarray(512)])
  const end = Buffer.alloc(4)
  end.writeUInt32LE(crc32(body))
  await writeFile(erasure, Buffer.concat([body, end]))
  await writeFile(rows, Buffer.concat([after.subarray(0, 700), before.subarray(700)]))
  const finished = await openIn(folder)
  expect(finished).toMatchObject({ lastId: 20, damage: [] })
  expect(idsOf(finished)).not.toContain(5)
  await finished.gallery.close()
  expect(await readFile(rows)).toEqual(after)
  // Cut off before it was whole: nothing had been overwritten.
  await writeFile(erasure, body.subarray(0, 40))
  await writeFile(rows, before)
  expect(idsOf(await openIn(folder))).toContain(5)
})

test('files with much that was removed are written anew, smaller, at opening', async () => {
  const folder = await emptyFolder()
  const first = await openIn(folder)
  await first.gallery.add(rowsFrom(1, 300))
  await first.gallery.remove(rowsFrom(201, 100).map(({ id }) => id))
  await first.gallery.close()
  const { size } = await stat(path.join(folder, 'rows'))
  const again = await openIn(folder)
  expect((await stat(path.join(folder, 'rows'))).size).toBeLessThan(size * 0.7)
  expect(again.lastId).toBe(300)
  expect(again.gallery.stats()).toMatchObject({ faces: 200, removed: 0 })
  await again.gallery.remove([200])
  await again.gallery.add(rowsFrom(301, 1))
  await again.gallery.close()
  expect(idsOf(await openIn(folder))).toEqual([...rowsFrom(1, 199), ...rowsFrom(301, 1)].map(({ id }) => id))
})

test('refuses files of another model, a missing or wrong key, and a folder that is open', async () => {
  const folder = await emptyFolder()
  const first = await openIn(folder)
  await first.gallery.add(rowsFrom(1, 5))
  await expect(openIn(folder)).rejects.toMatchObject({ code: 'conflict' })
  await first.gallery.close()
  await expect(openIn(folder, { label: 'pack/2' })).rejects.toMatchObject({ code: 'conflict' })
  await expect(openIn(folder, { key: KEY })).rejects.toMatchObject({ code: 'wrong_key' })
  const secret = await emptyFolder()
  const encrypted = await openIn(secret, { key: KEY })
  await encrypted.gallery.add(rowsFrom(1, 5))
  await encrypted.gallery.close()
  await expect(openIn(secret)).rejects.toMatchObject({ code: 'wrong_key' })
  await expect(openIn(secret, { key: new Uint8Array(32) })).rejects.toMatchObject({ code: 'wrong_key' })
  expect(await openIn(secret, { key: KEY })).toMatchObject({ lastId: 5 })
})
