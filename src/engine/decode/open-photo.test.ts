import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { crc32 } from 'node:zlib'
import { phoneHeic } from '../../../test/support/phone-heic.ts'
import { AVIF_OF_TWO } from '../../../test/support/tiny-avif.ts'
import { TINY_HEIC } from '../../../test/support/tiny-heic.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { portrait } from '../../../scripts/sample-photos.ts'
import { openPhoto } from './open-photo.ts'

/** A picture whose top left quarter is red and the rest blue, so that its orientation shows. */
const WIDTH = 96
const HEIGHT = 64

let folder: string
let picture: Buffer

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'likeness-decode-'))
  const red = sharp({ create: { width: WIDTH / 2, height: HEIGHT / 2, channels: 3, background: '#ff0000' } })
  picture = await sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#0000ff' } })
    .composite([{ input: await red.png().toBuffer(), left: 0, top: 0 }])
    .png()
    .toBuffer()
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** What lies in the middle of each quarter, in reading order. */
async function quarters(bytes: Uint8Array): Promise<string> {
  const opening = await openPhoto(bytes, 'standard')
  if (opening.outcome === 'unreadable') return opening.detail
  const { data, width, height } = opening.photo.working
  const name = (x: number, y: number): string => {
    const at = (Math.floor(y * height) * width + Math.floor(x * width)) * 3
    const [r, g, b] = data.subarray(at, at + 3)
    if (r > g + 60 && r > b + 60) return 'red'
    return b > r + 60 && b > g + 60 ? 'blue' : `${r},${g},${b}`
  }
  return [name(0.25, 0.25), name(0.75, 0.25), name(0.25, 0.75), name(0.75, 0.75)].join(' ')
}

describe('openPhoto reads', () => {
  test.each([
    ['JPEG', async () => sharp(picture).jpeg({ quality: 95 }).toBuffer()],
    ['progressive JPEG', async () => sharp(picture).jpeg({ quality: 95, progressive: true }).toBuffer()],
    ['CMYK JPEG', async () => sharp(picture).toColourspace('cmyk').jpeg({ quality: 98 }).toBuffer()],
    ['PNG', async () => picture],
    ['16-bit PNG', async () => sharp(picture).toColourspace('rgb16').png().toBuffer()],
    ['PNG with alpha', async () => sharp(picture).ensureAlpha(1).png().toBuffer()],
    ['palette PNG', async () => sharp(picture).png({ palette: true }).toBuffer()],
    ['WebP', async () => sharp(picture).webp({ quality: 95 }).toBuffer()],
    ['GIF', async () => sharp(picture).gif().toBuffer()],
    ['TIFF', async () => sharp(picture).tiff().toBuffer()],
    ['AVIF', async () => sharp(picture).avif({ quality: 90 }).toBuffer()],
  ])('%s', async (_, make) => {
    expect(await quarters(await make())).toBe('red blue blue blue')
  })

  test.each([
    [1, 'red blue blue blue'],
    [2, 'blue red blue blue'],
    [3, 'blue blue blue red'],
    [4, 'blue blue red blue'],
    [5, 'red blue blue blue'],
    [6, 'blue red blue blue'],
    [7, 'blue blue blue red'],
    [8, 'blue blue red blue'],
  ])('EXIF orientation %i upright', async (orientation, expected) => {
    const tagged = await sharp(picture).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer()
    const opening = await openPhoto(tagged, 'standard')
    if (opening.outcome === 'unreadable') throw new Error(opening.detail)
    const { widthPx, heightPx, exifOrientation } = opening.photo.facts
    expect([widthPx, heightPx]).toEqual(orientation >= 5 ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT])
    expect(exifOrientation).toBe(orientation)
    expect(await quarters(tagged)).toBe(expected)
  })

  test('grey as three equal channels', async () => {
    const opening = await openPhoto(
      await sharp(picture).greyscale().toColourspace('b-w').png().toBuffer(),
      'fast',
    )
    if (opening.outcome === 'unreadable') throw new Error(opening.detail)
    const [r, g, b] = opening.photo.working.data
    expect([g, b]).toEqual([r, r])
  })

  test('the first frame of an animation', async () => {
    const frames = await sharp([picture, await sharp(picture).negate().png().toBuffer()], {
      join: { animated: true },
    })
      .gif()
      .toBuffer()
    const opening = await openPhoto(frames, 'fast')
    expect(opening).toMatchObject({ outcome: 'open', photo: { facts: { frames: 2, heightPx: HEIGHT } } })
    expect(await quarters(frames)).toBe('red blue blue blue')
  })

  test('of an AVIF file of several pictures the one that it names as its own, and says that there are more', async () => {
    expect(await quarters(AVIF_OF_TWO)).toBe('blue blue blue blue')
    expect(await openPhoto(AVIF_OF_TWO, 'fast')).toMatchObject({
      photo: { facts: { frames: 2, remarks: [{ kind: 'more_pictures', count: 1 }] } },
    })
  })

  test('the own picture of an AVIF sequence, and says how many follow', async () => {
    const still = await sharp(picture).avif({ quality: 90 }).toBuffer()
    still.write('avis', 8, 'latin1')
    const sequence = Buffer.concat([still, trackOf(5)])
    expect(await quarters(sequence)).toBe('red blue blue blue')
    expect(await openPhoto(sequence, 'fast')).toMatchObject({
      photo: { facts: { format: 'avif', frames: 5, remarks: [{ kind: 'more_pictures', count: 4 }] } },
    })
  })

  test('a part of the original at full size, from a photo that is worked on at reduced size', async () => {
    const large = await sharp(picture).resize(4800, 3200, { kernel: 'nearest' }).jpeg().toBuffer()
    const opening = await openPhoto(large, 'standard')
    if (opening.outcome === 'unreadable') throw new Error(opening.detail)
    expect(opening.photo.scale).toBeCloseTo(4800 / 1280, 1)
    const { raster, x, y } = await opening.photo.cut({ x: 2300, y: 1500, width: 200, height: 200 })
    expect([raster.width, raster.height, x, y]).toEqual([200, 200, 2300, 1500])
    expect(raster.data[0]).toBeGreaterThan(200)
    expect(raster.data[raster.data.length - 1]).toBeGreaterThan(200)
  })
})

