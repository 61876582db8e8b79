import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupPhoto, portrait } from '../../scripts/sample-photos.ts'
import { makeClip } from '../../test/support/make-video.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import {
  newAccount,
  newAgency,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../../test/support/test-service.ts'

let service: TestService
let curator: TestAccount
let stranger: TestAccount
let collectionId: string

beforeAll(async () => {
  service = await startTestService()
  const operator = await setUp(service)
  const agencyId = await newAgency(operator, 'Kyiv bureau')
  curator = await newAccount(operator, agencyId, 'Cora Curator', ['curator'])
  stranger = await newAccount(operator, await newAgency(operator, 'Odesa bureau'), 'Carl', ['curator'])
  const collection = await curator.client.call('createCollection', {
    body: { title: 'Posts', lawfulBasis: 'test', sensitivity: 'ordinary' },
  })
  collectionId = collection.id
}, 120_000)
afterAll(() => service.remove())

async function start(): Promise<string> {
  const made = await curator.client.call('startImport', { params: { id: collectionId }, body: {} })
  return made.id
}

async function send(importId: string, name: string, body: Uint8Array, claims: Record<string, string> = {}) {
  return curator.client.call('importFile', { params: { id: importId }, query: { name, ...claims }, body })
}

test('files are taken in one by one, each with what came of it', async () => {
  const id = await start()
  const claims = {
    sourceUrl: 'https://archive.example/7',
    collector: 'Field team 3',
    capturedAt: '2022-04-03',
  }
  const photo = readFileSync(groupPhoto(3))
  const first = await send(id, 'station/sample3.jpg', photo, claims)
  expect(first).toMatchObject({ ordinal: 0, name: 'station/sample3.jpg', state: 'done', reason: null })
  expect(await send(id, 'station/copy.jpg', photo)).toMatchObject({ ordinal: 1, state: 'duplicate' })
  expect(await send(id, 'broken.jpg', photo.subarray(0, 300))).toMatchObject({ state: 'unreadable' })
  expect(await send(id, 'words.txt', Buffer.from('no photo'))).toMatchObject({ state: 'unreadable' })
  // A reply that was lost: the same file again changes nothing.
  expect(await send(id, 'station/sample3.jpg', photo)).toEqual(first)

  const done = await curator.client.call('finishImport', { params: { id }, body: {} })
  expect(done.counts).toEqual({ waiting: 0, done: 1, duplicate: 1, no_face: 0, unreadable: 2, failed: 0 })
  const bad = await curator.client.call('listImportItems', { params: { id }, query: { state: 'unreadable' } })
  expect(bad.map(({ name }) => name)).toEqual(['broken.jpg', 'words.txt'])
  for (const { detail } of bad) expect(detail).toMatch(/\w/)
  await expect(send(id, 'late.jpg', photo)).rejects.toMatchObject({ status: 409 })

  const { items } = await curator.client.call('browseCollection', { params: { id: collectionId } })
  expect(items).toHaveLength(1)
  expect(items[0].faces.length).toBeGreaterThan(0)
  expect(items[0].sources[0]).toMatchObject({
    sourceUrl: 'https://archive.example/7',
    collector: 'Field team 3',
  })
})

test('what was not sent to its end stays listed as failed', async () => {
  const id = await start()
  const { db } = service.ctx.store
  // As a service that was killed while it worked on two files leaves them.
  for (const [ordinal, name] of ['audrey.jpg', 'cage.jpg'].entries()) {
    const left = { leased_by: 'gone/1/1', leased_until: '2022-01-01T00:00:00Z', attempts: 1 }
    await db
      .insertInto('import_item')
      .values({ import_id: id, ordinal, name, state: 'waiting', ...left })
      .execute()
  }
  const again = await send(id, 'audrey.jpg', readFileSync(portrait('audrey.jpg')))
  expect(again).toMatchObject({ ordinal: 0, state: 'done' })
  const { counts } = await curator.client.call('finishImport', { params: { id }, body: {} })
  expect(counts).toMatchObject({ waiting: 0, done: 1, failed: 1 })
})

