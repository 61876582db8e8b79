import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { tiffFile, type TiffPage } from '../../../test/support/tiff-file.ts'
import { openPhoto } from './open-photo.ts'
import type { Opening } from './opening.ts'

const WIDTH = 800
const HEIGHT = 600
/** Names of TIFF's tags by number, as far as the tests write them. */
const TAG = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  packing: 259,
  colours: 262,
  make: 271,
} as const
const [ORIENTATION, SAMPLES, ROWS_A_STRIP, PLANES, TILE_WIDTH, TILE_HEIGHT, DNG_VERSION] = [
  274, 277, 278, 284, 322, 323, 50_706,
]

let pixels: Buffer
beforeAll(async () => {
  pixels = await picture('#2050c0', '#c02020')
})

/** A picture with a frame, so that it is no plain colour. */
async function picture(inside: string, outside: string): Promise<Buffer> {
  const block = sharp({ create: { width: WIDTH / 2, height: HEIGHT / 2, channels: 3, background: inside } })
  return sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: outside } })
    .composite([{ input: await block.png().toBuffer(), left: 40, top: 40 }])
    .removeAlpha()
    .raw()
    .toBuffer()
}

async function jpegOf(width: number, height: number): Promise<Buffer> {
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .resize(width, height, { fit: 'fill' })
    .jpeg()
    .toBuffer()
}

function rgbPage(data: Buffer, tags: TiffPage['tags'] = {}): TiffPage {
  const strips = Array.from({ length: HEIGHT / 50 }, (_, index) =>
    data.subarray(index * 50 * WIDTH * 3, (index + 1) * 50 * WIDTH * 3),
  )
  return {
    tags: {
      [TAG.width]: WIDTH,
      [TAG.height]: HEIGHT,
      [TAG.bits]: [8, 8, 8],
      [TAG.packing]: 1,
      [TAG.colours]: 2,
      [SAMPLES]: 3,
      [ROWS_A_STRIP]: 50,
      ...tags,
    },
    pieces: strips,
  }
}

/** A sensor's picture of twelve megapixels, as raws have it: packed in a way that only their maker knows. */
const SENSOR: TiffPage = {
  tags: {
    [TAG.width]: 4000,
    [TAG.height]: 3000,
    [TAG.bits]: 14,
    [TAG.packing]: 34_713,
    [TAG.colours]: 32_803,
  },
  pieces: [Buffer.alloc(4000, 0x5a)],
}

function thumbnail(jpeg: Buffer, tags: TiffPage['tags']): TiffPage {
  return {
    tags: {
      [TAG.subfile]: 1,
      [TAG.width]: 160,
      [TAG.height]: 120,
      [TAG.bits]: [8, 8, 8],
      [TAG.packing]: 7,
      [TAG.colours]: 6,
      [SAMPLES]: 3,
      ...tags,
    },
    pieces: [jpeg],
  }
}

async function open(bytes: Uint8Array): Promise<Opening> {
  return openPhoto(bytes, 'standard')
}

