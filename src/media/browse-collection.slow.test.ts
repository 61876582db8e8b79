import { afterAll, beforeAll, expect, test } from 'vitest'
import sharp from 'sharp'
import {
  newAccount,
  newAgency,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../../test/support/test-service.ts'
import { sampleFolder } from '../../scripts/sample-photos.ts'
import { localOperator } from '../actor/actor.ts'
import { runImport } from '../imports/run-import.ts'
import { listItems, startImport } from '../imports/start-import.ts'

/** sample1.jpg to sample6.jpg */
const PHOTOS = 6

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
    body: { title: 'Groups', lawfulBasis: 'test', sensitivity: 'sensitive' },
  })
  collectionId = collection.id
  const actor = localOperator('importer')
  const { id } = await startImport(service.ctx, actor, {
    source: sampleFolder('groups'),
    collection: collectionId,
  })
  await listItems(service.ctx, id, () => undefined)
  await runImport(service.ctx, actor, { importId: id })
}, 120_000)
afterAll(() => service.remove())

async function events(action: string): Promise<{ actor: string; details: Record<string, unknown> }[]> {
  const rows = await service.ctx.store.db
    .selectFrom('audit_event')
    .select(['actor', 'details'])
    .where('action', '=', action)
    .orderBy('seq')
    .execute()
  return rows.map(({ actor, details }) => ({
    actor,
    details: JSON.parse(details!) as Record<string, unknown>,
  }))
}

test('a curator pages through everything once, and it is written down', async () => {
  const seen: string[] = []
  let cursor: string | null | undefined
  while (cursor !== null) {
    const page: {
      items: { id: string; faces: unknown[]; sources: { name: string }[] }[]
      next: string | null
    } = await curator.client.call('browseCollection', {
      params: { id: collectionId },
      query: { limit: 4, ...(cursor === undefined ? {} : { cursor }) },
    })
    for (const { id, faces, sources } of page.items) {
      seen.push(id)
      expect(faces.length).toBeGreaterThan(0)
      expect(sources[0].name).toMatch(/sample\d\.jpg$/)
    }
    cursor = page.next
  }
  expect(new Set(seen).size).toBe(PHOTOS)
  expect(seen).toHaveLength(PHOTOS)
  expect(await events('collection.browse')).toMatchObject([
    { actor: 'Cora Curator', details: { media: 4 } },
    { details: { media: 2 } },
  ])
  const without = await curator.client.call('browseCollection', {
    params: { id: collectionId },
    query: { faces: 'without' },
  })
  expect(without.items).toEqual([])
})

test('a sensitive picture comes blurred, and unblurred only by an act that is written down', async () => {
  const { items } = await curator.client.call('browseCollection', { params: { id: collectionId } })
  const [{ id: mediaId, faces }] = items
  const params = { id: collectionId, mediaId }
  const sharpness = async (query: { reveal?: 'yes'; face?: number }): Promise<number> => {
    const response = await curator.client.call('showMediaPicture', { params, query: { side: 256, ...query } })
    expect(response.headers.get('content-type')).toBe('image/jpeg')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { sharpness: measured } = await sharp(Buffer.from(await response.arrayBuffer())).stats()
    return measured
  }
  expect(await sharpness({})).toBeLessThan((await sharpness({ reveal: 'yes' })) / 3)
  expect(await sharpness({ face: faces[0].number })).toBeGreaterThan(0)
  expect(await events('media.reveal')).toMatchObject([{ details: { blurred: false } }])
  expect(await events('media.look')).toMatchObject([
    { details: { blurred: true } },
    { details: { blurred: true, face: faces[0].number } },
  ])
  const facts = await curator.client.call('showMedia', { params })
  // As large as asked for, in the original's own pixels and no larger.
  const whole = await curator.client.call('showMediaPicture', { params, query: { side: 8192 } })
  const { width, height } = await sharp(Buffer.from(await whole.arrayBuffer())).metadata()
  expect([width, height]).toEqual([facts.widthPx, facts.heightPx])
  expect(facts).toMatchObject({ id: mediaId, sensitive: true, faces })
  const none = curator.client.call('showMediaPicture', { params, query: { face: 99 } })
  await expect(none).rejects.toMatchObject({ status: 404 })
})

