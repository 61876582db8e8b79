import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  newAccount,
  newAgency,
  newClient,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../../test/support/test-service.ts'
import { groupPhoto, sampleFolder } from '../../scripts/sample-photos.ts'
import { localOperator } from '../actor/actor.ts'
import { runImport } from '../imports/run-import.ts'
import { listItems, startImport } from '../imports/start-import.ts'
import { eraseMedia } from '../erasure/erase-media.ts'

/** The fair-haired person at the right of sample1 is in others of the group photos too. */
const probePhoto = readFileSync(groupPhoto(1))
const PROBE_FACE = 2

let service: TestService
let operator: TestAccount
let examiner: TestAccount
let curator: TestAccount
let agencyId: string
let collectionId: string
let caseId: string
let faceId: string
let probeId: string

beforeAll(async () => {
  service = await startTestService()
  operator = await setUp(service)
  agencyId = await newAgency(operator, 'Kyiv bureau')
  curator = await newAccount(operator, agencyId, 'Cora Curator', ['curator'])
  examiner = await newAccount(operator, agencyId, 'Eva Examiner', ['examiner'])
  const collection = await curator.client.call('createCollection', {
    body: { title: 'Groups', lawfulBasis: 'test', sensitivity: 'sensitive' },
  })
  collectionId = collection.id
  const { id } = await startImport(service.ctx, localOperator('importer'), {
    source: sampleFolder('groups'),
    collection: collectionId,
  })
  await listItems(service.ctx, id, () => undefined)
  await runImport(service.ctx, localOperator('importer'), { importId: id })
  const opened = await examiner.client.call('createCase', {
    body: {
      number: '2022/7',
      title: 'The person at the right',
      purpose: 'find_missing_person',
      legalBasis: 'Order 12',
    },
  })
  caseId = opened.id
  const probe = await examiner.client.call('addProbe', {
    params: { id: caseId },
    query: { label: 'from the family' },
    body: probePhoto,
  })
  probeId = probe.id
  faceId = probe.faces[PROBE_FACE].id
}, 120_000)
afterAll(() => service.remove())

describe('a probe', () => {
  test('is kept as it came, with its faces', async () => {
    const probe = await examiner.client.call('showProbe', { params: { id: probeId } })
    expect(probe).toMatchObject({ sha256: hash('sha256', probePhoto), label: 'from the family', steps: [] })
    expect(probe.faces.length).toBeGreaterThan(2)
    expect(Buffer.from(await service.ctx.store.vault.read(probe.sha256))).toEqual(probePhoto)
  })

  test('made clearer by steps says how, and the steps give the same pixels again', async () => {
    const steps = [
      { kind: 'rotate' as const, degrees: 7.5 },
      { kind: 'crop' as const, x: 100, y: 50, width: 1600, height: 1000 },
      { kind: 'exposure' as const, stops: 0.7 },
      { kind: 'contrast' as const, factor: 1.2 },
      { kind: 'sharpen' as const, sigma: 1 },
    ]
    const make = () => examiner.client.call('deriveProbe', { params: { id: probeId }, body: { steps } })
    const first = await make()
    expect(first).toMatchObject({ parentId: probeId, steps, widthPx: 1600, heightPx: 1000 })
    expect(first.faces.length).toBeGreaterThan(0)
    expect((await make()).pixelsSha256).toBe(first.pixelsSha256)
    const further = { steps: [{ kind: 'exposure' as const, stops: -0.7 }] }
    const next = await examiner.client.call('deriveProbe', { params: { id: first.id }, body: further })
    expect(next.steps).toHaveLength(6)
    expect(next.pixelsSha256).not.toBe(first.pixelsSha256)
  })

  test('can have a face marked by hand, which searches like any other', async () => {
    const { faces } = await examiner.client.call('showProbe', { params: { id: probeId } })
    const points = faces[PROBE_FACE].fivePoints
    const marked = await examiner.client.call('deriveProbe', { params: { id: probeId }, body: { points } })
    expect(marked.faces).toMatchObject([{ origin: 'examiner' }])
    const found = await examiner.client.call('searchInCase', {
      params: { id: caseId },
      body: { faces: [marked.faces[0].id, faceId] },
    })
    expect(found.candidateCount).toBeGreaterThan(0)
    expect(found.probeAgreement).toBeGreaterThan(0.6)
  })

  test('that is no photo is refused and not kept', async () => {
    const add = examiner.client.call('addProbe', { params: { id: caseId }, body: Buffer.from('not a photo') })
    await expect(add).rejects.toMatchObject({ status: 422, code: 'unreadable_input' })
    const outside = { steps: [{ kind: 'crop' as const, x: 0, y: 0, width: 90_000, height: 20 }] }
    const crop = examiner.client.call('deriveProbe', { params: { id: probeId }, body: outside })
    await expect(crop).rejects.toMatchObject({ status: 422 })
  })
})

