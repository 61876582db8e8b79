import { readFileSync } from 'node:fs'
import { portrait } from '../../scripts/sample-photos.ts'
import type { Role } from '../../src/contract/roles.ts'
import { newId, nowIso } from '../../src/store/ids.ts'
import { join, newAccount, newAgency, newClient, type TestClient } from '../../test/support/test-service.ts'
import type { BenchServer } from '../server/server.ts'

const ROLES = ['administrator', 'curator', 'examiner', 'supervisor', 'liaison', 'auditor'] as const

export interface Accounts {
  agencyId: string
  collectionId: string
  /** Cookies by role. */
  cookies: Map<Role, Map<string, string>>
}

/** An agency with an account of each role and a collection. */
export async function prepareAccounts({ address, setupLink }: BenchServer): Promise<Accounts> {
  const operator = await join(address, setupLink!, { email: 'operator@bench.example', name: 'Operator' })
  const agencyId = await newAgency(operator, 'Bench')
  const cookies = new Map<Role, Map<string, string>>([['operator', operator.client.cookies]])
  for (const role of ROLES) {
    const { client } = await newAccount(operator, agencyId, `The ${role}`, [role])
    cookies.set(role, client.cookies)
  }
  const curator = clientOf(address, cookies.get('curator')!)
  const { id: collectionId } = await curator.call('createCollection', {
    body: { title: 'Made up', lawfulBasis: 'made-up faces', sensitivity: 'ordinary' },
  })
  return { agencyId, collectionId, cookies }
}

/** The same browser, at a service that was started again. */
export function clientOf(address: string, cookies: Map<string, string>): TestClient {
  const client = newClient(address)
  for (const [name, value] of cookies) client.cookies.set(name, value)
  return client
}

/** One of everything, as the service made it. */
export interface Made {
  collectionId: string
  largeImportId: string
  importId: string
  caseId: string
  probeId: string
  probeFaceId: string
  searchId: string
  reviewId: string
  personId: string
  enquiryId: string
  standingId: string
  identificationId: string
  mediaId: string
  accountId: string
  alertId: string
  alert: { id: string } & Record<string, string | null>
  hit: Record<string, string | number | null>
  job: Record<string, string | number | null>
}

/** Asks the service for one of everything. @param largeImportId the import of the photos that the record is full of */
export async function prepareSamples(
  { address }: BenchServer,
  { agencyId, collectionId, cookies }: Accounts,
  largeImportId: string,
): Promise<Made> {
  const of = (role: Role): TestClient => clientOf(address, cookies.get(role)!)
  const photo = readFileSync(portrait('audrey.jpg'))
  const { id: importId } = await of('curator').call('startImport', {
    params: { id: collectionId },
    body: { files: 1 },
  })
  await of('curator').call('importFile', { params: { id: importId }, query: { name: 'a.jpg' }, body: photo })
  await of('curator').call('finishImport', { params: { id: importId }, body: {} })
  const { id: caseId } = await of('examiner').call('createCase', {
    body: { number: '1', title: 'Bench', purpose: 'training', legalBasis: 'bench' },
  })
  const probe = await of('examiner').call('addProbe', {
    params: { id: caseId },
    body: readFileSync(portrait('audrey_crop.jpg')),
  })
  const [{ id: probeFaceId }] = probe.faces
  const search = await of('examiner').call('searchInCase', {
    params: { id: caseId },
    body: { faces: [probeFaceId], limit: 200, threshold: -1 },
  })
  const [review] = await of('supervisor').call('drawSearches', {
    body: { since: '2022-01-01T00:00:00Z', until: '2999-01-01T00:00:00Z', share: 1 },
  })
  const { id: personId } = await of('examiner').call('createPerson', {
    body: { status: 'missing', names: [{ kind: 'main', family: 'Шевченко', given: 'Олена' }] },
  })
  const [found] = search.candidates
  const { accountId } = await of('examiner').call('showMe', {})
  await of('examiner').call('linkFace', {
    params: { id: personId, faceId: found.faceId },
    body: { link: 'same' },
  })
  const { id: identificationId } = await of('examiner').call('openIdentification', {
    params: { id: search.id, rank: 1 },
    body: {},
  })
  const enquiry = await of('liaison').call('openEnquiry', {
    body: {
      personId,
      enquirer: 'x',
      relation: 'x',
      telephone: null,
      email: null,
      address: null,
      receivedOn: '2022-04-02',
      channel: 'letter',
      question: 'x',
    },
  })
  const standing = await of('supervisor').call('createStandingSearch', {
    body: {
      personId,
      withFaces: false,
      probeFaces: [probeFaceId],
      purpose: 'find_missing_person',
      legalBasis: 'bench',
      threshold: 0.999,
      endsOn: inDays(90),
      reviewOn: inDays(30),
    },
  })
  const made = { collectionId, largeImportId, importId, caseId, probeId: probe.id, probeFaceId }
  return {
    ...made,
    searchId: search.id,
    reviewId: review.id,
    personId,
    identificationId,
    enquiryId: enquiry.id,
    standingId: standing.id,
    mediaId: found.mediaId,
    accountId,
    ...madeUpRows({ agencyId, personId, standingId: standing.id, accountId, collectionId }),
  }
}

/** Rows that the service writes only when something happens. */
function madeUpRows({
  agencyId,
  personId,
  standingId,
  accountId,
  collectionId,
}: Record<'agencyId' | 'personId' | 'standingId' | 'accountId' | 'collectionId', string>): Pick<
  Made,
  'alert' | 'alertId' | 'hit' | 'job'
> {
  const now = nowIso()
  const alert = {
    id: newId(),
    agency_id: agencyId,
    person_id: personId,
    target_kind: 'media',
    target_id: null,
    state: 'new',
    owner_id: null,
    owner: null,
    raised_at: now,
    due_at: now,
    escalated_at: now,
    closed_as: null,
    reason: null,
    identification_id: null,
    changed_by: 'bench',
    changed_at: now,
    gone_at: null,
  }
  const hit = {
    id: newId(),
    alert_id: alert.id,
    search_id: standingId,
    face_id: newId(),
    subject_kind: 'probe',
    subject_id: newId(),
    similarity: 0.7,
    threshold: 0.6,
    false_match_rate: null,
    label: 'bench',
    found_at: now,
  }
  const job = {
    id: newId(),
    kind: 'empty_collection',
    agency_id: agencyId,
    collection_id: collectionId,
    reason: 'bench',
    account_id: accountId,
    asked_by: 'bench',
    asked_at: now,
    request_id: 'bench',
    address: 'bench',
    state: 'done',
    started_at: now,
    ended_at: now,
    leased_by: null,
    leased_until: null,
    done: 1,
    total: 1,
    media: 1,
    faces: 1,
    cancelled_by: null,
    error_code: null,
    error_detail: null,
  }
  return { alert, alertId: alert.id, hit, job }
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
}
