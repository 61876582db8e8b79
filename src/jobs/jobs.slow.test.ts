import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { FaceMaker } from '../../bench/gallery/faces.ts'
import { fillRecord } from '../../test/support/made-up-record.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { startServer } from '../../test/support/server-process.ts'
import {
  join,
  newAccount,
  newAgency,
  newClient,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../../test/support/test-service.ts'
import type { CallReply } from '../contract/client/api-client.ts'
import { openStore, type Store } from '../store/store.ts'

/** Two on a photo: a job of tens of transactions, of which each takes long enough to be met half way. */
const FACES = 12_000
const PHOTOS = FACES / 2
const KIND = { packId: 'pack-a', pipelineVersion: '1', templateLength: 512 }

type Job = CallReply<'listJobs'>['items'][number]

async function filledCollection(store: Store, curator: TestAccount, title: string): Promise<string> {
  const { id } = await curator.client.call('createCollection', {
    body: { title, lawfulBasis: 'test', sensitivity: 'ordinary' },
  })
  const maker = new FaceMaker(KIND.templateLength, 7)
  await fillRecord(store, { collectionId: id, kind: KIND, faces: FACES, next: (into) => maker.person(into) })
  return id
}

function empty({ client }: TestAccount, id: string): Promise<Job> {
  return client.call('emptyCollection', { params: { id }, body: { reason: 'The agreement has ended' } })
}

async function jobOf({ client }: Pick<TestAccount, 'client'>, id: string): Promise<Job> {
  const { items } = await client.call('listJobs', {})
  return items.find((job) => job.id === id)!
}

/** As everything else of a suspended account. */
const CUT_OFF_WITHIN_MS = 1000
const untilBegun = { timeout: 30_000, interval: 20 }
const untilEnded = { timeout: 60_000, interval: 100 }

async function photosOf(store: Store, collectionId: string): Promise<number> {
  const rows = await store.db
    .selectFrom('media_in_collection')
    .select('media_id')
    .where('collection_id', '=', collectionId)
    .execute()
  return rows.length
}

test('when the process at work is killed, another one goes on where it was, and nothing is erased twice', async () => {
  const dataFolder = path.join(scratchFolder(), 'data')
  const servers = [await startServer(dataFolder), await startServer(dataFolder)]
  const operator = await join(servers[0].address, servers[1].setupLink ?? servers[0].setupLink!, {
    email: 'o@instance.example',
    name: 'O',
  })
  const agencyId = await newAgency(operator, 'Agency')
  const curator = await newAccount(operator, agencyId, 'Curator', ['curator'])
  const store = await openStore({ dataFolder, operatorKey: undefined })
  onTestFinished(() => store.close())
  const collectionId = await filledCollection(store, curator, 'To be emptied')

  const { id } = await empty(curator, collectionId)
  await expect.poll(async () => (await jobOf(curator, id)).done, untilBegun).toBeGreaterThan(0)
  const { leased_by: holder } = await store.db
    .selectFrom('job')
    .select('leased_by')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const atWork = servers.find(({ child }) => holder!.split('/')[1] === String(child.pid))!
  await atWork.kill()
  const survivor = newClient(servers.find((server) => server !== atWork)!.address)
  for (const [name, value] of curator.client.cookies) survivor.cookies.set(name, value)

  await expect.poll(async () => (await jobOf({ client: survivor }, id)).state, untilEnded).toBe('done')
  expect(await jobOf({ client: survivor }, id)).toMatchObject({ done: PHOTOS, media: PHOTOS, faces: FACES })
  expect(await photosOf(store, collectionId)).toBe(0)
  const tombstones = await store.db.selectFrom('tombstone').select('media_count').execute()
  expect(tombstones.reduce((sum, { media_count: count }) => sum + count, 0)).toBe(PHOTOS)
}, 180_000)

let service: TestService
let operator: TestAccount
let agencyId: string
let curator: TestAccount

beforeAll(async () => {
  service = await startTestService()
  operator = await setUp(service)
  agencyId = await newAgency(operator, 'Kyiv bureau')
  curator = await newAccount(operator, agencyId, 'Cora Curator', ['curator'])
}, 60_000)
afterAll(() => service.remove(), 60_000)

test('a job that is cancelled ends; asked for again, it takes the rest', async () => {
  const { store } = service.ctx
  const collectionId = await filledCollection(store, curator, 'Cancelled')
  const first = await empty(curator, collectionId)
  await expect(empty(curator, collectionId)).rejects.toMatchObject({ code: 'conflict' })
  await expect.poll(async () => (await jobOf(curator, first.id)).done, untilBegun).toBeGreaterThan(0)
  const cancelled = await curator.client.call('cancelJob', { params: { id: first.id }, body: {} })
  expect(cancelled).toMatchObject({ state: 'cancelled', cancelledBy: 'Cora Curator' })
  const left = await photosOf(store, collectionId)
  expect(left).toBe(PHOTOS - cancelled.media)
  expect(left).toBeGreaterThan(0)
  const second = await empty(curator, collectionId)
  await expect.poll(async () => (await jobOf(curator, second.id)).state, untilEnded).toBe('done')
  expect(await jobOf(curator, second.id)).toMatchObject({ total: left, media: left })
}, 120_000)

test('a legal hold, and a suspension of who asked for it, end a job', async () => {
  const { store } = service.ctx
  const supervisor = await newAccount(operator, agencyId, 'Sofia', ['supervisor'])
  const held = await filledCollection(store, curator, 'Held')
  const job = await empty(curator, held)
  await expect.poll(async () => (await jobOf(curator, job.id)).done, untilBegun).toBeGreaterThan(0)
  const hold = await supervisor.client.call('imposeHold', {
    params: { id: held },
    body: { reason: 'Court order 9' },
  })
  const left = await photosOf(store, held)
  await expect.poll(async () => (await jobOf(curator, job.id)).state, untilEnded).toBe('failed')
  expect(await jobOf(curator, job.id)).toMatchObject({ errorCode: 'conflict' })
  expect(await photosOf(store, held)).toBe(left)
  await expect(empty(curator, held)).rejects.toMatchObject({ code: 'conflict' })

  await supervisor.client.call('liftHold', { params: { id: hold.id }, body: { reason: 'The case is over' } })
  const other = await newAccount(operator, agencyId, 'Carl Curator', ['curator'])
  const second = await empty(other, held)
  await expect.poll(async () => (await jobOf(curator, second.id)).done, untilBegun).toBeGreaterThan(0)
  await operator.client.call('suspend', {
    body: { kind: 'account', targetId: other.accountId, reason: 'lost' },
  })
  await expect
    .poll(async () => (await jobOf(curator, second.id)).state, { timeout: CUT_OFF_WITHIN_MS, interval: 50 })
    .toBe('failed')
  expect(await jobOf(curator, second.id)).toMatchObject({ errorCode: 'cut_off' })
  expect(await photosOf(store, held)).toBeGreaterThan(0)
}, 180_000)
