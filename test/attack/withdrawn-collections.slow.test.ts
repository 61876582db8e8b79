import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import type { Endpoint } from '../../src/contract/endpoint.ts'
import { endpoints, type EndpointName } from '../../src/contract/endpoints.ts'
import { startExaminedBureau, type ExaminedBureau } from '../support/examined-bureau.ts'
import { newAccount, newAgency, signIn, type TestAccount } from '../support/test-service.ts'

// What another agency still sees of a collection once the grant has ended, or the agency that gave it is cut off.

const TITLE = 'Group photos of the brigade'
let bureau: ExaminedBureau
let guest: TestAccount
let guestAgency: string
let curator: TestAccount
let reportId: string
/** Of the agency that holds the collection, in the case that is open to the guest. */
let hostSearchId: string

beforeAll(async () => {
  bureau = await startExaminedBureau()
  const { operator, agencyId, supervisor, caseId, identificationId } = bureau
  curator = await newAccount(operator, agencyId, 'Second Curator', ['curator'])
  guestAgency = await newAgency(operator, 'Lviv bureau')
  guest = await newAccount(operator, guestAgency, 'Lida Guest', ['examiner', 'supervisor'])
  await supervisor.client.call('addToCase', { params: { id: caseId }, body: { agencyId: guestAgency } })
  const made = await bureau.examiner.client.call('makeReport', {
    params: { id: identificationId },
    body: { language: 'en', recipientKind: 'other_agency', recipient: 'Lviv bureau' },
  })
  reportId = made.id
  const { items } = await bureau.examiner.client.call('listSearches', { params: { id: caseId } })
  hostSearchId = items[0].id
}, 240_000)
afterAll(() => bureau.service.remove())

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
}

/** Ids to ask about, by what addresses begin with. */
type Known = Record<string, readonly string[]>

/** Operations that answer with the collection's title, of all that only read. */
async function answersNaming(reader: TestAccount, known: Known): Promise<EndpointName[]> {
  const naming = new Set<EndpointName>()
  for (const [name, { method, access, path, stream }] of Object.entries(endpoints) as [
    EndpointName,
    Endpoint,
  ][]) {
    if (method !== 'GET' || access === 'public' || stream === 'text/event-stream') continue
    const ids = path.includes(':') ? (known[path.split('/')[1]] ?? []) : ['']
    for (const id of ids) {
      const answer = await reader.client.send(name, { params: { id, rank: 1 } })
      expect(answer.status, name).not.toBe(429)
      if ((await answer.text()).includes(TITLE)) naming.add(name)
    }
  }
  return [...naming]
}

interface ReadReport {
  report: {
    material: { candidate: { sha256: string; collections: string[]; sources: object[] } | null }
    search: { collections: { title: string | null }[]; candidates: { mediaSha256: string | null }[] }
  }
}

async function readReport(): Promise<{ report: ReadReport['report']; text: string }> {
  const text = await (await guest.client.call('readReportJson', { params: { id: reportId } })).text()
  return { report: (JSON.parse(text) as ReadReport).report, text }
}

/** @param original SHA-256 of the candidate's photo */
async function expectReportWithout(original: string): Promise<void> {
  const { report, text } = await readReport()
  expect(text).not.toContain(TITLE)
  expect(text).not.toContain(original)
  expect(report.material.candidate).toBeNull()
  expect(report.search.collections).toEqual([{ id: null, title: null }])
  expect(report.search.candidates.length).toBeGreaterThan(0)
  expect(report.search.candidates.every(({ mediaSha256 }) => mediaSha256 === null)).toBe(true)
}

