import { readFile } from 'node:fs/promises'
import sharp, { type Sharp } from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { portrait } from '../../../scripts/sample-photos.ts'
import { openPhoto } from './open-photo.ts'

let photo: Buffer
beforeAll(async () => {
  photo = await readFile(portrait('audrey.jpg'))
})

/** Mean difference, in levels, of a share of a picture from its top. */
async function differenceOfTop(bytes: Uint8Array, whole: Uint8Array, share: number): Promise<number> {
  const [part, all] = await Promise.all([openPhoto(bytes, 'standard'), openPhoto(whole, 'standard')])
  if (part.outcome === 'unreadable' || all.outcome === 'unreadable') throw new Error('not opened')
  const { data, width, height } = all.photo.working
  const count = width * 3 * Math.floor(height * share)
  let sum = 0
  for (let at = 0; at < count; at++) sum += Math.abs(part.photo.working.data[at] - data[at])
  return sum / count
}

const FORMATS: [string, (image: Sharp) => Sharp][] = [
  ['JPEG', (image) => image.jpeg()],
  ['progressive JPEG', (image) => image.jpeg({ progressive: true })],
  ['PNG', (image) => image.png()],
  ['WebP', (image) => image.webp()],
  ['GIF', (image) => image.gif()],
]

describe.each(FORMATS)('a %s cut short', (_, encode) => {
  test('is read as far as it is there, and marked', async () => {
    const whole = await encode(sharp(photo).rotate().removeAlpha()).toBuffer()
    const cut = whole.subarray(0, whole.length * 0.8)
    const opening = await openPhoto(cut, 'standard')
    expect(opening).toMatchObject({ outcome: 'open', photo: { facts: { remarks: [{ kind: 'cut_short' }] } } })
    expect(await differenceOfTop(cut, whole, 0.5)).toBeLessThan(8)
    // The whole file carries no mark.
    expect(await openPhoto(whole, 'standard')).toMatchObject({ photo: { facts: { remarks: [] } } })
  })

  test('of which nothing but the head is there, is refused as damaged', async () => {
    const whole = await encode(sharp(photo).removeAlpha()).toBuffer()
    for (const bytes of [30, 60, 160])
      expect(await openPhoto(whole.subarray(0, bytes), 'standard')).toMatchObject({ reason: 'damaged' })
  })

  test('gives parts of the original as the whole file does', async () => {
    const large = await encode(sharp(photo).removeAlpha().resize(900)).toBuffer()
    const cut = large.subarray(0, large.length * 0.8)
    const opening = await openPhoto(cut, 'standard')
    if (opening.outcome === 'unreadable') throw new Error(opening.detail)
    const { raster } = await opening.photo.cut({ x: 400, y: 100, width: 100, height: 80 })
    expect([raster.width, raster.height]).toEqual([100, 80])
  })
})

test('a turned JPEG cut short is upright', async () => {
  const turned = await sharp(photo).withMetadata({ orientation: 6 }).jpeg().toBuffer()
  const opening = await openPhoto(turned.subarray(0, turned.length * 0.8), 'standard')
  const { width, height } = await sharp(photo).metadata()
  expect(opening).toMatchObject({
    photo: { facts: { widthPx: height, heightPx: width, remarks: [{ kind: 'cut_short' }] } },
  })
})
