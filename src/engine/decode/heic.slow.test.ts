import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { portrait } from '../../../scripts/sample-photos.ts'
import { encodeHeic } from '../../../test/support/encode-heic.ts'
import { phoneHeic } from '../../../test/support/phone-heic.ts'
import { openPhoto } from './open-photo.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'likeness-heic-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

test('openPhoto reads HEIC, whose EXIF orientation only repeats what its own boxes say', async () => {
  const source = path.join(folder, 'picture.jpg')
  const target = path.join(folder, 'picture.heic')
  await writeFile(
    source,
    await sharp(portrait('obama4_crop.jpg')).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  )
  encodeHeic(source, target)
  const opening = await openPhoto(await readFile(target), 'standard')
  if (opening.outcome === 'unreadable') throw new Error(opening.detail)
  const { facts, working } = opening.photo
  // heif-enc writes the orientation to EXIF alone, so the picture must stay as it is.
  const { data, info } = await sharp(source).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  expect(facts).toMatchObject({
    format: 'heic',
    widthPx: info.width,
    heightPx: info.height,
    exifOrientation: 1,
  })
  const difference = working.data.reduce((sum, value, i) => sum + Math.abs(value - data[i]), 0) / data.length
  expect(difference).toBeLessThan(12)
})

test("openPhoto reads a phone's HEIC: a grid of tiles, turned by the file's own rotation", async () => {
  const tilePx = 256
  const upright = await sharp(portrait('cage.jpg')).resize(512, 512, { fit: 'cover' }).png().toBuffer()
  // As the sensor lay: a quarter turn anticlockwise from upright, so that the file turns it clockwise (irot counts anticlockwise).
  const lying = await sharp(upright).rotate(270).png().toBuffer()
  const tiles: Buffer[] = []
  for (const [left, top] of [
    [0, 0],
    [tilePx, 0],
    [0, tilePx],
    [tilePx, tilePx],
  ]) {
    const source = path.join(folder, `tile-${left}-${top}.png`)
    const target = path.join(folder, `tile-${left}-${top}.heic`)
    await sharp(lying).extract({ left, top, width: tilePx, height: tilePx }).toFile(source)
    encodeHeic(source, target)
    tiles.push(await readFile(target))
  }
  const opening = await openPhoto(phoneHeic(tiles, { columns: 2, rows: 2, tilePx }, 3), 'standard')
  if (opening.outcome === 'unreadable') throw new Error(opening.detail)
  const { facts, working } = opening.photo
  expect(facts).toMatchObject({ format: 'heic', widthPx: 512, heightPx: 512 })
  const expected = await sharp(upright).removeAlpha().raw().toBuffer()
  const difference = working.data.reduce((sum, value, i) => sum + Math.abs(value - expected[i]), 0)
  expect(difference / expected.length).toBeLessThan(6)
})
