import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { ExifReader } from './exif-reader.ts'

function reader(): ExifReader {
  const exif = new ExifReader()
  onTestFinished(() => exif.close())
  return exif
}

async function photoWith(exif: Record<string, Record<string, string>>): Promise<Buffer> {
  const image = sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })
  return image.withExif(exif).jpeg().toBuffer()
}

const nothing = {
  capturedAt: undefined,
  latitude: undefined,
  longitude: undefined,
  device: undefined,
  provenance: undefined,
}

test('reads time, place and device', async () => {
  const photo = await photoWith({
    IFD0: { Make: 'Maker', Model: 'M1' },
    IFD2: { DateTimeOriginal: '2022:03:05 10:11:12', OffsetTimeOriginal: '+02:00' },
    IFD3: {
      GPSLatitudeRef: 'N',
      GPSLatitude: '50/1 33/1 0/1',
      GPSLongitudeRef: 'E',
      GPSLongitude: '30/1 12/1 0/1',
    },
  })
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
