import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FRANCK_STILLS, sampleVideo } from '../../scripts/sample-photos.ts'
import { localOperator } from '../../src/actor/actor.ts'
import { runImport } from '../../src/imports/run-import.ts'
import { listItems, startImport } from '../../src/imports/start-import.ts'
import type { Endpoint } from '../../src/contract/endpoint.ts'
import { endpoints, type EndpointName } from '../../src/contract/endpoints.ts'
import { analysed, startExaminedBureau, type ExaminedBureau } from '../support/examined-bureau.ts'
import { makeClip } from '../support/make-video.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { newAccount, newAgency, type TestAccount } from '../support/test-service.ts'

// Pictures, films, pages and files: what a grant opened of them, and what is left when it has ended.

/** Photos here came from no archive, so their pages are asked for in vain. */
const page = { source: '00000000-0000-7000-8000-000000000000' }
const QUERIES: Partial<Record<EndpointName, object>> = { replayMediaPage: page, replayCandidatePage: page }
/** What shows the film, or carries it. */
const OPENED = [
  'exportEvidence',
  'playCandidateVideo',
  'showCandidatePicture',
  'showExaminationItem',
  'showPersonFace',
  'showTrackPicture',
]
/** What is the guest's own; reports are made anew for who reads them. */
const OWN = ['exportPeople', 'readReportJson', 'readReportPdf', 'showExaminationProbe', 'showProbePicture']
const [still] = FRANCK_STILLS
let bureau: ExaminedBureau
let guest: TestAccount
let guestAgency: string

beforeAll(async () => {
  bureau = await startExaminedBureau()
  guestAgency = await newAgency(bureau.operator, 'Lviv bureau')
  guest = await newAccount(bureau.operator, guestAgency, 'Lida Guest', ['examiner', 'supervisor', 'curator'])
}, 240_000)
afterAll(() => bureau.service.remove())

/** A film of the person of the probe, beside the photos of them that are there. */
async function importFilm(): Promise<void> {
  const folder = scratchFolder()
  copyFileSync(
    makeClip(scratchFolder(), 'film.mp4', { startS: still.timeS - 1 }),
    path.join(folder, 'film.mp4'),
  )
  const importer = localOperator('importer')
  const { ctx } = bureau.service
  const { id: importId } = await startImport(ctx, importer, {
    source: folder,
    collection: bureau.collectionId,
  })
  await listItems(ctx, importId, () => undefined)
  await runImport(ctx, importer, { importId })
}

function read(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8' })
}

/** A report's text without spaces, for a hash may stand in several lines, and how many pictures it shows. */
async function contentOf(pdf: Response): Promise<{ text: string; pictures: number }> {
  const file = path.join(scratchFolder(), 'report.pdf')
  writeFileSync(file, Buffer.from(await pdf.arrayBuffer()))
  return {
    text: read('pdftotext', '-raw', file, '-').replaceAll(/\s/g, ''),
    pictures: read('pdfimages', '-list', file).split('\n').length,
  }
}

/** What of all that gives bytes is answered with 200. @param idsOf by what the address begins with */
async function given(idsOf: Record<string, object>): Promise<EndpointName[]> {
  const names: EndpointName[] = []
  for (const [name, { method, path: address, stream }] of Object.entries(endpoints) as [
    EndpointName,
    Endpoint,
  ][]) {
    const params = idsOf[address.split('/')[1]]
    if (method !== 'GET' || stream === undefined || params === undefined) continue
    const answer = await guest.client.send(name, { params, query: QUERIES[name] ?? {} } as never)
    await answer.arrayBuffer()
    expect([200, 403, 404, 409], `${name}: ${answer.status}`).toContain(answer.status)
    if (answer.ok) names.push(name)
  }
  return names.toSorted()
}

test('bytes that a grant opened are there while it lasts, and no longer', async () => {
  await importFilm()
  const grant = { params: { id: bureau.collectionId, agencyId: guestAgency } }
  const curator = await newAccount(bureau.operator, bureau.agencyId, 'Second Curator', ['curator'])
  await curator.client.call('grantCollection', grant)

  const { client } = guest
  const { id: caseId } = await client.call('createCase', {
    body: { number: 'L-1', title: 'Of the guests', purpose: 'find_missing_person', legalBasis: 'Order 5' },
  })
  const probe = await client.call('addProbe', {
    params: { id: caseId },
    query: {},
    body: readFileSync(sampleVideo(still.file)),
  })
  const search = await client.call('searchInCase', {
    params: { id: caseId },
    body: { faces: [probe.faces[0].id] },
  })
  const film = search.candidates.find(({ media }) => (media?.video ?? null) !== null)!
  const { id: personId } = await client.call('createPerson', { body: { status: 'missing', ref: 'G-1' } })
  const face = { id: personId, faceId: film.faceId }
  await client.call('linkFace', { params: face, body: { link: 'same' } })
  const lead = await client.call('openIdentification', {
    params: { id: search.id, rank: film.rank },
    body: {},
  })
  const examination = await client.call('beginExamination', { params: { id: lead.id }, body: {} })
  const { items } = await client.call('writeAnalysis', { params: { id: examination.id }, body: analysed })
  const to = { recipientKind: 'court' as const, recipient: 'x' }
  const report = await client.call('makeReport', { params: { id: lead.id }, body: { language: 'en', ...to } })
  const sent = await client.call('transmit', {
    params: { id: lead.id },
    body: { ...to, withEvidence: true, legalBasis: 'x' },
  })
  const ids = {
    collections: { id: bureau.collectionId, mediaId: film.mediaId },
    searches: { id: search.id, rank: film.rank, faceId: film.faceId },
    examinations: { id: examination.id, itemId: items![0].id },
    people: { ...face, photoId: personId },
    reports: { id: report.id },
    transmittals: { id: sent.id },
    probes: { id: probe.id },
  }
  const pdf = () => client.call('readReportPdf', { params: { id: report.id } }).then(contentOf)
  const original = film.media!.sha256
  const { text, pictures } = await pdf()
  expect(text).toContain(original)
  expect(await given(ids)).toEqual([...OPENED, ...OWN].toSorted())
  await curator.client.call('revokeCollection', grant)
  expect(await given(ids)).toEqual(OWN)
  const left = await pdf()
  expect(left.text).not.toContain(original)
  expect(left.pictures).toBe(pictures - 1)
})
