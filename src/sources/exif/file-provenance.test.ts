import sharp, { type Sharp } from 'sharp'
import { JPEG } from '@trustnxt/c2pa-ts/asset'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { signedJpeg } from '../../../test/support/signed-photo.ts'
import { ExifReader } from './exif-reader.ts'
import type { ManifestFacts } from './file-provenance.ts'

function reader(): ExifReader {
  const exif = new ExifReader()
  onTestFinished(() => exif.close())
  return exif
}

function picture(): Sharp {
  return sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })
}

const GPS = {
  GPSLatitudeRef: 'S',
  GPSLatitude: '50/1 33/1 0/1',
  GPSLongitudeRef: 'E',
  GPSLongitude: '30/1 12/1 0/1',
  GPSDateStamp: '2022:03:05',
}

test.each([
  ['a written zone', { OffsetTimeOriginal: '+02:00' }, {}, { zone: 'written', offset: '+02:00' }],
  ['no zone', {}, {}, { zone: 'unknown' }],
  [
    'the zone that follows from GPS',
    {},
    { ...GPS, GPSTimeStamp: '8/1 11/1 2/1' },
    { zone: 'by_gps', offsetByGps: '+02:00', gps: '2022-03-05T08:11:02Z' },
  ],
  [
    'a camera that kept the zone of another place',
    { OffsetTimeOriginal: '+09:00' },
    { ...GPS, GPSTimeStamp: '8/1 11/1 2/1' },
    { zone: 'differs', offset: '+09:00', offsetByGps: '+02:00' },
  ],
  [
    'an old fix of GPS, which says nothing',
    {},
    { ...GPS, GPSTimeStamp: '7/1 19/1 0/1' },
    { zone: 'unknown' },
  ],
])('times with %s', async (_name, offset, gps, expected) => {
  const photo = await picture()
    .withExif({ IFD2: { DateTimeOriginal: '2022:03:05 10:11:12', ...offset }, IFD3: gps })
    .jpeg()
    .toBuffer()
  expect((await reader().read(photo)).provenance?.time).toMatchObject({
    original: '2022-03-05T10:11:12',
    ...expected,
  })
})

test('place as text, EXIF and XMP as texts', async () => {
  const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:Credit="Агенція"/></rdf:RDF></x:xmpmeta>`
  const photo = await picture()
    .withExif({ IFD0: { Software: 'Camera 1.2' }, IFD3: GPS })
    .withXmp(xmp)
    .jpeg()
    .toBuffer()
  const { provenance } = await reader().read(photo)
  expect(provenance).toMatchObject({ place: '50.550000° S, 30.200000° E', exif: { Software: 'Camera 1.2' } })
  expect(Object.values(provenance?.xmp ?? {})).toContain('Агенція')
})

test('C2PA manifests are valid, invalid, present or absent', async () => {
  const plain = await picture().jpeg().toBuffer()
  const signed = await signedJpeg(plain)
  const changed = Buffer.from(signed)
  changed[changed.byteLength - 10] ^= 1
  const webp = Buffer.concat([await picture().webp().toBuffer(), Buffer.from('jumdc2pa')])
  const states = await Promise.all(
    [plain, signed, changed, webp].map(async (bytes) => (await reader().read(bytes)).provenance?.manifest),
  )
  expect(states[0]).toBeUndefined()
  expect(states[1]).toMatchObject({
    state: 'valid',
    title: 'Photo',
    generator: expect.stringContaining('test camera'),
    signer: expect.stringContaining('Test signer'),
  })
  expect(states[2]).toMatchObject({
    state: 'invalid',
    problems: [expect.stringContaining('assertion.dataHash.mismatch')],
  })
  expect(states[3]).toMatchObject({ state: 'present' })
})

async function stateOf(bytes: Uint8Array): Promise<ManifestFacts | undefined> {
  return (await reader().read(bytes)).provenance?.manifest
}

describe('a sound manifest of a form that the checker does not know', () => {
  let signed: Buffer
  beforeAll(async () => {
    signed = await signedJpeg(await picture().jpeg().toBuffer(), { opened: true })
  })
  test('is not called changed, and what was found is said', async () => {
    expect(await stateOf(signed)).toMatchObject({
      state: 'valid',
      problems: [expect.stringContaining('assertion.action.ingredientMismatch')],
    })
  })

  test.each([
    ['a byte of the picture', (bytes: Buffer) => void (bytes[bytes.byteLength - 10] ^= 1)],
    ['a word of the claim', (bytes: Buffer) => void bytes.write('tent', bytes.indexOf('test camera'))],
    ['an action', (bytes: Buffer) => void bytes.write('closed', bytes.indexOf('c2pa.opened') + 5)],
  ])('is invalid when %s was changed', async (_, change) => {
    const changed = Buffer.from(signed)
    change(changed)
    expect(await stateOf(changed)).toMatchObject({ state: 'invalid' })
  })

  test('is invalid on a file that was cut, or on another picture', async () => {
    expect(await stateOf(signed.subarray(0, -20))).toMatchObject({ state: 'invalid' })
    const other = await sharp({ create: { width: 50, height: 30, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer()
    const asset = new JPEG(new Uint8Array(other))
    const manifest = new JPEG(new Uint8Array(signed)).getManifestJUMBF() ?? new Uint8Array()
    await asset.ensureManifestSpace(manifest.byteLength)
    await asset.writeManifestJUMBF(new Uint8Array(manifest))
    expect(await stateOf(await asset.getDataRange())).toMatchObject({ state: 'invalid' })
  })

  test('is present when it cannot be read', async () => {
    const broken = Buffer.from(signed)
    broken.write('zz', broken.indexOf('c2pa.signature'))
    expect(await stateOf(broken)).toMatchObject({ state: 'present' })
  })
})