describe('camera raws', () => {
  test.each([
    ['DNG', { [DNG_VERSION]: 1025 }, 'dng'],
    ['NEF', { [TAG.make]: 'NIKON CORPORATION' }, 'nef'],
    ['ARW', { [TAG.make]: 'SONY' }, 'arw'],
    ['of a maker without a name here', { [TAG.make]: 'Nobody' }, 'raw'],
  ])('%s is read by its large preview, turned as the raw says, and says so', async (_, tags, format) => {
    const raw = tiffFile([
      {
        ...thumbnail(await jpegOf(160, 120), { ...tags, [ORIENTATION]: 6 }),
        below: [
          SENSOR,
          {
            ...thumbnail(await jpegOf(1600, 1200), {}),
            tags: { [TAG.subfile]: 1, [TAG.width]: 1600, [TAG.height]: 1200, [TAG.packing]: 7 },
          },
        ],
      },
    ])
    expect(await open(raw)).toMatchObject({
      outcome: 'open',
      photo: {
        facts: {
          format,
          widthPx: 1200,
          heightPx: 1600,
          exifOrientation: 6,
          remarks: [{ kind: 'raw_preview' }],
        },
      },
    })
  })

  test('one with nothing but a thumbnail is refused by its name', async () => {
    const raw = tiffFile([{ ...thumbnail(await jpegOf(160, 120), { [DNG_VERSION]: 1025 }), below: [SENSOR] }])
    expect(await open(raw)).toMatchObject({
      reason: 'unsupported_format',
      detail: expect.stringMatching(/camera raw \(DNG\)/) as string,
    })
  })

  test("tiles of the sensor's picture are not taken for a preview", async () => {
    const tile = await jpegOf(1024, 1024)
    const sensor: TiffPage = {
      tags: {
        [TAG.width]: 2048,
        [TAG.height]: 1024,
        [TAG.packing]: 34_892,
        [TAG.colours]: 34_892,
        [TILE_WIDTH]: 1024,
        [TILE_HEIGHT]: 1024,
      },
      pieces: [tile, tile],
      isTiled: true,
    }
    const raw = tiffFile([{ ...thumbnail(await jpegOf(160, 120), { [DNG_VERSION]: 1025 }), below: [sensor] }])
    expect(await open(raw)).toMatchObject({ reason: 'unsupported_format' })
  })

  test.each([
    ['CR3', Buffer.from('\0\0\0\x18ftypcrx \0\0\0\x01crx isom', 'latin1'), 'cr3'],
    ['RAF', Buffer.from('FUJIFILMCCD-RAW 0201FF129502', 'latin1'), 'raf'],
    ['RW2', Buffer.from('IIU\0\x18\0\0\0', 'latin1'), 'rw2'],
    ['ORF', Buffer.from('IIRO\x08\0\0\0', 'latin1'), 'orf'],
    ['CR2', Buffer.from('II*\0\x10\0\0\0CR\x02\0', 'latin1'), 'cr2'],
  ])(
    '%s: a preview anywhere in the file is read; without one it is refused by name',
    async (name, start, format) => {
      const preview = Buffer.concat([start, Buffer.alloc(500), await jpegOf(1280, 960), Buffer.alloc(900, 7)])
      expect(await open(preview)).toMatchObject({
        outcome: 'open',
        photo: { facts: { format, widthPx: 1280 } },
      })
      const without = Buffer.concat([start, Buffer.alloc(500), await jpegOf(160, 120), Buffer.alloc(900, 7)])
      expect(await open(without)).toMatchObject({
        reason: 'unsupported_format',
        detail: expect.stringContaining(name) as string,
      })
    },
  )
})

describe('TIFF', () => {
  test('pages that follow are said, reduced copies are none', async () => {
    const other = await picture('#10a010', '#ffffff')
    const file = tiffFile([
      rgbPage(pixels),
      rgbPage(other),
      rgbPage(pixels, { [TAG.subfile]: 1 }),
      rgbPage(other),
    ])
    expect(await open(file)).toMatchObject({
      outcome: 'open',
      photo: { facts: { widthPx: WIDTH, remarks: [{ kind: 'more_pictures', count: 2 }] } },
    })
  })

  test('a file that begins with a reduced copy is read by its picture', async () => {
    const small = await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .resize(80, 60)
      .raw()
      .toBuffer()
    const copy: TiffPage = {
      tags: {
        [TAG.subfile]: 1,
        [TAG.width]: 80,
        [TAG.height]: 60,
        [TAG.bits]: [8, 8, 8],
        [TAG.packing]: 1,
        [TAG.colours]: 2,
        [SAMPLES]: 3,
        [ROWS_A_STRIP]: 60,
      },
      pieces: [small],
    }
    for (const file of [tiffFile([copy, rgbPage(pixels)]), tiffFile([{ ...copy, below: [rgbPage(pixels)] }])])
      expect(await open(file)).toMatchObject({
        outcome: 'open',
        photo: { facts: { widthPx: WIDTH, remarks: [] } },
      })
  })

  test.each([
    ['old-style JPEG', { [TAG.packing]: 6 }],
    ['LZMA', { [TAG.packing]: 34_925 }],
    ['JBIG', { [TAG.packing]: 34_661 }],
    ['JPEG 2000', { [TAG.packing]: 34_712 }],
    ['CIE L*a*b*', { [TAG.colours]: 8 }],
    ['complex numbers', { 339: 5, [TAG.bits]: [32, 32, 32] }],
  ])('%s is unsupported, not damaged', async (kind, tags) => {
    const page = rgbPage(pixels, tags)
    expect(await open(tiffFile([page]))).toMatchObject({
      reason: 'unsupported_format',
      detail: expect.stringContaining(kind) as string,
    })
  })

  test('tiles of separate planes are unsupported, not damaged', async () => {
    const plane = Buffer.alloc(256 * 256, 90)
    const file = tiffFile([
      {
        tags: {
          [TAG.width]: 256,
          [TAG.height]: 256,
          [TAG.bits]: [8, 8, 8],
          [TAG.packing]: 1,
          [TAG.colours]: 2,
          [SAMPLES]: 3,
          [PLANES]: 2,
          [TILE_WIDTH]: 256,
          [TILE_HEIGHT]: 256,
        },
        pieces: [plane, plane, plane],
        isTiled: true,
      },
    ])
    expect(await open(file)).toMatchObject({ reason: 'unsupported_format' })
  })

  test('strips that are not in the file are missing from the picture, which is read and marked', async () => {
    const file = tiffFile([rgbPage(pixels)])
    expect(await open(file.subarray(0, file.length * 0.7))).toMatchObject({
      outcome: 'open',
      photo: { facts: { widthPx: WIDTH, heightPx: HEIGHT, remarks: [{ kind: 'cut_short' }] } },
    })
  })
})