/** A track as far as it is looked at: `moov` around a table of sizes that counts its samples. */
function trackOf(samples: number): Buffer {
  const table = Buffer.alloc(20)
  table.writeUInt32BE(20, 0)
  table.write('stsz', 4, 'latin1')
  table.writeUInt32BE(samples, 16)
  const box = Buffer.alloc(8)
  box.writeUInt32BE(28, 0)
  box.write('moov', 4, 'latin1')
  return Buffer.concat([box, table])
}

test('openPhoto says of a sequence without a picture of its own that its kind is not read', async () => {
  for (const [major, name] of [
    ['avis', 'AVIF'],
    ['msf1', 'HEIC'],
  ] as const) {
    const head = Buffer.alloc(20)
    head.writeUInt32BE(20, 0)
    head.write(`ftyp${major}\0\0\0\0${major}`, 4, 'latin1')
    const opening = await openPhoto(Buffer.concat([head, trackOf(5)]), 'fast')
    expect(opening).toMatchObject({ outcome: 'unreadable', reason: 'unsupported_format' })
    expect(opening).toHaveProperty('detail', expect.stringContaining(`${name} sequence`))
  }
})

/** Mean of each channel of a part of the working picture. */
function colourAt({ data, width }: { data: Uint8Array; width: number }, x: number, y: number): number[] {
  return [0, 1, 2].map((channel) => data[(y * width + x) * 3 + channel])
}

test("openPhoto reads a phone's HEIC: a grid of tiles, turned by the file's own rotation", async () => {
  const { red, blue } = TINY_HEIC
  // Red above blue; a quarter turn anticlockwise lays red to the left.
  const opening = await openPhoto(phoneHeic([red, blue], { columns: 1, rows: 2, tilePx: 64 }, 1), 'standard')
  if (opening.outcome === 'unreadable') throw new Error(opening.detail)
  const { facts, working } = opening.photo
  expect(facts).toMatchObject({ format: 'heic', widthPx: 128, heightPx: 64, exifOrientation: 1 })
  const [left, right] = [colourAt(working, 20, 32), colourAt(working, 108, 32)]
  expect(left[0]).toBeGreaterThan(200)
  expect(left[2]).toBeLessThan(60)
  expect(right[0]).toBeLessThan(60)
  expect(right[2]).toBeGreaterThan(200)
})

describe('openPhoto refuses, with the reason,', () => {
  const noise = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256))
  test.each([
    ['an empty file', async () => Buffer.alloc(0), 'empty_file'],
    ['noise', async () => noise, 'not_an_image'],
    ['text', async () => Buffer.from('Ein Brief, kein Bild.'.repeat(40)), 'not_an_image'],
    [
      'SVG',
      async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"/>'),
      'unsupported_format',
    ],
    ['PDF', async () => Buffer.from('%PDF-1.7\n1 0 obj'), 'unsupported_format'],
    [
      'a JPEG header with nothing behind it',
      async () => Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
      'damaged',
    ],
    [
      'a JPEG cut before its picture',
      async () => (await readFile(portrait('audrey.jpg'))).subarray(0, 300),
      'damaged',
    ],
    ['a PNG cut before its picture', async () => picture.subarray(0, 60), 'damaged'],
    [
      'a picture of one pixel',
      async () =>
        sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } })
          .png()
          .toBuffer(),
      'too_small',
    ],
    [
      'a PNG that claims 30,000 x 30,000 pixels',
      async () => claimSize(picture, 30_000, 30_000),
      'too_many_pixels',
    ],
    [
      'a HEIC header with nothing behind it',
      async () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
      'damaged',
    ],
  ])('%s', async (_, make, reason) => {
    const opening = await openPhoto(await make(), 'standard')
    expect(opening).toMatchObject({ outcome: 'unreadable', reason })
    expect(opening).not.toMatchObject({ detail: expect.stringMatching(/\n|Vips/) as string })
  })
})

/** Rewrites a PNG's header, with its checksum, to claim another size. */
function claimSize(png: Buffer, width: number, height: number): Buffer {
  const claimed = Buffer.from(png)
  claimed.writeUInt32BE(width, 16)
  claimed.writeUInt32BE(height, 20)
  claimed.writeUInt32BE(crc32(claimed.subarray(12, 29)), 29)
  return claimed
}
