import { crc32, deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { OF_A_CAMERA, photoWith } from '../../../test/support/exif-photo.ts'
import { ExifReader } from './exif-reader.ts'

function reader(): ExifReader {
  const exif = new ExifReader()
  onTestFinished(() => exif.close())
  return exif
}

const nothing = {
  capturedAt: undefined,
  latitude: undefined,
  longitude: undefined,
  device: undefined,
  provenance: undefined,
}

test('reads time, place and device', async () => {
  const photo = await photoWith(OF_A_CAMERA)
  const facts = await reader().read(photo)
  expect(facts).toMatchObject({ capturedAt: '2022-03-05T10:11:12+02:00', device: 'Maker M1' })
  expect(facts.latitude).toBeCloseTo(50.55, 5)
  expect(facts.longitude).toBeCloseTo(30.2, 5)
})

test('gives nothing for pictures without, for damaged and for untrue headers', async () => {
  const exif = reader()
  const zeros = await photoWith({ IFD2: { DateTimeOriginal: '0000:00:00 00:00:00' } })
  const bad = await photoWith({ IFD2: { DateTimeOriginal: '2022:13:45 99:11:12' } })
  const cut = zeros.subarray(0, 60)
  for (const bytes of [
    zeros,
    bad,
    cut,
    Buffer.from('Exif\0\0 but no picture'),
    Buffer.alloc(3),
    Buffer.from('II*\0junk'),
  ]) {
    expect(await exif.read(bytes)).toEqual(nothing)
  }
})

test('workers are replaced under way and nothing is lost', async () => {
  const exif = reader()
  const photo = await photoWith({ IFD0: { Make: 'Maker' } })
  const facts = await Promise.all(Array.from({ length: 2100 }, () => exif.read(photo)))
  expect(facts.every(({ device }) => device === 'Maker')).toBe(true)
})

const WRITTEN = {
  IFD0: { Make: 'Maker', Model: 'Phone 1' },
  IFD2: { DateTimeOriginal: '2022:03:05 10:11:12', OffsetTimeOriginal: '+02:00' },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '50/1 33/1 0/1',
    GPSLongitudeRef: 'E',
    GPSLongitude: '30/1 12/1 0/1',
  },
}
const XMP = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:Credit="Agency"/></rdf:RDF></x:xmpmeta>`

function written(): Sharp {
  return sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } }).withExif(WRITTEN)
}

/** The EXIF block, TIFF bytes, that sharp writes. */
async function block(): Promise<Buffer> {
  const { exif } = await sharp(await written().jpeg().toBuffer()).metadata()
  return (exif ?? Buffer.alloc(0)).subarray(6)
}

function chunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length)
  head.write(type, 4, 'latin1')
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(Buffer.concat([head.subarray(4), data])))
  return Buffer.concat([head, data, sum])
}

async function plainPng(): Promise<Buffer> {
  return sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })
    .png()
    .toBuffer()
}

/** ImageMagick's way: a text of hex digits. */
async function profile(name: string): Promise<Buffer> {
  const bytes = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), await block()])
  const hex = bytes.toString('hex').replaceAll(/(.{72})/g, '$1\n')
  return Buffer.from(
    `Raw profile type ${name}\0\nexif\n${String(bytes.length).padStart(8)}\n${hex}\n`,
    'latin1',
  )
}

const PLACES: [string, () => Promise<Buffer>][] = [
  ['WebP', async () => written().webp().toBuffer()],
  ['WebP with XMP', async () => written().withXmp(XMP).webp().toBuffer()],
  ['AVIF', async () => written().avif().toBuffer()],
  ['PNG', async () => written().png().toBuffer()],
  [
    'PNG after the data',
    async () => {
      const png = await plainPng()
      return Buffer.concat([png.subarray(0, -12), chunk('eXIf', await block()), png.subarray(-12)])
    },
  ],
  [
    'PNG as text, as ImageMagick wrote it',
    async () => {
      const png = await plainPng()
      return Buffer.concat([png.subarray(0, 33), chunk('tEXt', await profile('exif')), png.subarray(33)])
    },
  ],
  [
    'PNG as packed text after the data',
    async () => {
      const text = await profile('APP1')
      const end = text.indexOf(0) + 1
      const packed = Buffer.concat([text.subarray(0, end), Buffer.from([0]), deflateSync(text.subarray(end))])
      const png = await plainPng()
      return Buffer.concat([png.subarray(0, -12), chunk('zTXt', packed), png.subarray(-12)])
    },
  ],
]

test.each(PLACES)('EXIF of %s is read', async (_, make) => {
  const facts = await reader().read(await make())
  expect(facts).toMatchObject({ capturedAt: '2022-03-05T10:11:12+02:00', device: 'Maker Phone 1' })
  expect(facts.latitude).toBeCloseTo(50.55, 5)
  expect(facts.longitude).toBeCloseTo(30.2, 5)
})

test('XMP of a WebP is read', async () => {
  const { provenance } = await reader().read(await written().withXmp(XMP).webp().toBuffer())
  expect(Object.values(provenance?.xmp ?? {})).toContain('Agency')
})

test.each([
  ['zeros', { GPSLatitude: '0/1 0/1 0/1', GPSLongitude: '0/1 0/1 0/1' }],
  ['nothing over nothing', { GPSLatitude: '0/0 0/0 0/0', GPSLongitude: '0/0 0/0 0/0' }],
  ['a fix that is void', { GPSLatitude: '50/1 33/1 0/1', GPSLongitude: '30/1 12/1 0/1', GPSStatus: 'V' }],
])('%s of GPS are no place', async (_, gps) => {
  const facts = await reader().read(
    await photoWith({
      ...WRITTEN,
      IFD3: { GPSLatitudeRef: 'N', GPSLongitudeRef: 'E', GPSDateStamp: '2022:03:05', ...gps },
    }),
  )
  expect(facts).toMatchObject({ device: 'Maker Phone 1', latitude: undefined, longitude: undefined })
  expect(facts.provenance?.place).toBeUndefined()
})
