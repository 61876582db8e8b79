import { expect, test } from 'vitest'
import {
  actor,
  enrol,
  faceOf,
  pack,
  storeWithCollection,
  testPhoto,
  unitVector,
  withIndex,
} from '../../test/support/enrolled-record.ts'
import type { ReadVideo } from '../video/read-video.ts'
import { writeVideoRows } from '../imports/write-video-rows.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Store } from '../store/store.ts'
import { eraseMedia } from '../erasure/erase-media.ts'
import { findCollection } from './find-collection.ts'
import { listCollections } from './list-collections.ts'

const VIDEO: ReadVideo = {
  outcome: 'read',
  facts: {
    container: 'mp4',
    durationS: 60,
    streams: [],
    streamIndex: 0,
    codec: 'h264',
    pixelFormat: 'yuv420p',
    widthPx: 640,
    heightPx: 480,
    rotationDegrees: 0,
    framesASecond: 25,
    isVariable: false,
    capturedAt: undefined,
    latitude: undefined,
    longitude: undefined,
    device: undefined,
  },
  state: { nextS: 60, lastS: 60, looked: 120, read: 120, faces: 70, note: undefined, tracker: undefined },
  rest: { kept: [], trace: [] },
  tracks: 2,
  sampledASecond: 2,
  ffmpegVersion: 'FFmpeg',
}

const sample = (track: number, timeS: number) => ({
  track,
  timeS,
  pts: timeS * 1000,
  pixelsSha256: 'ab',
  others: [],
  face: faceOf(unitVector(), 0),
})

/** A video with two tracks, of 30 and of one kept sample. @returns its id */
async function video(store: Store): Promise<string> {
  const kept = [...Array.from({ length: 30 }, (_, at) => sample(1, at)), sample(2, 40)]
  const { id: collectionId } = await findCollection(store.db, 'Test')
  const id = newId()
  const media = {
    id,
    sha256: 'cd'.repeat(32),
    kind: 'video' as const,
    format: 'mp4',
    byte_length: 1000,
    width_px: 640,
    height_px: 480,
    perceptual_hash: '0'.repeat(16),
    exif_captured_at: null,
    exif_latitude: null,
    exif_longitude: null,
    exif_device: null,
    created_at: nowIso(),
  }
  await store.db.transaction().execute(async (tx) => {
    await tx.insertInto('media').values(withDigest('media', media)).execute()
    await tx
      .insertInto('media_in_collection')
      .values({ media_id: id, collection_id: collectionId, added_at: nowIso() })
      .execute()
    await writeVideoRows({ tx, mediaId: id, engine: pack, createdBy: 'tester' }, VIDEO, kept, [])
  })
  return id
}

test('a video counts as a video, and each of its tracks as one face, in lists and where it is erased', async () => {
  const store = await storeWithCollection()
  await enrol(store, [testPhoto('a.jpg', 3), testPhoto('b.jpg', 0)])
  expect(await listCollections({ store }, actor)).toMatchObject([{ photos: 2, videos: 0, faces: 3 }])
  const id = await video(store)
  expect(await listCollections({ store }, actor)).toMatchObject([{ photos: 2, videos: 1, faces: 5 }])
  const report = await eraseMedia(withIndex(store), actor, {
    target: { kind: 'media', media: [id] },
    reason: 'test',
    dryRun: false,
  })
  expect(report).toMatchObject({ media: 1, faces: 2 })
  expect(await listCollections({ store }, actor)).toMatchObject([{ photos: 2, videos: 0, faces: 3 }])
})
