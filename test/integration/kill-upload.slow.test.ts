import { randomBytes } from 'node:crypto'
import path from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import { localOperator } from '../../src/actor/actor.ts'
import { PART_BYTES } from '../../src/contract/part-bytes.ts'
import { examine } from '../../src/doctor/examine.ts'
import { openStore } from '../../src/store/store.ts'
import { withIndex } from '../support/enrolled-record.ts'
import { warcRecord } from '../support/hostile-warcs.ts'
import { filesBelow, scratchFolder } from '../support/scratch-folder.ts'
import { freePort, startServer } from '../support/server-process.ts'
import { join, newAccount, newAgency, type TestAccount } from '../support/test-service.ts'

const PAGE = 'https://archive.example/post'
/** Photos in the archive: enough that reading them takes some seconds. */
const PHOTOS = 24

/** An archive of several parts: a page, its photos, and something large that is neither. */
async function largeArchive(): Promise<Buffer> {
  const names = Array.from({ length: PHOTOS }, (_, at) => `/${at}.jpg`)
  const html = `<!doctype html><title>Post</title>${names.map((name) => `<img src="${name}">`).join('')}`
  const photos = await Promise.all(
    names.map(async (name, at) => {
      // Each another picture.
      const bytes = await sharp(groupPhoto((at % 6) + 1))
        .resize(600 + at)
        .jpeg()
        .toBuffer()
      return warcRecord(`https://archive.example${name}`, bytes)
    }),
  )
  const ballast = warcRecord('https://archive.example/data.bin', randomBytes(3 * PART_BYTES))
  return Buffer.concat([warcRecord(PAGE, Buffer.from(html)), ...photos, ballast])
}

test('a web archive comes whole, and into the record once, though the service is killed while it is sent and while it is read', async () => {
  const dataFolder = path.join(scratchFolder(), 'data')
  const port = await freePort()
  let server = await startServer(dataFolder, port)
  const restart = async (): Promise<void> => {
    await server.kill()
    server = await startServer(dataFolder, port)
  }
  const operator = await join(server.address, server.setupLink!, { email: 'o@instance.example', name: 'O' })
  const agencyId = await newAgency(operator, 'Agency')
  const { client } = await newAccount(operator, agencyId, 'Curator', ['curator'])
  const { id: collectionId } = await client.call('createCollection', {
    body: { title: 'Archived', lawfulBasis: 'test', sensitivity: 'ordinary' },
  })
  const { id: importId } = await client.call('startImport', {
    params: { id: collectionId },
    body: { files: 1 },
  })
  const archive = await largeArchive()
  const begin = () =>
    client.call('beginUpload', {
      params: { id: importId },
      body: { name: 'post.warc', byteLength: archive.length, collector: 'Iryna' },
    })
  const { id } = await begin()
  const params = { id }
  let received = 0
  for (let sent = 0; received < archive.length; sent++) {
    const body = archive.subarray(received, received + PART_BYTES)
    received = (await client.call('sendPart', { params, query: { at: received }, body })).received
    if (sent !== 1) continue
    await restart()
    expect(await begin()).toMatchObject({ id, received: 2 * PART_BYTES })
  }
  await client.call('finishUpload', { params, body: {} })
  await client.call('finishImport', { params: { id: importId }, body: {} })
  for (const least of [0, PHOTOS / 4, PHOTOS / 2]) {
    await expect
      .poll(() => takenIn(client, importId), { timeout: 60_000, interval: 50 })
      .toBeGreaterThanOrEqual(least)
    await restart()
  }
  await expect
    .poll(async () => (await client.call('listImports', { params: { id: collectionId } }))[0].finishedAt, {
      timeout: 120_000,
    })
    .not.toBeNull()

  const items = await client.call('listImportItems', { params: { id: importId } })
  expect(items.map(({ state }) => state)).toEqual(Array.from({ length: PHOTOS }, () => 'done'))
  expect(new Set(items.map(({ name }) => name)).size).toBe(PHOTOS)
  expect(await client.call('listImportArchives', { params: { id: importId } })).toMatchObject([
    { name: 'post.warc', kind: 'warc', files: PHOTOS, pages: 1, signatureVerdict: 'absent' },
  ])
  const { items: media } = await client.call('browseCollection', { params: { id: collectionId } })
  expect(media).toHaveLength(PHOTOS)
  expect(media[0].sources).toMatchObject([
    { collector: 'Iryna', capture: { pages: [{ url: PAGE }], archive: { isKept: true } } },
  ])
  await server.kill()
  const store = await openStore({ dataFolder, operatorKey: undefined })
  const ctx = withIndex(store)
  expect(filesBelow(store.uploads.folder)).toEqual([])
  const { findings } = await examine(ctx, localOperator('test'), { repair: false })
  expect(findings.filter(({ severity }) => severity !== 'leftover')).toEqual([])
  await ctx.index.close()
  await store.close()
})

async function takenIn(client: TestAccount['client'], importId: string): Promise<number> {
  const items = await client.call('listImportItems', { params: { id: importId } })
  return items.filter(({ state }) => state === 'done').length
}
