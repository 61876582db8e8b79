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
import { localOperator } from '../access/actor.ts'
import { runImport } from '../collections/import/run-import.ts'
import { listItems, startImport } from '../collections/import/start-import.ts'

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