describe('a search', () => {
  test('names person, agency, case and purpose, and finds the person elsewhere', async () => {
    const found = await examiner.client.call('searchInCase', {
      params: { id: caseId },
      body: { faces: [faceId] },
    })
    expect(found).toMatchObject({
      searchedBy: 'Eva Examiner',
      caseId,
      purpose: 'find_missing_person',
      legalBasis: 'Order 12',
      collections: [{ id: collectionId, title: 'Groups' }],
      more: false,
    })
    expect(found.candidates[0]).toMatchObject({ rank: 1, media: { sensitive: true } })
    expect(found.candidates[0].similarity).toBeGreaterThan(found.threshold)
    const auditor = await newAccount(operator, agencyId, 'Aud Itor', ['auditor'])
    const { items } = await auditor.client.call('readAudit', { query: { action: 'search.run', caseId } })
    expect(items[0]).toMatchObject({
      actor: 'Eva Examiner',
      agencyId,
      purpose: 'find_missing_person',
      outcome: 'done',
      details: { candidates: found.candidateCount, list: found.listSha256 },
    })
  })

  test('stays as it was found; running it again is another one', async () => {
    const body = { faces: [faceId], limit: 5 }
    const first = await examiner.client.call('searchInCase', { params: { id: caseId }, body })
    const again = await examiner.client.call('searchInCase', { params: { id: caseId }, body })
    expect(again.id).not.toBe(first.id)
    expect(again.listSha256).toBe(first.listSha256)
    const { db } = service.ctx.store
    await expect(db.updateTable('candidate').set({ rank: 9 }).execute()).rejects.toThrow('never change')
    await expect(db.deleteFrom('candidate').execute()).rejects.toThrow('never change')
    await expect(db.updateTable('search').set({ more: 1 }).execute()).rejects.toThrow('never change')
    expect(await examiner.client.call('showSearch', { params: { id: first.id } })).toEqual(first)
  })

  test('with the same Idempotency-Key is done once', async () => {
    const input = { params: { id: caseId }, body: { faces: [faceId] }, idempotencyKey: 'search-key-1' }
    const first = await examiner.client.call('searchInCase', input)
    expect((await examiner.client.call('searchInCase', input)).id).toBe(first.id)
    const other = { ...input, body: { faces: [faceId], limit: 3 } }
    await expect(examiner.client.call('searchInCase', other)).rejects.toMatchObject({ status: 409 })
  })

  test('shows sensitive pictures blurred unless revealed, and writes both down', async () => {
    const found = await examiner.client.call('searchInCase', {
      params: { id: caseId },
      body: { faces: [faceId] },
    })
    const picture = async (reveal: 'yes' | 'no') => {
      const params = { id: found.id, rank: '1' as never }
      const response = await examiner.client.call('showCandidatePicture', { params, query: { reveal } })
      expect(response.headers.get('content-type')).toBe('image/jpeg')
      expect(response.headers.get('cache-control')).toBe('no-store')
      return Buffer.from(await response.arrayBuffer())
    }
    const [blurred, clear] = [await picture('no'), await picture('yes')]
    // A blurred picture holds far less.
    expect(blurred.byteLength).toBeLessThan(clear.byteLength / 2)
    const rows = await service.ctx.store.db
      .selectFrom('audit_event')
      .select('action')
      .where('action', 'in', ['face.look', 'face.reveal'])
      .orderBy('seq', 'desc')
      .limit(2)
      .execute()
    expect(rows.map(({ action }) => action)).toEqual(['face.reveal', 'face.look'])
  })

  test('of one agency sees nothing of another until it is granted, and no more when the grant ends', async () => {
    const otherId = await newAgency(operator, 'Odesa bureau')
    const other = await newAccount(operator, otherId, 'Olha Other', ['examiner', 'supervisor'])
    const theirs = await other.client.call('createCase', {
      body: { number: '1', title: 'Theirs', purpose: 'identify_the_dead', legalBasis: 'Order 13' },
    })
    const { faces } = await other.client.call('addProbe', { params: { id: theirs.id }, body: probePhoto })
    const run = () =>
      other.client.call('searchInCase', {
        params: { id: theirs.id },
        body: { faces: [faces[PROBE_FACE].id] },
      })
    expect(await run()).toMatchObject({ candidateCount: 0, facesSearched: 0, collections: [] })
    const grant = { params: { id: collectionId, agencyId: otherId } }
    await curator.client.call('grantCollection', grant)
    const granted = await run()
    expect(granted.candidates[0].media).not.toBeNull()
    await curator.client.call('revokeCollection', grant)
    expect(await run()).toMatchObject({ candidateCount: 0 })
    const after = await other.client.call('showSearch', { params: { id: granted.id } })
    expect(after.candidateCount).toBe(granted.candidateCount)
    expect(after.candidates[0]).toMatchObject({ face: null, media: null })
    const picture = { params: { id: granted.id, rank: '1' as never } }
    await expect(other.client.call('showCandidatePicture', picture)).rejects.toMatchObject({ status: 404 })
    const foreign = other.client.call('searchInCase', {
      params: { id: theirs.id },
      body: { faces: [faceId] },
    })
    await expect(foreign).rejects.toMatchObject({ status: 404 })
  })

  test('in a closed case, or without the right, is refused', async () => {
    const closed = await examiner.client.call('createCase', {
      body: { number: '2022/8', title: 'Closed', purpose: 'training', legalBasis: 'none' },
    })
    await examiner.client.call('changeCase', { params: { id: closed.id }, body: { status: 'closed' } })
    const search = { params: { id: closed.id }, body: { faces: [faceId] } }
    await expect(examiner.client.call('searchInCase', search)).rejects.toMatchObject({ status: 409 })
    const officer = await newAccount(operator, agencyId, 'Fay Field', ['field_officer'])
    await expect(
      officer.client.call('searchInCase', { params: { id: caseId }, body: { faces: [faceId] } }),
    ).rejects.toMatchObject({ status: 403 })
    const { key } = await examiner.client.call('createApiKey', {
      body: { name: 'other case', scopes: ['search.run', 'case.read'], caseId: closed.id, days: 1 },
    })
    const program = newClient(service.address, key)
    await expect(
      program.call('searchInCase', { params: { id: caseId }, body: { faces: [faceId] } }),
    ).rejects.toMatchObject({ status: 404 })
  })
})

