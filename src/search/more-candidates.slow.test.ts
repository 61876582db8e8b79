import { afterAll, expect, test } from 'vitest'
import {
  actor,
  enrol,
  mateOf,
  pack,
  storeWithCollection,
  testPhoto,
  unitVector,
  withIndex,
} from '../../test/support/enrolled-record.ts'
import { makeVideoOf } from '../../test/support/made-up-video.ts'
import type { Context } from '../context.ts'
import { createEngine } from '../engine/create-engine.ts'
import { BEST_FRAMES } from '../video/limits.ts'
import { VideoFiles } from '../video/video-files.ts'
import { MAX_CANDIDATES, searchCollections } from './search-collections.ts'

const engine = await createEngine({ workers: 1 })
afterAll(() => engine.close())

const subject = unitVector()
const ENTRIES_A_TRACK = BEST_FRAMES + 1
const TRACKS_A_VIDEO = 300

/** A record with videos in which the subject is seen in so many tracks, nearer than in any photo; and some photos. */
async function search(
  { tracks, photos }: { tracks: number; photos: number },
  limit: number,
): Promise<{ candidates: number; more: boolean }> {
  const store = await storeWithCollection()
  const ctx: Context = {
    ...withIndex(store),
    videos: new VideoFiles(store),
    engine: async () => engine,
    engineStatus: () => ({ state: 'ready', failures: 0, lastFailure: undefined }),
  }
  for (let made = 0; made < tracks; made += TRACKS_A_VIDEO) {
    const entries = Math.min(TRACKS_A_VIDEO, tracks - made) * ENTRIES_A_TRACK
    const templates = Array.from({ length: entries }, () => mateOf(subject, 0.8))
    await enrol(store, [{ ...testPhoto(`clip-${made}.mp4`), templates }])
  }
  const videos = await store.db.selectFrom('media').select('id').execute()
  for (const { id } of videos) await makeVideoOf(store, id, ENTRIES_A_TRACK)
  const mates = Array.from({ length: photos }, (_, at) => ({
    ...testPhoto(`mate-${at}.jpg`),
    templates: [mateOf(subject, 0.6)],
  }))
  if (photos > 0) await enrol(store, mates)
  const probe = { sha256: 'ab'.repeat(32), face: 1, template: subject, quality: 0.9, ...pack }
  return searchCollections(ctx, actor, {
    probes: [probe],
    collections: undefined,
    agencyId: undefined,
    since: undefined,
    until: undefined,
    limit,
    threshold: 0.3,
    below: 20,
    exact: false,
    purpose: undefined,
  })
}

test('a list is as long as it may be, and says that there is more, however many frames of one track come first', async () => {
  expect(await search({ tracks: 260, photos: 30 }, 270)).toMatchObject({ candidates: 270, more: true })
})

test('the longest list, all of tracks of videos', async () => {
  expect(await search({ tracks: MAX_CANDIDATES + 1, photos: 0 }, MAX_CANDIDATES)).toMatchObject({
    candidates: MAX_CANDIDATES,
    more: true,
  })
  expect(await search({ tracks: MAX_CANDIDATES - 1, photos: 1 }, MAX_CANDIDATES)).toMatchObject({
    candidates: MAX_CANDIDATES,
    more: false,
  })
})
