import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { groupPhoto, sampleFolder } from '../../scripts/sample-photos.ts'
import {
  newAccount,
  newAgency,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../../test/support/test-service.ts'
import { localOperator } from '../actor/actor.ts'
import { runImport } from '../imports/run-import.ts'
import { listItems, startImport } from '../imports/start-import.ts'
import type { CallReply } from '../contract/client/api-client.ts'

const PROBE_FACE = 2

let service: TestService
let operator: TestAccount
let agencyId: string
let examiner: TestAccount
let colleague: TestAccount
let curator: TestAccount
let collectionId: string
let caseId: string
let search: CallReply<'searchInCase'>

beforeAll(async () => {
  service = await startTestService()
  operator = await setUp(service)
  agencyId = await newAgency(operator, 'Kyiv bureau')
  curator = await newAccount(operator, agencyId, 'Cora Curator', ['curator'])
  examiner = await newAccount(operator, agencyId, 'Eva Examiner', ['examiner'])
  colleague = await newAccount(operator, agencyId, 'Oleh Examiner', ['examiner'])
  ;({ id: collectionId } = await curator.client.call('createCollection', {
    body: { title: 'Groups', lawfulBasis: 'test', sensitivity: 'ordinary' },
  }))
  const importer = localOperator('importer')
  const { id } = await startImport(service.ctx, importer, {
    source: sampleFolder('groups'),
    collection: collectionId,
  })
  await listItems(service.ctx, id, () => undefined)
  await runImport(service.ctx, importer, { importId: id })
  ;({ id: caseId } = await examiner.client.call('createCase', {
    body: { number: '1', title: 'A case', purpose: 'training', legalBasis: 'test' },
  }))
  await examiner.client.call('addToCase', {
    params: { id: caseId },
    body: { accountId: colleague.accountId },
  })
  const photo = readFileSync(groupPhoto(1))
  const probe = await examiner.client.call('addProbe', { params: { id: caseId }, body: photo })
  search = await examiner.client.call('searchInCase', {
    params: { id: caseId },
    body: { faces: [probe.faces[PROBE_FACE].id], limit: 20 },
  })
}, 120_000)
afterAll(() => service.remove())

const at = (rank: number): { id: string; rank: string } => ({ id: search.id, rank: String(rank) })
const arrow = { kind: 'arrow' as const, from: { x: 10, y: 10 }, to: { x: 50.5, y: 60 } }

describe('marks', () => {
  test('a search waits until somebody marks a candidate; others see who marked it', async () => {
    const params = { id: search.id }
    const waiting = await colleague.client.call('listWaitingSearches', {})
    expect(waiting.items).toMatchObject([{ id: search.id, caseTitle: 'A case' }])
    await examiner.client.call('markCandidate', { params: at(1), body: { mark: 'rejected' } })
    expect(await colleague.client.call('listMarks', { params })).toMatchObject([
      { rank: 1, mark: 'rejected', markedBy: 'Eva Examiner' },
    ])
    expect((await colleague.client.call('listWaitingSearches', {})).items).toEqual([])
    await colleague.client.call('markCandidate', { params: at(1), body: { mark: 'later' } })
    expect(await examiner.client.call('listMarks', { params })).toMatchObject([
      { rank: 1, mark: 'later', markedBy: 'Oleh Examiner' },
    ])
    await colleague.client.call('markCandidate', { params: at(1), body: { mark: null } })
    expect(await examiner.client.call('listMarks', { params })).toEqual([])
  })

  test('the timeline says what was done, newest first', async () => {
    const { items } = await examiner.client.call('showTimeline', { params: { id: caseId } })
    expect(items[0]).toMatchObject({
      action: 'candidate.mark',
      actor: 'Oleh Examiner',
      details: { rank: 1, mark: null, before: 'later' },
    })
    expect(items.at(-1)).toMatchObject({ action: 'case.create', actor: 'Eva Examiner' })
    expect(items.map(({ action }) => action)).not.toContain('search.look')
    const liaison = await newAccount(operator, agencyId, 'Lev Liaison', ['liaison'])
    await examiner.client.call('addToCase', {
      params: { id: caseId },
      body: { accountId: liaison.accountId },
    })
    const seen = await liaison.client.call('showTimeline', { params: { id: caseId } })
    expect(seen.items.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['case.create', 'probe.add']),
    )
    expect(seen.items.some(({ action }) => /^(search|candidate)\./.test(action))).toBe(false)
  })

  test('a candidate that is not there cannot be marked', async () => {
    const absent = examiner.client.call('markCandidate', { params: at(900), body: { mark: 'later' } })
    await expect(absent).rejects.toMatchObject({ status: 404 })
  })
})

describe('faces below the threshold', () => {
  test('are kept apart from the candidates, with ranks that go on', async () => {
    const again = await examiner.client.call('showSearch', { params: { id: search.id } })
    expect(again.candidateCount).toBe(again.candidates.length)
    expect(again.below.length).toBeGreaterThan(0)
    expect(again.candidates.every(({ similarity }) => similarity >= search.threshold)).toBe(true)
    expect(again.below.every(({ similarity }) => similarity < search.threshold)).toBe(true)
    expect([...again.candidates, ...again.below].map(({ rank }) => rank)).toEqual(
      Array.from({ length: again.candidates.length + again.below.length }, (_, index) => index + 1),
    )
    const picture = await examiner.client.send('showCandidatePicture', {
      params: at(again.below[0].rank),
    })
    expect(picture.status).toBe(200)
  })
})

describe('notes on pictures', () => {
  test('are seen by others, and taken away by whoever drew them', async () => {
    const note = await examiner.client.call('addNote', {
      params: at(2),
      body: { shape: arrow, words: ' a scar ' },
    })
    const onProbe = await colleague.client.call('addNote', {
      params: at(2),
      body: {
        probeFaceId: search.faces[0],
        shape: {
          kind: 'line',
          points: [
            { x: 1, y: 1 },
            { x: 2, y: 2 },
          ],
        },
        words: '',
      },
    })
    expect(await colleague.client.call('listNotes', { params: at(2) })).toMatchObject([
      { id: note.id, picture: 'candidate', shape: arrow, words: 'a scar', notedBy: 'Eva Examiner' },
      { id: onProbe.id, picture: 'probe', probeFaceId: search.faces[0] },
    ])
    const foreign = colleague.client.call('removeNote', { params: { ...at(2), noteId: note.id } })
    await expect(foreign).rejects.toMatchObject({ status: 403 })
    await colleague.client.call('removeNote', { params: { ...at(2), noteId: onProbe.id } })
    expect(await examiner.client.call('listNotes', { params: at(2) })).toHaveLength(1)
  })

  test('go with the photo when it is erased', async () => {
    const { mediaId } = search.candidates[1] ?? search.below[0]
    const { faces } = await curator.client.call('eraseFromCollection', {
      params: { id: collectionId },
      body: { media: [mediaId], reason: 'asked for' },
    })
    expect(faces).toBeGreaterThan(0)
    expect(await examiner.client.call('listNotes', { params: at(2) })).toEqual([])
  })

  test('and marks of a closed case stay as they are', async () => {
    await examiner.client.call('changeCase', { params: { id: caseId }, body: { status: 'closed' } })
    const mark = examiner.client.call('markCandidate', { params: at(1), body: { mark: 'later' } })
    await expect(mark).rejects.toMatchObject({ status: 409 })
    const note = examiner.client.call('addNote', { params: at(1), body: { shape: arrow, words: '' } })
    await expect(note).rejects.toMatchObject({ status: 409 })
  })
})
