import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { groupPhoto, portrait } from '../../scripts/sample-photos.ts'
import type { CallReply } from '../../src/contract/client/api-client.ts'
import { analysed, examineLead } from '../support/examined-bureau.ts'
import { newAccount, newAgency, setUp, type TestAccount } from '../support/test-service.ts'
import { importPhotos, startWebService, type WebService } from './web-service.ts'

/** An agency at work: people, two collections, a case with a probe and a search. */
export interface Bureau {
  web: WebService
  operator: TestAccount
  agencyId: string
  /** Examiner, supervisor. */
  examiner: TestAccount
  /** Examiner, member of the case. */
  colleague: TestAccount
  curator: TestAccount
  administrator: TestAccount
  auditor: TestAccount
  /** Keeps contacts and enquiries about the person. */
  liaison: TestAccount
  caseId: string
  searchId: string
  /** The one with photos of the railway station; ordinary. */
  collectionId: string
  /** One of its photos. */
  mediaId: string
  /** Examiner who has seen nothing of the case, with a line-up under way. */
  verifier: TestAccount
  /** A lead with a finished examination; a person is named and a document recorded. */
  identificationId: string
  examinationId: string
  /** An examination that is being written, past its analysis. */
  draftId: string
  lineupId: string
  personId: string
  enquiryId: string
}

/** The fair-haired person at the right of sample1 is in others of the group photos too. */
export const PROBE_FACE = 2

/** A photo with facts of where it comes from, made up, as a manifest gives them. */
interface SourcedPhoto {
  photo: string
  [column: string]: string
}

const POSTS: SourcedPhoto[] = [2, 3, 4, 5].map((number) => ({
  photo: groupPhoto(number),
  source_url: `https://archive.example/2022/post-${number}`,
  captured_at: `2022-04-0${number}`,
  collector: 'Field team 3',
  note: number === 3 ? 'Railway station, second platform' : '',
}))

const FORENSIC: SourcedPhoto[] = [
  { photo: groupPhoto(6), captured_at: '2022-04-11', collector: 'Forensic team' },
  { photo: portrait('audrey.jpg'), note: 'Series 3' },
  { photo: portrait('cage.jpg'), note: 'Series 3' },
]

export async function openBureau(): Promise<Bureau> {
  const web = await startWebService()
  const operator = await setUp({ address: web.url, setupLink: web.setupLink })
  const agencyId = await newAgency(operator, 'Kyiv bureau')
  const account = (name: string, roles: Parameters<typeof newAccount>[3]): Promise<TestAccount> =>
    newAccount(operator, agencyId, name, roles)
  const curator = await account('Cora Curator', ['curator'])
  const examiner = await account('Iryna Examiner', ['examiner', 'supervisor'])
  const administrator = await account('Adam Administrator', ['administrator'])
  const auditor = await account('Anna Auditor', ['auditor'])
  const collectionId = await fill(web, curator)
  await newAgency(operator, 'Odesa bureau')
  const { client } = examiner
  const { id: caseId } = await client.call('createCase', {
    body: {
      number: '2022/0417',
      title: 'Woman seen at the railway station',
      purpose: 'find_missing_person',
      legalBasis: 'Law of Ukraine 2505-VIII, order of the bureau 12',
    },
  })
  const probe = await client.call('addProbe', {
    params: { id: caseId },
    query: { label: 'From the family.jpg' },
    body: readFileSync(groupPhoto(1)),
  })
  const search = await client.call('searchInCase', {
    params: { id: caseId },
    body: { faces: [probe.faces[PROBE_FACE].id], limit: 20, threshold: 0.05 },
  })
  const colleague = await account('Oleh Examiner', ['examiner'])
  await client.call('addToCase', { params: { id: caseId }, body: { accountId: colleague.accountId } })
  await client.call('addNote', {
    params: { id: search.id, rank: '2' },
    body: {
      shape: { kind: 'ellipse', centre: middleOf(search.candidates[1]), radiusX: 12, radiusY: 9 },
      words: 'Same fold beside the mouth',
    },
  })
  const { items } = await curator.client.call('browseCollection', { params: { id: collectionId } })
  const verifier = await account('Vira Verifier', ['examiner'])
  const lead = await workOnLead(examiner, verifier, search.id)
  const liaison = await account('Lesia Liaison', ['liaison'])
  const enquiryId = await lookFor(liaison, lead.personId)
  return {
    web,
    operator,
    agencyId,
    examiner,
    colleague,
    curator,
    administrator,
    auditor,
    liaison,
    enquiryId,
    caseId,
    searchId: search.id,
    collectionId,
    mediaId: items[0].id,
    verifier,
    ...lead,
  }
}

