import { copyFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { FRANCK_STILLS, sampleFiles, sampleVideo } from '../../scripts/sample-photos.ts'
import { openContext } from '../open-context.ts'
import { createCollection } from '../collections/create-collection.ts'
import { runImport } from '../imports/run-import.ts'
import { listItems, startImport } from '../imports/start-import.ts'
import { createEngine } from '../engine/create-engine.ts'
import { chooseProbeFace } from '../search/choose-probe-face.ts'
import { searchCollections } from '../search/search-collections.ts'
import { actor } from '../../test/support/enrolled-record.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { makeStill, frameOfFace } from '../media/still.ts'

const engine = await createEngine()
afterAll(() => engine.close())

/** All sample media but the clip's own stills: the other ones show the same person, and would rightly come before it. */
const MEDIA = sampleFiles('portraits', 'groups', 'crowd', 'videos').filter(
  (file) => !path.basename(file).startsWith('franck_'),
)

test('every still of a clip leads to the clip, first of all, in its one track, within a second', async () => {
  const folder = scratchFolder()
  const media = path.join(folder, 'media')
  mkdirSync(media)
  for (const file of MEDIA) copyFileSync(file, path.join(media, path.basename(file)))
  const ctx = await openContext({
    dataFolder: path.join(folder, 'data'),
    operatorKey: undefined,
    createEngine: async () => engine,
  })
  await createCollection(ctx, actor, {
    title: 'Test',
    lawfulBasis: 'made up for a test',
    agency: 'Test agency',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  const { id } = await startImport(ctx, actor, { source: media, collection: 'Test' })
  await listItems(ctx, id, () => undefined)
  const { tally } = await runImport(ctx, actor, { importId: id })
  expect(tally).toMatchObject({ waiting: 0, unreadable: 0, failed: 0 })
  expect(tally.done + tally.no_face).toBe(MEDIA.length)
  const tracks = await ctx.store.db
    .selectFrom('video_track')
    .innerJoin('video', 'video.media_id', 'video_track.media_id')
    .select(['video_track.first_s', 'video_track.last_s'])
    .innerJoin('source', 'source.media_id', 'video.media_id')
    .where('source.name', '=', 'franck.mp4')
    .execute()
  expect(tracks).toHaveLength(1)
  expect(tracks[0].last_s - tracks[0].first_s).toBeGreaterThan(195)

  const { packId, pipelineVersion } = engine
  const away: Record<string, number> = {}
  for (const { file, timeS } of FRANCK_STILLS) {
    const choice = await chooseProbeFace(engine, sampleVideo(file), undefined, 'standard')
    if (choice.outcome !== 'chosen') throw new Error(`${file} shows several faces`)
    const { sha256, face } = choice.probe
    const { groups } = await searchCollections(ctx, actor, {
      probes: [
        {
          sha256,
          face: 1,
          template: face.template,
          quality: face.quality.unifiedScore,
          packId,
          pipelineVersion,
        },
      ],
      collections: undefined,
      agencyId: undefined,
      since: undefined,
      until: undefined,
      limit: 50,
      threshold: undefined,
      exact: false,
      purpose: undefined,
    })
    const faces = groups.flatMap(({ media: found }) =>
      found.flatMap((one) => one.faces.map((hit) => ({ one, hit }))),
    )
    const first = faces.find(({ hit }) => hit.rank === 1)!
    expect(first.one.sources[0].name).toBe('franck.mp4')
    // One candidate a track, however many of its frames were found.
    expect(faces.filter(({ one }) => one.mediaId === first.one.mediaId)).toHaveLength(1)
    away[file] = Math.abs(first.hit.moment!.timeS - timeS)
    const frame = (await frameOfFace(ctx, first.hit.faceId))!
    if (file === FRANCK_STILLS[0].file) {
      const moment = { pts: frame.pts, timeS: frame.time_s, pixelsSha256: frame.pixels_sha256 }
      const of = { id: first.one.mediaId, sha256: first.one.sha256 }
      const still = await makeStill(ctx, of, moment)
      expect(still.isExact).toBe(true)
      await ctx.store.db.deleteFrom('derivative').execute()
      expect(Buffer.compare((await makeStill(ctx, of, moment)).bytes, still.bytes)).toBe(0)
    }
  }
  await ctx.close()
  expect(Object.entries(away).filter(([, seconds]) => seconds > 1)).toEqual([])
})
