import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import { warcRecord } from '../../test/support/hostile-warcs.ts'
import { filesBelow } from '../../test/support/scratch-folder.ts'
import {
  newAccount,
  newAgency,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../../test/support/test-service.ts'
import { newId } from '../store/ids.ts'
import { MAX_ON_THE_WAY, MAX_UPLOAD_BYTES } from './limits.ts'

let service: TestService
let operator: TestAccount
let agencyId: string
let curator: TestAccount
let collectionId: string

beforeAll(async () => {
  service = await startTestService()
  operator = await setUp(service)
  agencyId = await newAgency(operator, 'Kyiv bureau')
  curator = await newAccount(operator, agencyId, 'Cora Curator', ['curator'])
  const collection = await curator.client.call('createCollection', {
    body: { title: 'Posts', lawfulBasis: 'test', sensitivity: 'ordinary' },
  })
  collectionId = collection.id
}, 120_000)
afterAll(() => service.remove())

async function start({ client } = curator): Promise<string> {
  const { id } = await client.call('startImport', { params: { id: collectionId }, body: { files: 1 } })
  return id
}

function begin(importId: string, name: string, byteLength: number, { client } = curator) {
  return client.call('beginUpload', { params: { id: importId }, body: { name, byteLength } })
}

async function send(importId: string, name: string, bytes: Buffer, by = curator): Promise<void> {
  const { id } = await begin(importId, name, bytes.length, by)
  await by.client.call('sendPart', { params: { id }, query: { at: 0 }, body: bytes })
  await by.client.call('finishUpload', { params: { id }, body: {} })
}

/** Waits for the end of an import that takes no more files. */
async function ended(importId: string) {
  await curator.client.call('finishImport', { params: { id: importId }, body: {} })
  const find = async () =>
    (await curator.client.call('listImports', { params: { id: collectionId } })).find(
      ({ id }) => id === importId,
    )!
  await expect.poll(async () => (await find()).finishedAt, { timeout: 60_000 }).not.toBeNull()
  return { ...(await find()), items: await itemsOf(importId) }
}

function itemsOf(importId: string) {
  return curator.client.call('listImportItems', { params: { id: importId } })
}

function archiveWith(photo: Buffer): Buffer {
  const page = '<!doctype html><title>Post</title><img src="/a.jpg">'
  return Buffer.concat([
    warcRecord('https://archive.example/post', Buffer.from(page)),
    warcRecord('https://archive.example/a.jpg', photo),
  ])
}

test('what a file is shows in its content: an archive is opened, anything else is named and leaves nothing behind', async () => {
  const importId = await start()
  await send(importId, 'post.mp4', archiveWith(readFileSync(groupPhoto(2))))
  await send(importId, 'words.wacz', Buffer.from('neither a video nor an archive'))
  const cut = archiveWith(readFileSync(groupPhoto(3))).subarray(0, 200)
  await send(importId, 'cut.warc', cut)
  const { items, counts } = await ended(importId)
  expect(counts).toMatchObject({ done: 1, waiting: 0 })
  expect(items.find(({ state }) => state === 'done')).toMatchObject({ name: 'https://archive.example/a.jpg' })
  expect(items.find(({ name }) => name === 'words.wacz')).toMatchObject({
    state: 'unreadable',
    reason: 'damaged_archive',
    detail: 'The archive cannot be read: it is no video, and no WARC, WACZ, MHTML or saved page.',
  })
  expect(filesBelow(service.ctx.store.uploads.folder)).toEqual([])
  const kept = await service.ctx.store.db.selectFrom('archive_file').select('name').execute()
  expect(kept).toEqual([{ name: 'post.mp4' }])
})

test('an archive that was opened is not sent again, nor lost beside photos that are sent one by one', async () => {
  const importId = await start()
  const archive = archiveWith(readFileSync(groupPhoto(4)))
  const photo = readFileSync(groupPhoto(5))
  await send(importId, 'post.warc', archive)
  await curator.client.call('importFile', {
    params: { id: importId },
    query: { name: '5.jpg' },
    body: photo,
  })
  await expect
    .poll(async () => (await itemsOf(importId)).map(({ state }) => state), { timeout: 60_000 })
    .toEqual(['done', 'done'])
  expect(await begin(importId, 'post.warc', archive.length)).toMatchObject({
    received: archive.length,
    isComplete: true,
  })
  expect((await ended(importId)).counts).toMatchObject({ done: 2, failed: 0 })
})

test('what did not come whole is given up with its import, and its bytes go', async () => {
  const importId = await start()
  const { id } = await begin(importId, 'half.mp4', 2000)
  await curator.client.call('sendPart', { params: { id }, query: { at: 0 }, body: Buffer.alloc(1000, 1) })
  expect(filesBelow(service.ctx.store.uploads.folder)).toHaveLength(1)
  // Begun anew as another file of the same name.
  const { id: other } = await begin(importId, 'half.mp4', 3000)
  expect(filesBelow(service.ctx.store.uploads.folder)).toEqual([])
  await curator.client.call('sendPart', {
    params: { id: other },
    query: { at: 0 },
    body: Buffer.alloc(1000, 1),
  })
  await expect(
    curator.client.call('finishUpload', { params: { id: other }, body: {} }),
  ).rejects.toMatchObject({ code: 'conflict' })
  expect((await ended(importId)).items).toEqual([])
  expect(filesBelow(service.ctx.store.uploads.folder)).toEqual([])
})

test('files of an account that was suspended are given up, and their import ends', async () => {
  const other = await newAccount(operator, agencyId, 'Carl Curator', ['curator'])
  const importId = await start(other)
  const archive = archiveWith(readFileSync(groupPhoto(6)))
  const { id } = await begin(importId, 'post.warc', archive.length, other)
  await other.client.call('sendPart', { params: { id }, query: { at: 0 }, body: archive })
  // It came whole before the account was cut off, and nobody has read it yet.
  const { db } = service.ctx.store
  await operator.client.call('suspend', {
    body: { kind: 'account', targetId: other.accountId, reason: 'lost phone' },
  })
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('import_item')
      .values({
        import_id: importId,
        ordinal: 0,
        name: 'post.warc',
        claims: null,
        state: 'waiting',
        attempts: 0,
        reason: null,
        detail: null,
        media_id: null,
        finished_at: null,
        leased_by: null,
        leased_until: null,
      })
      .execute()
    const now = new Date().toISOString()
    await tx.updateTable('upload').set({ finished_at: now, is_video: 0 }).where('id', '=', id).execute()
  })
  const { items } = await ended(importId)
  expect(items).toMatchObject([{ name: 'post.warc', state: 'failed', reason: 'gave_up' }])
  expect(filesBelow(service.ctx.store.uploads.folder)).toEqual([])
})

test('MAX_UPLOAD_BYTES and MAX_ON_THE_WAY are named when they are met', async () => {
  const importId = await start()
  await expect(begin(importId, 'large.mp4', MAX_UPLOAD_BYTES + 1)).rejects.toMatchObject({
    code: 'limit_exceeded',
    message: expect.stringContaining('MAX_UPLOAD_BYTES') as string,
  })
  const { db } = service.ctx.store
  const row = {
    import_id: importId,
    claims: null,
    byte_length: 1,
    received: 0,
    account_id: curator.accountId,
    request_id: 'test',
    address: '127.0.0.1',
    started_at: new Date().toISOString(),
    finished_at: null,
    is_video: null,
    archive_sha256: null,
  }
  await db.transaction().execute(async (tx) => {
    for (let number = 0; number < MAX_ON_THE_WAY; number++)
      await tx
        .insertInto('upload')
        .values({ ...row, id: newId(), name: `${number}.mp4` })
        .execute()
  })
  await expect(begin(importId, 'one-more.mp4', 1)).rejects.toMatchObject({
    code: 'limit_exceeded',
    message: expect.stringContaining('MAX_ON_THE_WAY') as string,
  })
})