test('an agency that was granted the collection does not look through it', async () => {
  const otherAgency = await newAgency(operator, 'Odesa bureau')
  const other = await newAccount(operator, otherAgency, 'Olha Other', ['curator', 'examiner'])
  await curator.client.call('grantCollection', { params: { id: collectionId, agencyId: otherAgency } })
  expect(await other.client.call('listCollections', {})).toMatchObject([{ id: collectionId, isOwn: false }])
  const browse = other.client.call('browseCollection', { params: { id: collectionId } })
  await expect(browse).rejects.toMatchObject({ status: 404 })
})

async function named(query: { words?: string; since?: string; until?: string }): Promise<number> {
  const page = await curator.client.call('browseCollection', { params: { id: collectionId }, query })
  return page.items.length
}

test('words and days of taking in choose photos', async () => {
  expect(await named({ words: 'SAMPLE2' })).toBe(1)
  expect(await named({ words: '100%' })).toBe(0)
  const today = new Date().toISOString().slice(0, 10)
  expect(await named({ since: today, until: today })).toBe(PHOTOS)
  expect(await named({ until: '2022-02-24' })).toBe(0)
})

test('its retention date changes with a reason; a legal hold keeps photos from being erased', async () => {
  const supervisor = await newAccount(operator, agencyId, 'Sofia Supervisor', ['supervisor'])
  const params = { id: collectionId }
  await curator.client.call('changeCollection', {
    params,
    body: { retentionUntil: '2999-01-01', reason: 'order 7' },
  })
  expect(await curator.client.call('listCollections', {})).toMatchObject([{ retentionUntil: '2999-01-01' }])
  expect(await events('collection.change')).toMatchObject([
    { details: { reason: 'order 7', retentionBefore: null, retentionUntil: '2999-01-01' } },
  ])
  const { items } = await curator.client.call('browseCollection', { params, query: { words: 'sample1' } })
  const body = { media: [items[0].id], reason: 'asked for by the person' }
  const hold = await supervisor.client.call('imposeHold', { params, body: { reason: 'court order' } })
  await expect(curator.client.call('eraseFromCollection', { params, body })).rejects.toMatchObject({
    status: 409,
  })
  await supervisor.client.call('liftHold', { params: { id: hold.id }, body: { reason: 'over' } })
  const gone = await curator.client.call('eraseFromCollection', { params, body })
  expect(gone).toMatchObject({ media: 1, faces: items[0].faces.length, sources: 0 })
  await expect(
    curator.client.call('showMedia', { params: { id: collectionId, mediaId: items[0].id } }),
  ).rejects.toMatchObject({ status: 404 })
  expect(await service.ctx.store.vault.has(items[0].sha256)).toBe(false)
  await expect(curator.client.call('eraseFromCollection', { params, body })).rejects.toMatchObject({
    status: 404,
  })
})

test('a photo that another collection holds too stays there when it is erased from this one', async () => {
  const { id: second } = await curator.client.call('createCollection', {
    body: { title: 'The same again', lawfulBasis: 'test', sensitivity: 'ordinary' },
  })
  const actor = localOperator('importer')
  const { id } = await startImport(service.ctx, actor, { source: sampleFolder('groups'), collection: second })
  await listItems(service.ctx, id, () => undefined)
  await runImport(service.ctx, actor, { importId: id })
  const [photo] = (
    await curator.client.call('browseCollection', {
      params: { id: collectionId },
      query: { words: 'sample3' },
    })
  ).items
  const gone = await curator.client.call('eraseFromCollection', {
    params: { id: collectionId },
    body: { media: [photo.id], reason: 'not of this order' },
  })
  expect(gone).toMatchObject({ media: 0, faces: 0, sources: 1 })
  expect(await curator.client.call('showMedia', { params: { id: second, mediaId: photo.id } })).toMatchObject(
    { collections: [{ id: second }] },
  )
})

test('the directory names colleagues and other agencies, to those who share work', async () => {
  const { colleagues, agencies } = await curator.client.call('readDirectory', {})
  expect(colleagues).toContainEqual(expect.objectContaining({ name: 'Cora Curator', roles: ['curator'] }))
  expect(agencies.map(({ name }) => name)).toEqual(['Odesa bureau'])
  expect(colleagues.some(({ name }) => name === 'Olha Other')).toBe(false)
})
