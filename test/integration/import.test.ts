import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { portrait } from '../../scripts/sample-photos.ts'
import { importStatus, listImportErrors } from '../../src/imports/import-status.ts'
import { previewImport } from '../../src/imports/preview-import.ts'
import { runImport } from '../../src/imports/run-import.ts'
import { listItems, startImport } from '../../src/imports/start-import.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { reEnrol } from '../../src/enrolment/re-enrol.ts'
import { activeTemplates, labelOf, setActiveTemplates } from '../../src/store/active-templates.ts'
import { entriesAfter } from '../../src/store/index-feed.ts'
import { actor, storeWithCollection } from '../support/enrolled-record.ts'
import { zipOf } from '../support/hostile-archives.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { VideoFiles } from '../../src/video/video-files.ts'

const engine = await createEngine({ workers: 1 })
afterAll(() => engine.close())

/** Six files: a portrait, its copy, a smaller version of it, a drawing-like pattern, a text, an archive. */
async function makeSource(): Promise<string> {
  const folder = scratchFolder()
  mkdirSync(path.join(folder, 'below'))
  copyFileSync(portrait('audrey.jpg'), path.join(folder, 'a.jpg'))
  copyFileSync(portrait('audrey.jpg'), path.join(folder, 'below', 'copy.jpg'))
  const smaller = sharp(portrait('audrey.jpg'))
    .resize({ width: 300 })
    .withExif({
      IFD0: { Make: 'Maker', Model: 'M1' },
      IFD2: { DateTimeOriginal: '2022:03:05 10:11:12' },
    })
  writeFileSync(path.join(folder, 'smaller.jpg'), await smaller.jpeg({ quality: 80 }).toBuffer())
  const stripes = Buffer.from(
    Array.from({ length: 200 * 200 }, (_, index) => ((index % 200) * 7 + index / 900) & 255),
  )
  const drawn = sharp(stripes, { raw: { width: 200, height: 200, channels: 1 } })
  writeFileSync(path.join(folder, 'stripes.png'), await drawn.png().toBuffer())
  writeFileSync(path.join(folder, 'letter.jpg'), 'this is a text, whatever its name says')
  writeFileSync(path.join(folder, 'more.jpg'), zipOf([{ name: 'x.jpg', bytes: Buffer.from('x') }]))
  return folder
}

test('an import takes photos by content, shares its items between two runs, and says what it could not take', async () => {
  const store = await storeWithCollection()
  const ctx = { store, engine: async () => engine }
  const source = await makeSource()
  const preview = await previewImport(ctx, actor, { source, collection: 'test' })
  expect(preview).toMatchObject({ kind: 'folder', items: 6, refusedItems: 0 })
  expect(await importStatus(ctx, actor, { importId: undefined, limit: 5 })).toEqual([])

  const { id } = await startImport(ctx, actor, { source, collection: 'Test' })
  expect(await startImport(ctx, actor, { source, collection: 'Test' })).toEqual({ id, resumed: true })
  await listItems(ctx, id, () => undefined)
  await listItems(ctx, id, () => undefined)
  await Promise.all([runImport(ctx, actor, { importId: id }), runImport(ctx, actor, { importId: id })])

  const [status] = await importStatus(ctx, actor, { importId: id.slice(-8), limit: 1 })
  expect(status.counts).toEqual({ waiting: 0, done: 2, duplicate: 1, no_face: 1, unreadable: 2, failed: 0 })
  expect(status.finishedAt).not.toBeNull()
  const errors = await listImportErrors(ctx, actor, { importId: id, after: -1, limit: 10 })
  expect(errors.map(({ name, reason }) => [name, reason])).toEqual([
    ['letter.jpg', 'not_an_image'],
    ['more.jpg', 'nested_archive'],
  ])
  const media = await store.db.selectFrom('media').selectAll().where('exif_device', 'is not', null).execute()
  expect(media).toMatchObject([{ exif_captured_at: '2022-03-05T10:11:12', exif_device: 'Maker M1' }])
  expect(await store.db.selectFrom('near_duplicate').selectAll().execute()).toHaveLength(1)
  expect(await store.db.selectFrom('source').select('id').execute()).toHaveLength(4)

  const [template] = await entriesAfter(store.db, labelOf(engine), 0, 1)
  expect(Math.hypot(...template.vector)).toBeCloseTo(1, 4)
  const actions = await store.db
    .selectFrom('audit_event')
    .select('action')
    .distinct()
    .orderBy('action')
    .execute()
  expect(actions.map(({ action }) => action)).toEqual([
    'collection.create',
    'import.finish',
    'import.items',
    'import.start',
  ])
})

test('re-enrolment writes templates beside the old and switches when all are there', async () => {
  const store = await storeWithCollection()
  const ctx = { store, engine: async () => engine }
  const source = scratchFolder()
  copyFileSync(portrait('audrey.jpg'), path.join(source, 'a.jpg'))
  const { id } = await startImport(ctx, actor, { source, collection: 'Test' })
  await listItems(ctx, id, () => undefined)
  await runImport(ctx, actor, { importId: id })
  // The templates at hand become those of an older pack.
  const rows = await store.db.selectFrom('template').selectAll().execute()
  expect(rows).toHaveLength(1)
  await store.db.updateTable('template').set({ pack_id: 'older' }).execute()
  await setActiveTemplates(store.db, { ...engine, packId: 'older' })
  await expect(runImport(ctx, actor, { importId: (await anotherImport()).id })).rejects.toMatchObject({
    code: 'conflict',
  })

  expect(await reEnrol({ ...ctx, videos: new VideoFiles(store) }, actor, { engine })).toMatchObject({
    written: 1,
    failed: [],
    switched: true,
  })
  expect(await reEnrol({ ...ctx, videos: new VideoFiles(store) }, actor, { engine })).toMatchObject({
    written: 0,
    switched: true,
  })
  expect(await activeTemplates(store.db)).toMatchObject({ packId: engine.packId })
  const both = await store.db.selectFrom('template').select(['face_id', 'pack_id']).orderBy('seq').execute()
  expect(both).toEqual([
    { face_id: rows[0].face_id, pack_id: 'older' },
    { face_id: rows[0].face_id, pack_id: engine.packId },
  ])

  async function anotherImport(): Promise<{ id: string }> {
    const other = scratchFolder()
    copyFileSync(portrait('cage.jpg'), path.join(other, 'b.jpg'))
    const started = await startImport(ctx, actor, { source: other, collection: 'Test' })
    await listItems(ctx, started.id, () => undefined)
    return started
  }
})