describe('several pictures in one file are said', () => {
  test('an animated PNG', async () => {
    const png = await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .png()
      .toBuffer()
    const control = Buffer.from('\0\0\0\x08acTL\0\0\0\x05\0\0\0\0\0\0\0\0', 'latin1')
    const animated = Buffer.concat([png.subarray(0, 33), control, png.subarray(33)])
    expect(await open(animated)).toMatchObject({
      photo: { facts: { remarks: [{ kind: 'more_pictures', count: 4 }] } },
    })
  })

  test.each([
    ['of two angles', 0x02_00_03, [{ kind: 'more_pictures', count: 1 }]],
    ['with a gain map, which is no picture of its own', 0, []],
    ['with a large thumbnail of itself', 0x01_00_01, []],
  ])('JPEGs %s', async (_, type, remarks) => {
    const jpeg = await jpegOf(WIDTH, HEIGHT)
    const index = Buffer.alloc(4 + 8 + 2 + 12 + 4 + 32)
    index.write('MPF\0II*\0', 0, 'latin1')
    index.writeUInt32LE(8, 8)
    index.writeUInt16LE(1, 12)
    index.writeUInt16LE(0xb002, 14)
    index.writeUInt16LE(7, 16)
    index.writeUInt32LE(32, 18)
    index.writeUInt32LE(26, 22)
    index.writeUInt32LE(0x03_00_00, 30)
    index.writeUInt32LE(type, 46)
    const segment = Buffer.from([0xff, 0xe2, 0, index.length + 2])
    const file = Buffer.concat([jpeg.subarray(0, 2), segment, index, jpeg.subarray(2), jpeg])
    expect(await open(file)).toMatchObject({ outcome: 'open', photo: { facts: { remarks } } })
  })
})

test('JPEGs of kinds that are not read are unsupported, not damaged', async () => {
  const jpeg = await jpegOf(WIDTH, HEIGHT)
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
  const lossless = Buffer.from(jpeg)
  lossless[frame + 1] = 0xc3
  const deep = Buffer.from(jpeg)
  deep[frame + 1] = 0xc1
  deep[frame + 4] = 12
  for (const file of [lossless, deep])
    expect(await open(file)).toMatchObject({ reason: 'unsupported_format' })
})

test("a PNG is turned as its EXIF says, wherever that stands and in ImageMagick's text too", async () => {
  const png = await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .png()
    .toBuffer()
  const exif = tiffFile([{ tags: { [ORIENTATION]: 6 } }])
  const hex = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif]).toString('hex')
  const text = Buffer.from(`Raw profile type exif\0\nexif\n      ${exif.length + 6}\n${hex}\n`, 'latin1')
  for (const [type, data] of [
    ['eXIf', exif],
    ['tEXt', text],
  ] as const) {
    const head = Buffer.alloc(8)
    head.writeUInt32BE(data.length)
    head.write(type, 4, 'latin1')
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(Buffer.concat([head.subarray(4), data])))
    const late = Buffer.concat([png.subarray(0, -12), head, data, sum, png.subarray(-12)])
    const opening = await open(late)
    expect(opening).toMatchObject({
      photo: { facts: { widthPx: HEIGHT, heightPx: WIDTH, exifOrientation: 6 } },
    })
    if (opening.outcome === 'unreadable') throw new Error(opening.detail)
    // The blue block of the upper left corner is at the upper right after a quarter turn clockwise.
    const { data: turned, width } = opening.photo.working
    const at = (100 * width + (width - 100)) * 3
    expect(turned[at + 2]).toBeGreaterThan(turned[at])
  }
})