test('1:1 verification says how alike two faces are and what that stands for', async () => {
  const { faces } = await examiner.client.call('showProbe', { params: { id: probeId } })
  const compare = (faceA: string, faceB: string) =>
    examiner.client.call('compareFaces', { params: { id: caseId }, body: { faceA, faceB } })
  const same = await compare(faceId, faceId)
  expect(same.similarity).toBeCloseTo(1, 4)
  expect(same.isAlike).toBe(true)
  expect(await compare(faces[0].id, faceId)).toMatchObject({ isAlike: false })
})

test('what was erased stays in the list as erased, and a probe with the same bytes keeps its original', async () => {
  const found = await examiner.client.call('searchInCase', {
    params: { id: caseId },
    body: { faces: [faceId] },
  })
  const media = [hash('sha256', probePhoto), found.candidates[0].media!.sha256]
  await eraseMedia(service.ctx, localOperator('eraser'), {
    target: { kind: 'media', media },
    reason: 'test',
    dryRun: false,
  })
  const after = await examiner.client.call('showSearch', { params: { id: found.id } })
  expect(after.candidates[0]).toMatchObject({ rank: 1, face: null, media: null })
  expect(after.listSha256).toBe(found.listSha256)
  const picture = await examiner.client.call('showProbePicture', {
    params: { id: probeId },
    query: { side: 200 },
  })
  expect((await picture.arrayBuffer()).byteLength).toBeGreaterThan(1000)
})

describe('oversight', () => {
  const period = { since: '2022-01-01T00:00:00Z', until: '2999-01-01T00:00:00Z' }

  test('draws a random sample of searches, never twice, never the own, and findings stay', async () => {
    const sofia = await newAccount(operator, agencyId, 'Sofia Supervisor', ['supervisor'])
    const { items: all } = await sofia.client.call('listSearches', {
      params: { id: caseId },
      query: { limit: 200 },
    })
    expect(all.length).toBeGreaterThan(2)
    const own = await sofia.client.call('searchInCase', { params: { id: caseId }, body: { faces: [faceId] } })
    const half = await sofia.client.call('drawSearches', { body: { ...period, share: 0.5 } })
    expect(half).toHaveLength(Math.ceil(all.length / 2))
    const rest = await sofia.client.call('drawSearches', { body: { ...period, share: 1 } })
    const drawn = [...half, ...rest].map(({ searchId }) => searchId)
    expect(new Set(drawn)).toEqual(new Set(all.map(({ id }) => id)))
    expect(drawn).toHaveLength(all.length)
    expect(drawn).not.toContain(own.id)
    const params = { id: half[0].id }
    const finding = { finding: 'not_in_order' as const, note: 'No order is on file.' }
    const settled = await sofia.client.call('settleReview', { params, body: finding })
    expect(settled).toMatchObject({ ...finding, reviewedBy: 'Sofia Supervisor' })
    const again = sofia.client.call('settleReview', { params, body: { finding: 'in_order', note: 'x' } })
    await expect(again).rejects.toMatchObject({ status: 409 })
    const open = await sofia.client.call('listReviews', { query: { state: 'open', limit: 200 } })
    expect(open.items).toHaveLength(all.length - 1)
  })

  test('counts searches by month, agency and purpose, and names nobody', async () => {
    const auditor = await newAccount(operator, agencyId, 'Anna Auditor', ['auditor'])
    const { searches, acts } = await auditor.client.call('readStatistics', { query: period })
    const rows = await service.ctx.store.db
      .selectFrom('search')
      .select('candidate_count')
      .where('agency_id', '=', agencyId)
      .execute()
    expect(searches).toEqual([
      {
        month: new Date().toISOString().slice(0, 7),
        agency: 'Kyiv bureau',
        purpose: 'find_missing_person',
        withCandidates: rows.filter(({ candidate_count: count }) => count > 0).length,
        withoutCandidate: rows.filter(({ candidate_count: count }) => count === 0).length,
      },
    ])
    expect(acts.map(({ action }) => action)).toContain('review.find')
    expect(JSON.stringify({ searches, acts })).not.toMatch(/Eva|Sofia|2022\/7/)
  })
})
