import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { MIGRATIONS } from '../store/database/migrations.ts'
import { VIDEO_TABLES } from '../store/database/migrations/video-tables.ts'
import { openDatabase } from '../store/database/open-database.ts'
import { digestHolds, withDigest } from '../store/tables/row-digest.ts'
import { mateOf, unitVector } from '../../test/support/enrolled-record.ts'
import { CONTAINERS, makeClip } from '../../test/support/make-video.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import type { Face } from '../engine/types.ts'
import { FrameWatch } from './frame-change.ts'
import { framesASecond } from './frame-rate.ts'
import type { Sighting } from './kept-face.ts'
import { decoderPackage } from './decoder/ffmpeg-library.ts'
import { decoderVersion } from './run-decoder.ts'
import { sniffContainer } from './sniff-container.ts'
import { nearestMoment, embeddingTraceBlobs } from './embedding-trace.ts'
import { FaceTracker } from './track-faces.ts'

const KINDS = ['mp4', 'mov', '3gp', 'mkv', 'webm', 'avi', 'ts']

test('videos are known by their first bytes, whatever they are called', () => {
  const folder = scratchFolder()
  const seen = Object.entries(CONTAINERS).map(([name, codec]) => {
    const file = makeClip(folder, name, { seconds: 1, width: 64, height: 48, rate: 5, ...codec })
    return sniffContainer(readFileSync(file))
  })
  expect(seen).toEqual(KINDS)
  for (const text of [
    '',
    '#EXTM3U',
    'ffconcat version 1.0',
    '\0\0\0\x18ftypavif\0\0\0\0avifmif1',
    'RIFF1234WEBP',
  ]) {
    expect(sniffContainer(Buffer.from(text, 'latin1')), text).toBeUndefined()
  }
})

test('a machine for which there is no decoder is told which there are; a rate out of bounds is refused', () => {
  expect(decoderVersion()).toMatch(/^FFmpeg in @seydx\/node-av-\S+ \d/)
  expect(() => decoderPackage('win32', 'x64')).toThrow(/Linux and macOS.*this machine is win32-x64/)
  process.env.LIKENESS_VIDEO_FRAMES = '40'
  expect(() => framesASecond()).toThrow('LIKENESS_VIDEO_FRAMES')
  delete process.env.LIKENESS_VIDEO_FRAMES
})

function grey(value: number): Buffer {
  return Buffer.alloc(64 * 36 * 3, value)
}

test('a frame is read when it shows something new, or the last reading is two seconds old', () => {
  const watch = new FrameWatch()
  const look = (value: number, timeS: number): string => watch.look(grey(value), 64, 36, timeS)
  expect(look(100, 0)).toBe('moving')
  expect(look(100, 0.5)).toBe('still')
  // Slow changes add up.
  expect(look(102, 1)).toBe('still')
  expect(look(105, 1.5)).toBe('moving')
  expect(look(105, 2)).toBe('still')
  expect(look(105, 3.5)).toBe('moving')
  expect(look(200, 4)).toBe('cut')
})

/** A face at a place. */
function sighting(timeS: number, x: number, template: Float32Array, unifiedScore = 0.8): Sighting {
  const face = { boxPx: { x, y: 50, width: 100, height: 130 }, template, quality: { unifiedScore } }
  return { timeS, pts: timeS * 1000, pixelsSha256: 'ab', others: [], face: face as Face }
}

function like(template: Float32Array): Float32Array {
  return mateOf(template, 0.7)
}

test('a face keeps its track by place and by likeness, and two people have two', () => {
  const rules = { sameFrom: 0.4 }
  const [one, two] = [unitVector(), unitVector()]
  let tracker = new FaceTracker(rules)
  const see = (...[timeS, change, seen]: Parameters<FaceTracker['see']>): number[] => [
    ...tracker.see(timeS, change, seen).keys(),
  ]
  expect(see(0, 'moving', [sighting(0, 100, one), sighting(0, 400, two)])).toEqual([1, 2])
  // A profile whose template says nothing stays where it is; so does one that moves on.
  expect(see(0.5, 'moving', [sighting(0.5, 120, unitVector(), 0.1)])).toEqual([1])
  // Somebody else in its place is somebody else.
  expect(see(1, 'moving', [sighting(1, 120, unitVector())])).toEqual([3])
  // After a cut places say nothing, likeness does; the notes of how far it was change nothing.
  tracker = FaceTracker.unpack(rules, JSON.parse(JSON.stringify(tracker.pack())))
  const cut = tracker.see(2, 'cut', [sighting(2, 900, like(two)), sighting(2, 120, like(one))])
  expect(new Set(cut.keys())).toEqual(new Set([1, 2]))
  expect(see(40, 'moving', [sighting(40, 120, one)])).toEqual([4])
  const kept = tracker.finish()
  expect(kept.filter(({ track }) => track === 1).map(({ timeS }) => timeS)).toEqual([0, 2])
  expect(tracker.tracks).toBe(4)
})

test('a trace leads to the moment that looks most like the probe', () => {
  const moments = [0.25, 0.5, 61.75].map((timeS) => ({ track: 1, timeS, template: unitVector() }))
  const found = nearestMoment(embeddingTraceBlobs(moments), mateOf(moments[2].template, 0.9))!
  expect(found.timeS).toBe(61.75)
  expect(found.similarity).toBeCloseTo(0.9, 1)
})

test('the migration keeps every row of media as it was, and lets videos in', () => {
  const database = openDatabase(path.join(scratchFolder(), 'record.db'), undefined)
  const at = MIGRATIONS.indexOf(VIDEO_TABLES)
  for (const migration of MIGRATIONS.slice(0, at)) database.exec(migration)
  const row = withDigest('media', {
    id: 'm1',
    sha256: 'ab',
    kind: 'photo',
    format: 'jpeg',
    byte_length: 1,
    width_px: 2,
    height_px: 3,
    perceptual_hash: '00',
    exif_captured_at: null,
    exif_latitude: null,
    exif_longitude: null,
    exif_device: null,
    created_at: '2026-01-01',
  })
  const names = Object.keys(row)
  const insert = `insert into media (${names.join()}) values (${names.map(() => '?').join()})`
  database.prepare(insert).run(...Object.values(row))
  database.prepare(`insert into phash_band values (1, 'm1')`).run()
  database.exec(VIDEO_TABLES)
  const { _metadata: _driver, ...kept } = database.prepare('select * from media').get() as typeof row & {
    _metadata?: unknown
  }
  expect(kept.kind).toBe('photo')
  expect(digestHolds('media', kept)).toBe(true)
  const other = { ...row, id: 'm2', sha256: 'cd', kind: 'video' }
  database.prepare(insert).run(...Object.values(other))
  const wrong = { ...row, id: 'm3', sha256: 'ef', kind: 'sound' }
  expect(() => database.prepare(insert).run(...Object.values(wrong))).toThrow('CHECK')
  expect(database.prepare('pragma foreign_key_check').all()).toEqual([])
  database.close()
})