/** Takes the first candidate as a lead and examines it; the second is being examined; a verifier has a line-up. */
async function workOnLead(
  { client }: TestAccount,
  verifier: TestAccount,
  searchId: string,
): Promise<Pick<Bureau, 'identificationId' | 'examinationId' | 'draftId' | 'lineupId' | 'personId'>> {
  const open = async (rank: number): Promise<string> =>
    (await client.call('openIdentification', { params: { id: searchId, rank }, body: {} })).id
  const identificationId = await open(1)
  const examinationId = await examineLead({ client }, identificationId, 'same_moderate')
  const { id: personId } = await client.call('createPerson', {
    body: {
      status: 'missing',
      ref: 'K-2022/31',
      birthDate: '1987-03',
      affiliation: '12th brigade',
      names: [
        { kind: 'main', family: 'Мельниченко', given: 'Катерина', patronymic: 'Іванівна' },
        { kind: 'spelling', family: 'Melnychenko', given: 'Kateryna' },
      ],
      anteMortem: [
        { section: 'physical_description', field: 'height_cm', value: '168' },
        { section: 'effects', field: 'jewellery', value: 'Silver ring, left hand' },
      ],
      postMortem: [{ section: 'effects', field: 'jewellery', value: 'None found' }],
    },
  })
  const params = { id: identificationId }
  await client.call('namePerson', { params, body: { personId } })
  const { faceId } = await client.call('addEvidence', {
    params,
    body: { kind: 'document', description: 'Passport shown at the border on 4 April', reference: 'FB 331' },
  })
  await client.call('linkFace', { params: { id: personId, faceId }, body: { link: 'same' } })
  const draft = await client.call('beginExamination', { params: { id: await open(2) }, body: {} })
  await client.call('writeAnalysis', { params: { id: draft.id }, body: analysed })
  const { lineup } = await verifier.client.call('takeLineup', { body: {} })
  await verifier.client.call('writeLineupAnalysis', { params: { id: lineup!.id }, body: analysed })
  return { identificationId, examinationId, draftId: draft.id, lineupId: lineup!.id, personId }
}

/** What liaison keeps of the person who is missing: facts, a photo, a contact, an enquiry. @returns the enquiry */
async function lookFor({ client }: TestAccount, personId: string): Promise<string> {
  const params = { id: personId }
  await client.call('saveDisappearance', {
    params,
    body: {
      lastSeenOn: '2022-03-05',
      lastSeenPlace: 'Irpin, railway station',
      marks: 'Scar on the left hand',
      clothing: 'Green coat, grey scarf, black boots',
      circumstances: 'Left to fetch water and did not return.',
      photoUrls: null,
      basis: 'consent',
      basisDetail: 'the mother, in writing, 2 April 2022',
      mayPublish: true,
      keepUntil: '2032-04-02',
    },
  })
  await client.call('addPersonPhoto', {
    params,
    query: { face: PROBE_FACE + 1, takenOn: '2019', note: 'From the family album', mayPublish: 'yes' },
    body: readFileSync(groupPhoto(1)),
  })
  const contact = { name: 'Ганна Мельниченко', relation: 'mother', telephone: '+380 44 000 00 00' }
  await client.call('addContact', { params, body: { ...contact, email: null, address: null, note: null } })
  const { id } = await client.call('openEnquiry', {
    body: {
      personId,
      enquirer: contact.name,
      relation: contact.relation,
      telephone: contact.telephone,
      email: null,
      address: null,
      receivedOn: '2022-04-02',
      channel: 'letter',
      question: 'Is there any news of my daughter?',
    },
  })
  await client.call('recordAnswer', {
    params: { id },
    body: {
      answer: 'The enquiry was received. The bureau will write as soon as something is known.',
      givenBy: 'National information bureau',
      givenOn: '2022-04-08',
      channel: 'bureau',
    },
  })
  return id
}

/** The tip of the candidate's nose. */
function middleOf({ face }: CallReply<'searchInCase'>['candidates'][number]): { x: number; y: number } {
  return face!.fivePoints[2]
}

/** @returns the first collection */
async function fill(web: WebService, curator: TestAccount): Promise<string> {
  const stations = await curator.client.call('createCollection', {
    body: {
      title: 'Public posts, spring 2022',
      lawfulBasis: 'Law 2505-VIII, art. 12: search for missing persons',
      sensitivity: 'ordinary',
      retentionUntil: '2032-01-01',
    },
  })
  const morgue = await curator.client.call('createCollection', {
    body: {
      title: 'Forensic photos',
      lawfulBasis: 'Geneva Convention I, art. 16; prosecutor’s order 44',
      sensitivity: 'sensitive',
    },
  })
  await importSourced(web, stations.id, POSTS)
  await importSourced(web, morgue.id, FORENSIC)
  return stations.id
}

async function importSourced(
  web: WebService,
  collection: string,
  photos: readonly SourcedPhoto[],
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'likeness-bureau-'))
  try {
    const rows = photos.map(({ photo, ...facts }) => {
      const file = path.basename(photo)
      copyFileSync(photo, path.join(folder, file))
      return JSON.stringify({ file, ...facts })
    })
    const manifest = path.join(folder, 'manifest.jsonl')
    writeFileSync(manifest, rows.join('\n'))
    await importPhotos(web.ctx, collection, manifest)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
