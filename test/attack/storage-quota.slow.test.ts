import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupPhoto, portrait } from '../../scripts/sample-photos.ts'
import { ApiProblem } from '../../src/contract/client/api-client.ts'
import { checkLists } from '../../src/doctor/check-lists.ts'
import { freePort } from '../support/server-process.ts'
import {
  newAccount,
  newAgency,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../support/test-service.ts'

// One agency fills the disk for all the others.

const FIRST = readFileSync(groupPhoto(1))
const SECOND = readFileSync(groupPhoto(2))
const PROBE = readFileSync(portrait('audrey.jpg'))
/** The first photo and the probe fit, nothing beside them. */
const QUOTA_BYTES = FIRST.byteLength + PROBE.byteLength

let service: TestService
let metricsPort: number
let operator: TestAccount
let agencyId: string
let curator: TestAccount
let examiner: TestAccount
let collectionId: string
let importId: string

beforeAll(async () => {
  metricsPort = await freePort()
  service = await startTestService({ agencyQuotaGb: QUOTA_BYTES / 1024 ** 3, metricsPort })
  operator = await setUp(service)
  agencyId = await newAgency(operator, 'Kyiv bureau')
  curator = await newAccount(operator, agencyId, 'Cora Curator', ['curator'])
  examiner = await newAccount(operator, agencyId, 'Eva Examiner', ['examiner'])
  const made = await begin(curator)
  collectionId = made.collectionId
  importId = made.importId
}, 120_000)
afterAll(() => service.remove())

async function begin({ client }: TestAccount): Promise<{ collectionId: string; importId: string }> {
  const { id } = await client.call('createCollection', {
    body: { title: 'Posts', lawfulBasis: 'test', sensitivity: 'ordinary' },
  })
  const started = await client.call('startImport', { params: { id }, body: {} })
  return { collectionId: id, importId: started.id }
}
async function problem(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.catch((reason: unknown) => reason)
  return error instanceof ApiProblem ? `${error.status} ${error.code}` : 'it was done'
}
const sendTo = ({ client }: TestAccount, id: string, name: string, body: Buffer) =>
  client.call('importFile', { params: { id }, query: { name }, body })
const announce = (name: string, byteLength: number) =>
  curator.client.call('beginUpload', { params: { id: importId }, body: { name, byteLength } })
async function bytesHeld(): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  return Number(new RegExp(`likeness_agency_bytes\\{agency="${agencyId}"\\} (\\d+)`).exec(text)?.[1])
}

test('an agency keeps as many bytes as the operator allows, whichever way they come, and no other agency is concerned', async () => {
  expect(await bytesHeld()).toBe(0)
  const taken = await sendTo(curator, importId, 'first.jpg', FIRST)
  expect(taken.state).toBe('done')
  const { id: caseId } = await examiner.client.call('createCase', {
    body: { number: 'Q-1', title: 'Quota', purpose: 'find_missing_person', legalBasis: 'Order 5' },
  })
  const addProbe = () => examiner.client.call('addProbe', { params: { id: caseId }, query: {}, body: PROBE })
  const { id: personId } = await examiner.client.call('createPerson', {
    body: { status: 'missing', names: [{ kind: 'main', family: 'Петренко', given: 'Іван' }] },
  })
  const addPhoto = () =>
    examiner.client.call('addPersonPhoto', { params: { id: personId }, query: {}, body: PROBE })

  // What is on its way counts from its announcement, before a byte of it has come.
  const upload = await announce('video.mp4', PROBE.byteLength)
  expect(await bytesHeld()).toBe(QUOTA_BYTES)
  const refused = '413 quota_reached'
  expect(await problem(announce('more.mp4', 1))).toBe(refused)
  expect(await problem(sendTo(curator, importId, 'second.jpg', SECOND))).toBe(refused)
  expect(await problem(addProbe())).toBe(refused)
  expect(await problem(addPhoto())).toBe(refused)
  expect(await bytesHeld()).toBe(QUOTA_BYTES)
  // The same file again is the same file.
  expect((await announce('video.mp4', PROBE.byteLength)).id).toBe(upload.id)
  expect((await sendTo(curator, importId, 'first.jpg', FIRST)).state).toBe('done')

  const elsewhere = await newAccount(operator, await newAgency(operator, 'Lviv bureau'), 'Lev', ['curator'])
  const other = await begin(elsewhere)
  expect((await sendTo(elsewhere, other.importId, 'first.jpg', FIRST)).state).not.toBe('failed')

  // Taken back and erased, it makes room.
  await announce('video.mp4', 1)
  expect(await problem(addPhoto())).toBe(refused)
  await curator.client.call('eraseFromCollection', {
    params: { id: collectionId },
    body: { media: [taken.mediaId!], reason: 'No longer needed' },
  })
  expect(await bytesHeld()).toBe(1)
  await addProbe()
  await addPhoto()
  expect(await bytesHeld()).toBe(1 + 2 * PROBE.byteLength)
  expect(await checkLists(service.ctx.store, false)).toEqual([])
}, 120_000)
