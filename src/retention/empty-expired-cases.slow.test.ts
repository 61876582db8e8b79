import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import { filesBelow } from '../../test/support/scratch-folder.ts'
import {
  newAccount,
  newAgency,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../../test/support/test-service.ts'
import { localOperator } from '../actor/actor.ts'
import { runRetention } from './run-retention.ts'

let service: TestService
let supervisor: TestAccount
let photo: Buffer
const job = localOperator('retention job')

beforeAll(async () => {
  service = await startTestService()
  const operator = await setUp(service)
  const agencyId = await newAgency(operator, 'Agency')
  supervisor = await newAccount(operator, agencyId, 'Supervisor', ['supervisor', 'examiner'])
  photo = await sharp(readFileSync(groupPhoto(1)))
    .modulate({ brightness: 1.05 })
    .jpeg()
    .toBuffer()
}, 120_000)
afterAll(() => service.remove())

/** A case with a probe and a search, whose date has passed. */
async function pastCase(number: string) {
  const { client } = supervisor
  const { id } = await client.call('createCase', {
    body: { number, title: 'Ivan Bondar', purpose: 'training', legalBasis: 'test' },
  })
  const params = { id }
  const probe = await client.call('addProbe', { params, query: { label: 'ivan.jpg' }, body: photo })
  const search = await client.call('searchInCase', { params, body: { faces: [probe.faces[0].id] } })
  await client.call('changeCase', { params, body: { retentionUntil: '2020-01-01' } })
  return { id, probe, search }
}

function retention() {
  return runRetention(service.ctx, job, { dryRun: false })
}

test('a case past its date loses photos, templates, labels and title, and stays closed; its searches stay', async () => {
  const { client } = supervisor
  const { id, probe, search } = await pastCase('2020/1')
  const { vector } = await service.ctx.store.db
    .selectFrom('probe_face')
    .select('vector')
    .where('id', '=', probe.faces[0].id)
    .executeTakeFirstOrThrow()
  const held = await client.call('imposeCaseHold', { params: { id }, body: { reason: 'a trial' } })
  expect((await retention()).cases).toMatchObject([{ number: '2020/1', held: true, probes: 1 }])
  expect((await client.call('showCase', { params: { id } })).title).toBe('Ivan Bondar')

  await client.call('liftCaseHold', { params: { id: held.id }, body: { reason: 'over' } })
  expect((await retention()).cases).toMatchObject([{ number: '2020/1', held: false }])
  expect((await retention()).cases).toEqual([])
  expect(await client.call('showCase', { params: { id } })).toMatchObject({
    title: '2020/1',
    status: 'closed',
  })
  await expect(client.call('showProbePicture', { params: { id: probe.id } })).rejects.toMatchObject({
    code: 'not_found',
  })
  expect((await client.call('showSearch', { params: { id: search.id } })).listSha256).toBe(search.listSha256)
  for (const body of [{ status: 'open' as const }, { retentionUntil: null }]) {
    await expect(client.call('changeCase', { params: { id }, body })).rejects.toMatchObject({
      code: 'conflict',
    })
  }
  const traces = [photo.subarray(5000, 5064), Buffer.from('ivan.jpg'), Buffer.from(vector).subarray(400, 464)]
  await service.ctx.store.record.checkpointNow()
  const found = filesBelow(service.dataFolder).flatMap(({ file, bytes }) =>
    traces.flatMap((trace, at) => (bytes.includes(trace) ? [`${file}: ${at}`] : [])),
  )
  expect(found).toEqual([])
  const tombstones = await service.ctx.store.db.selectFrom('tombstone').selectAll().execute()
  expect(tombstones).toMatchObject([{ kind: 'retention', media_count: 1 }])
})

test('the same photo in another case stays there', async () => {
  const gone = await pastCase('2020/2')
  const { id } = await supervisor.client.call('createCase', {
    body: { number: '2026/1', title: 'Another', purpose: 'training', legalBasis: 'test' },
  })
  const kept = await supervisor.client.call('addProbe', { params: { id }, body: photo })
  await retention()
  expect(await service.ctx.store.vault.has(kept.sha256)).toBe(true)
  await expect(
    supervisor.client.call('showProbePicture', { params: { id: gone.probe.id } }),
  ).rejects.toMatchObject({ code: 'not_found' })
  await supervisor.client.call('showProbePicture', { params: { id: kept.id } })
})
