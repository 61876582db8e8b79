import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { portrait } from '../../scripts/sample-photos.ts'
import { makeClip, pictureAt } from '../../test/support/make-video.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { behindPicture, isMotionJpeg } from '../engine/decode/behind-picture.ts'
import { nameUnreadVideo, sniffContainer, type Container } from './sniff-container.ts'

const SMALL = { seconds: 2, width: 64, height: 48, rate: 25 }

test.each<[Container, string, Parameters<typeof makeClip>[2]]>([
  ['mpg', 'a.mpg', { encoder: 'mpeg2video', format: 'mpeg' }],
  ['wmv', 'a.wmv', { encoder: 'wmv2', format: 'asf' }],
  ['flv', 'a.flv', { encoder: 'flv', format: 'flv' }],
  ['h264', 'a.h264', { format: 'h264' }],
  [
    'h265',
    'a.265',
    { encoder: 'libx265', format: 'hevc', options: { preset: 'ultrafast', 'x265-params': 'log-level=none' } },
  ],
  ['m2v', 'a.m2v', { encoder: 'mpeg2video', format: 'mpeg2video' }],
])(
  '%s, as cameras and recorders write it, is a video of which a picture can be shown',
  async (kind, name, how) => {
    const file = makeClip(scratchFolder(), name, { ...SMALL, ...how })
    expect(sniffContainer(readFileSync(file))).toBe(kind)
    expect((await pictureAt(file, 1)).byteLength).toBeGreaterThan(200)
  },
)

test.each([
  ['cut inside a packet', (whole: Buffer) => whole.subarray(100)],
  ['with other bytes before it', (whole: Buffer) => Buffer.concat([Buffer.alloc(777, 'recorder'), whole])],
])('a transport stream %s is read', async (_, change) => {
  const folder = scratchFolder()
  const whole = readFileSync(makeClip(folder, 'a.ts', SMALL))
  const file = path.join(folder, 'changed.ts')
  writeFileSync(file, change(whole))
  expect(sniffContainer(readFileSync(file))).toBe('ts')
  expect((await pictureAt(file, 1)).byteLength).toBeGreaterThan(200)
})

test('photos, sound and text are no videos; known videos that are not read are called by their name', () => {
  const photo = readFileSync(portrait('cage.jpg'))
  for (const bytes of [photo, Buffer.alloc(5000, 'G'.repeat(3) + 'text'), Buffer.from('OggS\0\x02opus')]) {
    expect(sniffContainer(bytes)).toBeUndefined()
    expect(nameUnreadVideo(bytes)).toBeUndefined()
  }
  expect(nameUnreadVideo(Buffer.from('.RMF\0\0\0\x12'))).toBe('RealMedia')
  expect(nameUnreadVideo(Buffer.from('060e2b34020501010d01', 'hex'))).toBe('MXF')
})

const said = (...parts: Buffer[]) => {
  const file = Buffer.concat(parts)
  return { ...behindPicture(file), isFilm: isMotionJpeg(file) }
}

test('pictures one behind the other are a film; a film behind a photo is found; a second picture is neither', () => {
  const photo = readFileSync(portrait('cage.jpg'))
  const other = readFileSync(portrait('audrey.jpg'))
  const clip = readFileSync(makeClip(scratchFolder(), 'a.mp4', SMALL))
  expect(said(photo)).toEqual({ hasVideo: false, pictures: 0, isFilm: false })
  expect(said(photo, photo)).toEqual({ hasVideo: false, pictures: 1, isFilm: false })
  expect(said(photo, other, photo)).toEqual({ hasVideo: false, pictures: 2, isFilm: false })
  const between = Buffer.from('\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n')
  expect(said(photo, between, photo, between, photo)).toMatchObject({ isFilm: true })
  const found = { hasVideo: true, pictures: 0, isFilm: false }
  expect(said(photo, clip)).toEqual(found)
  expect(said(photo, Buffer.from('MotionPhoto_Data'), clip)).toEqual(found)
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')
  const box = Buffer.from('\0\0\0\0mpvd', 'latin1')
  box.writeUInt32BE(8 + clip.byteLength)
  expect(said(heic, box, clip)).toEqual(found)
  expect(said(heic, clip)).toEqual(found)
  expect(said(heic)).toEqual({ hasVideo: false, pictures: 0, isFilm: false })
})