test('another agency finds nothing of it', async () => {
  const id = await start()
  const { client } = stranger
  const foreign = { params: { id }, body: {} }
  await expect(client.call('finishImport', foreign)).rejects.toMatchObject({ status: 404 })
  await expect(client.call('listImportItems', { params: { id } })).rejects.toMatchObject({ status: 404 })
  await expect(client.call('listImports', { params: { id: collectionId } })).rejects.toMatchObject({
    status: 404,
  })
  const file = { params: { id }, query: { name: 'x.jpg' }, body: readFileSync(groupPhoto(1)) }
  await expect(client.call('importFile', file)).rejects.toMatchObject({ status: 404 })
  await expect(client.call('startImport', { params: { id: collectionId }, body: {} })).rejects.toMatchObject({
    status: 404,
  })
})

test('a film, or more pictures, behind a photo is said wherever the photo is told of', async () => {
  const id = await start()
  const photo = readFileSync(portrait('cage.jpg'))
  const smaller = await sharp(photo).resize(200).jpeg().toBuffer()
  const clip = readFileSync(makeClip(scratchFolder(), 'clip.mp4', { seconds: 1, width: 64, height: 48 }))
  const video = { kind: 'video_inside', count: null }
  const motion = await send(id, 'motion.jpg', Buffer.concat([photo, clip]))
  expect(motion).toMatchObject({ state: 'done', remarks: [video] })
  expect(motion.detail).toMatch(/video stands in this file/)
  const sizes = await send(id, 'sizes.jpg', Buffer.concat([photo, smaller, smaller]))
  expect(sizes).toMatchObject({ state: 'done', remarks: [{ kind: 'more_pictures', count: 2 }] })
  const two = await send(id, 'two.jpg', Buffer.concat([photo, photo]))
  expect(two).toMatchObject({ state: 'done', remarks: [{ kind: 'more_pictures', count: 1 }] })
  const params = { id: collectionId, mediaId: motion.mediaId ?? '' }
  expect((await curator.client.call('showMedia', { params })).remarks).toEqual([video])
  // Three of one size are a film, and read as one.
  const film = await send(id, 'film.jpg', Buffer.concat([smaller, smaller, smaller]))
  expect(film.remarks).toEqual([])
  const shown = { params: { id: collectionId, mediaId: film.mediaId ?? '' } }
  expect(await curator.client.call('showMedia', shown)).toMatchObject({ format: 'mjpeg' })
})

test('a photo cut short and a file of several pages are taken in, and marked wherever they are told of', async () => {
  const id = await start()
  const photo = readFileSync(portrait('cage.jpg'))
  const cut = await send(id, 'cut.jpg', photo.subarray(0, photo.length * 0.85))
  expect(cut).toMatchObject({ state: 'done', remarks: [{ kind: 'cut_short', count: null }] })
  const page = await sharp(photo).png().toBuffer()
  const other = await sharp(photo).negate().png().toBuffer()
  const pages = await sharp([page, other, page], { join: { animated: true } })
    .gif({ effort: 1 })
    .toBuffer()
  const several = await send(id, 'pages.gif', pages)
  expect(several).toMatchObject({ state: 'done', remarks: [{ kind: 'more_pictures', count: 2 }] })
  const items = await curator.client.call('listImportItems', { params: { id }, query: {} })
  expect(items.map(({ remarks }) => remarks)).toEqual([cut.remarks, several.remarks])
  const media = await curator.client.call('showMedia', {
    params: { id: collectionId, mediaId: cut.mediaId ?? '' },
  })
  expect(media.remarks).toEqual([{ kind: 'cut_short', count: null }])
  expect(media.faces.length).toBeGreaterThan(0)
  // The original is kept as it came.
  const { vault, db } = service.ctx.store
  expect(Buffer.from(await vault.read(media.sha256))).toEqual(photo.subarray(0, photo.length * 0.85))
  await curator.client.call('finishImport', { params: { id }, body: {} })
  await curator.client.call('eraseFromCollection', {
    params: { id: collectionId },
    body: { media: [cut.mediaId ?? ''], reason: 'test' },
  })
  const left = await db.selectFrom('photo_remark').selectAll().where('sha256', '=', media.sha256).execute()
  expect(left).toEqual([])
})