test('a report says of a collection what its reader may see at that moment; a person, a search and a list of collections too', async () => {
  const { operator, agencyId, collectionId, examiner } = bureau
  const own = await examiner.client.call('readReportJson', { params: { id: reportId } })
  const original = ((await own.json()) as ReadReport).report.material.candidate!.sha256
  await expectReportWithout(original)

  const grant = { params: { id: collectionId, agencyId: guestAgency } }
  await curator.client.call('grantCollection', grant)
  const { report, text } = await readReport()
  expect(text).toContain(TITLE)
  expect(report.material.candidate).toMatchObject({ sha256: original, collections: [TITLE] })
  expect(report.material.candidate?.sources).toHaveLength(1)

  const { id: caseId } = await guest.client.call('createCase', {
    body: { number: 'L-1', title: 'Of the guests', purpose: 'find_missing_person', legalBasis: 'Order 5' },
  })
  const probe = await guest.client.call('addProbe', {
    params: { id: caseId },
    query: {},
    body: readFileSync(groupPhoto(1)),
  })
  const body = { faces: [probe.faces[2].id] }
  const search = await guest.client.call('searchInCase', { params: { id: caseId }, body })
  const found = async () =>
    (await guest.client.call('showSearch', { params: { id: search.id } })).candidates[0]
  expect(await found()).toMatchObject({ media: { sha256: original } })
  const { id: personId } = await guest.client.call('createPerson', {
    body: { status: 'missing', names: [{ kind: 'main', family: 'Петренко', given: 'Іван' }] },
  })
  const { faceId } = await found()
  await guest.client.call('linkFace', { params: { id: personId, faceId }, body: { link: 'same' } })
  const linked = async () => (await guest.client.call('showPerson', { params: { id: personId } })).faces[0]
  const seen = await linked()
  expect(seen).toMatchObject({
    visible: true,
    mediaId: expect.any(String),
    box: { width: expect.any(Number) },
  })

  const standing = await guest.client.call('createStandingSearch', {
    body: {
      personId,
      purpose: 'find_missing_person',
      legalBasis: 'Order 5',
      withFaces: true,
      collections: [collectionId],
      caseId,
      threshold: 0.5,
      endsOn: inDays(60),
      reviewOn: inDays(30),
    },
  })
  expect(standing.collections).toEqual([TITLE])
  const known: Known = {
    cases: [caseId, bureau.caseId],
    searches: [search.id, hostSearchId],
    people: [personId],
    'standing-searches': [standing.id],
    reports: [reportId],
    identifications: [bureau.identificationId],
    collections: [collectionId],
  }
  expect(await answersNaming(guest, known)).toEqual(
    expect.arrayContaining(['listSearches', 'showSearch', 'listStandingSearches', 'showStandingSearch']),
  )

  const picture = async () =>
    (await guest.client.send('showPersonFace', { params: { id: personId, faceId }, query: {} })).status
  expect(await picture()).toBe(200)
  const expectNothing = async () => {
    await expectReportWithout(original)
    expect(await answersNaming(guest, known)).toEqual([])
    const shown = await guest.client.call('showSearch', { params: { id: search.id } })
    expect(shown).toMatchObject({ collections: [], collectionsHidden: 1 })
    const { collections } = await guest.client.call('showStandingSearch', { params: { id: standing.id } })
    expect(collections).toEqual([])
    expect(await found()).toMatchObject({ media: null, person: null })
    expect(await linked()).toMatchObject({ visible: false, mediaId: null, box: null })
    expect(await picture()).toBe(404)
    expect(await guest.client.call('listCollections', {})).toEqual([])
    const again = await guest.client.send('searchInCase', {
      params: { id: caseId },
      body: { ...body, collections: [collectionId] },
    })
    expect(again.status).toBe(404)
  }
  const suspension = await operator.client.call('suspend', {
    body: { kind: 'agency', targetId: agencyId, reason: 'under inquiry' },
  })
  await expectNothing()
  await operator.client.call('liftSuspension', {
    params: { id: suspension.id },
    body: { reason: 'the inquiry has ended' },
  })
  expect(await linked()).toEqual(seen)
  expect((await readReport()).text).toBe(text)
  expect(await found()).toMatchObject({ media: { sha256: original } })

  // Sessions of before do not come back with the lifting.
  const again = await signIn(bureau.service.address, curator)
  await again.call('revokeCollection', grant)
  await expectNothing()
})
