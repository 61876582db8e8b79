import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { madeTemplates, PlainGallery } from '../../test/support/gallery-contract.ts'
import { checkGallery } from './check-gallery.ts'
import { openGallery, type OpenedGallery } from './embedded-gallery.ts'

const LENGTH = 32
const KEY = new Uint8Array(32).fill(7)
const BLOCKS = 6
const ROWS_PER_BLOCK = 10

async function openIn(folder: string, key?: Uint8Array): Promise<OpenedGallery> {
  const opened = await openGallery({
    folder,
    label: 'pack/1',
    templateLength: LENGTH,
    loadTemplates: new PlainGallery().load,
    threads: 1,
    ...(key !== undefined && { key }),
  })
  onTestFinished(() => opened.gallery.close())
  return opened
}

/** A closed gallery of six blocks of ten rows, without row 25; `ends` are the offsets at which blocks end. */
async function makeFiles(key?: Uint8Array): Promise<{ folder: string; file: string; ends: number[] }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'likeness-gallery-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const { gallery } = await openIn(folder, key)
  const ends: number[] = [gallery.stats().fileBytes]
  for (let block = 0; block < BLOCKS; block++) {
    const rows = madeTemplates(ROWS_PER_BLOCK, LENGTH, block + 1)
    await gallery.add(rows.map((template, i) => ({ id: block * ROWS_PER_BLOCK + i + 1, template })))
    ends.push(gallery.stats().fileBytes)
  }
  await gallery.remove([25])
  await gallery.close()
  return { folder, file: path.join(folder, 'rows'), ends }
}

async function stateOf(folder: string): Promise<unknown[]> {
  const names = (await readdir(folder)).toSorted()
  return Promise.all(
    names.map(async (name) => [
      name,
      await readFile(path.join(folder, name), 'base64'),
      (await stat(path.join(folder, name))).mtimeMs,
    ]),
  )
}

const allIds = Array.from({ length: BLOCKS * ROWS_PER_BLOCK }, (_, i) => i + 1).filter((id) => id !== 25)

test.each([undefined, KEY])(
  'whole files have no fault, and the ids that they hold are named',
  async (key) => {
    const { folder } = await makeFiles(key)
    expect(await checkGallery(folder, key)).toEqual({
      label: 'pack/1',
      ids: allIds,
      faults: [],
      leftovers: [],
    })
  },
)

test.each([undefined, KEY])(
  'a changed byte is found wherever it is, by file and ids, and nothing is changed',
  async (key) => {
    const { folder, file, ends } = await makeFiles(key)
    const whole = await readFile(file)
    for (let offset = 3; offset < whole.length; offset += 17) {
      const bytes = Buffer.from(whole)
      bytes[offset] ^= 1 << (offset & 7)
      await writeFile(file, bytes)
      const before = await stateOf(folder)
      const { ids, faults } = await checkGallery(folder, key)
      expect(faults).toHaveLength(1)
      const block = ends.findLastIndex((end) => end <= offset)
      const inHeader = offset < ends[0] || offset < ends[block] + 64
      const firstId = block < 0 ? 1 : block * ROWS_PER_BLOCK + 1
      const lastId = inHeader ? undefined : (block + 1) * ROWS_PER_BLOCK
      expect(faults[0]).toMatchObject({
        file,
        kind: 'damaged',
        offsetBytes: block < 0 ? 0 : ends[block],
        firstId,
      })
      expect(faults[0].lastId).toBe(lastId)
      expect(ids).toEqual(allIds.filter((id) => id < firstId || (lastId !== undefined && id > lastId)))
      expect(await stateOf(folder)).toEqual(before)
    }
  },
)

test('every one of several faults is named, and a cut end as unfinished', async () => {
  const { folder, file, ends } = await makeFiles()
  const bytes = await readFile(file)
  bytes[ends[1] + 100] ^= 1
  bytes[ends[3] + 100] ^= 1
  await writeFile(file, bytes.subarray(0, ends[5] + 70))
  const { faults } = await checkGallery(folder, undefined)
  expect(faults.map(({ kind, firstId, lastId }) => [kind, firstId, lastId])).toEqual([
    ['damaged', 11, 20],
    ['damaged', 31, 40],
    ['unfinished', 51, 60],
  ])
})

test('what a killed process left is named, and an erasure it had begun is no fault', async () => {
  const { folder, file, ends } = await makeFiles()
  const { gallery } = await openIn(folder)
  const before = await readFile(file)
  await gallery.remove([33])
  await gallery.close()
  const after = await readFile(file)
  const { writeErasure } = await import('./erasure-file.ts')
  await writeErasure(folder, [{ offsetBytes: ends[3], bytes: after.subarray(ends[3], ends[4]) }])
  await writeFile(file, Buffer.concat([after.subarray(0, ends[3] + 80), before.subarray(ends[3] + 80)]))
  await writeFile(path.join(folder, 'rows.partial'), 'half')
  const check = await checkGallery(folder, undefined)
  expect(check.faults).toEqual([])
  expect(check.ids).toEqual(allIds.filter((id) => id !== 33))
  expect(check.leftovers.map((name) => path.basename(name))).toEqual(['rows.partial', 'erasure'])
})

test('no files are no fault; an open gallery and a wrong key are refused', async () => {
  const { folder } = await makeFiles(KEY)
  const none = { label: undefined, ids: [], faults: [], leftovers: [] }
  expect(await checkGallery(path.join(folder, 'none'), undefined)).toEqual(none)
  await expect(checkGallery(folder, undefined)).rejects.toMatchObject({ code: 'wrong_key' })
  await expect(checkGallery(folder, new Uint8Array(32))).rejects.toMatchObject({ code: 'wrong_key' })
  await openIn(folder, KEY)
  await expect(checkGallery(folder, KEY)).rejects.toMatchObject({ code: 'conflict' })
})
