import { expect, test } from 'vitest'
import { addressOf } from './address-of.ts'
import {
  alertPicture,
  candidatePicture,
  candidateReplay,
  candidateVideo,
  examinationPicture,
  mediaPicture,
  mediaReplay,
  mediaVideo,
  personFacePicture,
  personPhotoPicture,
  probePicture,
  trackPicture,
} from './picture-addresses.ts'

const shown = { source: 's', page: 2, reveal: false }

test.each([
  ['a probe', probePicture('p', 320), '/api/v1/probes/p/picture?side=320'],
  [
    'a photo of a collection',
    mediaPicture('c', 'm', { side: 160, face: undefined, reveal: false }),
    '/api/v1/collections/c/media/m/picture?side=160&reveal=no',
  ],
  [
    'one face of it',
    mediaPicture('c', 'm', { side: 160, face: 3, reveal: true }),
    '/api/v1/collections/c/media/m/picture?side=160&reveal=yes&face=3',
  ],
  [
    'the page where it stood',
    mediaReplay('c', 'm', shown),
    '/api/v1/collections/c/media/m/replay?source=s&page=2&reveal=no#likeness-picture',
  ],
  [
    'the page where a candidate stood',
    candidateReplay('s', 7, { ...shown, reveal: true }),
    '/api/v1/searches/s/candidates/7/replay?source=s&page=2&reveal=yes#likeness-picture',
  ],
  [
    'a candidate',
    candidatePicture('s', 7, { side: 96, part: 'whole', reveal: true }),
    '/api/v1/searches/s/candidates/7/picture?side=96&part=whole&reveal=yes',
  ],
  ['a face of its track', trackPicture('s', 7, 'f', 96), '/api/v1/searches/s/candidates/7/track/f?side=96'],
  ['its film', candidateVideo('s', 7, true), '/api/v1/searches/s/candidates/7/video?reveal=yes'],
  ['a film of a collection', mediaVideo('c', 'm', false), '/api/v1/collections/c/media/m/video?reveal=no'],
  [
    'the probe of an examination',
    examinationPicture('examinations', 'e', { itemId: undefined, side: 512, reveal: false }),
    '/api/v1/examinations/e/probe/picture?side=512&reveal=no',
  ],
  [
    'a face of an examination',
    examinationPicture('examinations', 'e', { itemId: 'i', side: 512, reveal: false }),
    '/api/v1/examinations/e/items/i/picture?side=512&reveal=no',
  ],
  [
    'the probe of a line-up',
    examinationPicture('lineups', 'l', { itemId: undefined, side: 512, reveal: true }),
    '/api/v1/lineups/l/probe/picture?side=512&reveal=yes',
  ],
  [
    'a face of a line-up',
    examinationPicture('lineups', 'l', { itemId: 'i', side: 512, reveal: true }),
    '/api/v1/lineups/l/items/i/picture?side=512&reveal=yes',
  ],
  [
    'a face of a person',
    personFacePicture('p', 'f', { side: 96, reveal: false }),
    '/api/v1/people/p/faces/f/picture?side=96&reveal=no',
  ],
  [
    'a photo of a person',
    personPhotoPicture({ personId: 'p', id: 'h' }, { side: 96, reveal: false }),
    '/api/v1/people/p/photos/h/picture?side=96&reveal=no',
  ],
  [
    'a side of an alert',
    alertPicture('a', 'h', { which: 'found', part: 'face', side: 96, reveal: false }),
    '/api/v1/alerts/a/hits/h/picture?which=found&side=96&part=face&reveal=no',
  ],
])('the address of %s', (_what, address, expected) => {
  expect(address).toBe(expected)
})

test('an id that came from elsewhere stays one part of the address, and a word one value of the query', () => {
  expect(probePicture('../p?side=1#x', 320)).toBe('/api/v1/probes/..%2Fp%3Fside%3D1%23x/picture?side=320')
  expect(mediaReplay('c', 'm', { ...shown, source: 's&reveal=yes#' })).toBe(
    '/api/v1/collections/c/media/m/replay?source=s%26reveal%3Dyes%23&page=2&reveal=no#likeness-picture',
  )
})

test('files and the stream of events have the addresses of their operations', () => {
  const params = { id: 'r' }
  expect(addressOf('readReportPdf', { params })).toBe('/api/v1/reports/r/pdf')
  expect(addressOf('readReportJson', { params })).toBe('/api/v1/reports/r/json')
  expect(addressOf('exportEvidence', { params })).toBe('/api/v1/transmittals/r/evidence')
  expect(addressOf('exportPeople', { query: { format: 'pfif', status: 'missing' } })).toBe(
    '/api/v1/people/export?format=pfif&status=missing',
  )
  expect(addressOf('streamEvents', {})).toBe('/api/v1/events')
})
