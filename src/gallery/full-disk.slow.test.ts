import { execFileSync } from 'node:child_process'
import { readFile, rm, statfs, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { madeTemplates, PlainGallery } from '../../test/support/gallery-contract.ts'
import { smallDisk } from '../../test/support/small-disk.ts'
import { checkGallery } from './check-gallery.ts'
import { openGallery, type OpenedGallery } from './embedded-gallery.ts'

const LENGTH = 64
const DISK_MB = 2
const templates = madeTemplates(60, LENGTH, 71)
const full = { code: 'storage_full' }

async function openIn(folder: string): Promise<OpenedGallery> {
  const plain = new PlainGallery()
  templates.forEach((template, i) => plain.rows.set(i + 1, { id: i + 1, template }))
  const opened = await openGallery({
    folder,
    label: 'test',
    templateLength: LENGTH,
    loadTemplates: plain.load,
    threads: 1,
  })
  onTestFinished(() => opened.gallery.close())
  return opened
}

const rows = (first: number, count: number) =>
  templates.slice(first - 1, first - 1 + count).map((template, i) => ({ id: first + i, template }))

/** Takes all room but so many bytes; returns the file that takes it. */
async function fillUp(disk: string, left: number): Promise<string> {
  const { bavail, bsize } = await statfs(disk)
  const filler = path.join(disk, 'filler')
  await writeFile(filler, Buffer.alloc(bavail * bsize - left))
  return filler
}

test('on a full disk nothing is added, what was there is still found, and with room again all goes on', async (context) => {
  const disk = smallDisk(DISK_MB)
  if (disk === undefined) {
    context.skip('mounting a small disk needs root')
    return
  }
  const folder = path.join(disk, 'gallery')
  const { gallery } = await openIn(folder)
  await gallery.add(rows(1, 20))
  const filler = await fillUp(disk, 0)
  // Larger than what is left of the file's last page.
  const many = madeTemplates(3000, LENGTH, 72).map((template, i) => ({ id: 1000 + i, template }))
  await expect(gallery.add(many)).rejects.toMatchObject(full)
  expect(gallery.stats()).toMatchObject({ faces: 20, lastId: 20 })
  const [{ candidates }] = await gallery.search([templates[4]], { k: 1 })
  expect(candidates).toMatchObject([{ id: 5 }])
  await rm(filler)
  await gallery.add(rows(21, 10))
  await gallery.close()
  expect(await checkGallery(folder, undefined)).toMatchObject({
    faults: [],
    ids: rows(1, 30).map(({ id }) => id),
  })
  expect(await openIn(folder)).toMatchObject({ lastId: 30, damage: [] })
})

test('a removal that a full disk stops is not found, and is finished by the next', async (context) => {
  const disk = smallDisk(DISK_MB)
  if (disk === undefined) {
    context.skip('mounting a small disk needs root')
    return
  }
  const folder = path.join(disk, 'gallery')
  const { gallery } = await openIn(folder)
  await gallery.add(rows(1, 50))
  const filler = await fillUp(disk, 0)
  await expect(gallery.remove([5])).rejects.toMatchObject(full)
  const [{ candidates }] = await gallery.search([templates[4]], { k: 50 })
  expect(candidates.some(({ id }) => id === 5)).toBe(false)
  await rm(filler)
  // The record repeats what was not acknowledged.
  await gallery.remove([5])
  await gallery.close()
  const check = await checkGallery(folder, undefined)
  expect(check).toMatchObject({ faults: [], leftovers: [] })
  expect(check.ids).toEqual(
    rows(1, 50)
      .map(({ id }) => id)
      .filter((id) => id !== 5),
  )
})

test('a read-only disk is a clear error, can be checked, and stays as it was', async (context) => {
  const disk = smallDisk(DISK_MB)
  if (disk === undefined) {
    context.skip('mounting a small disk needs root')
    return
  }
  const folder = path.join(disk, 'gallery')
  const { gallery } = await openIn(folder)
  await gallery.add(rows(1, 20))
  await gallery.close()
  const before = await readFile(path.join(folder, 'rows'))
  execFileSync('mount', ['-o', 'remount,ro', disk])
  await expect(openIn(folder)).rejects.toMatchObject({ code: 'storage_read_only' })
  expect(await checkGallery(folder, undefined)).toMatchObject({
    faults: [],
    ids: rows(1, 20).map(({ id }) => id),
  })
  expect(await readFile(path.join(folder, 'rows'))).toEqual(before)
})
