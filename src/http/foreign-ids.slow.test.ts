import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cookieHeader } from '../../scripts/browser-fetch.ts'
import { groupPhoto, portrait } from '../../scripts/sample-photos.ts'
import {
  analysed,
  examineLead,
  startExaminedBureau,
  type ExaminedBureau,
} from '../../test/support/examined-bureau.ts'
import { idFieldsOf, kindOf, type IdField } from '../../test/support/id-fields.ts'
import { bodyOf } from '../../test/support/route-bodies.ts'
import { newAccount, newAgency, signIn, staffOf, type TestAccount } from '../../test/support/test-service.ts'
import { writeByHand } from '../../test/support/write-by-hand.ts'
import { localOperator } from '../actor/actor.ts'
import { runImport } from '../imports/run-import.ts'
import { listItems, startImport } from '../imports/start-import.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { API_PREFIX, endpoints } from '../contract/endpoints.ts'
import { ROLES } from '../contract/roles.ts'
import { newId } from '../store/ids.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import type { RecordTables } from '../store/tables/record-tables.ts'

/**
 * Every id that a request can carry x the id of another agency: whoever has all rights in an agency of their own, and
 * names things of their own in all other places, is told that there is no such thing.
 */

/** Ids that are nobody's secret, or only narrow a list of one's own; each with what is answered. */
const OTHER_ANSWERS: Record<string, number> = {
  // Names of agencies stand in everybody's directory: a case or collection may be opened to each.
  'grantCollection.params.agencyId': 204,
  'revokeCollection.params.agencyId': 204,
  // The search was run with no such face.
  'openIdentification.body.probeFaceId': 400,
  // Nothing is left of the own alert, whatever hit is named.
  'leadFromAlert.body.hitId': 409,
  'addToCase.body.agencyId': 200,
  // Administrators invite into their own agency whatever they name.
  'invite.body.agencyId': 201,
  'readAudit.query.accountId': 200,
  'readAudit.query.caseId': 200,
  'exportAudit.query.accountId': 200,
  'exportAudit.query.caseId': 200,
  'listEnquiries.query.personId': 200,
  'listStandingSearches.query.personId': 200,
  'listAlerts.query.personId': 200,
}

const fields = idFieldsOf(endpoints)
/** The fair-haired person at the right of the first group photo is in others too. */
const PROBE_FACE = 2
const NO_ID = '00000000-0000-7000-8000-000000000000'
let bureau: ExaminedBureau
let stranger: TestAccount
const theirs: Record<string, string> = {}
const own: Record<string, string> = {}

async function first(table: keyof RecordTables): Promise<string> {
  const row = await bureau.service.ctx.store.db
    .selectFrom(table)
    .select('id' as never)
    .executeTakeFirstOrThrow()
  return (row as { id: string }).id
}

beforeAll(async () => {
  bureau = await startExaminedBureau('ordinary', 'find_missing_person', { webhookHosts: 'hooks.example' })
  const { operator } = bureau
  const otherAgency = await newAgency(operator, 'Other agency')
  const roles = ROLES.filter((role) => role !== 'operator')
  stranger = await newAccount(operator, otherAgency, 'A stranger', roles)
  await fillTheirs()
  await fillOwn(otherAgency)
  await chooseTheirMedia()
}, 300_000)
afterAll(() => bureau.service.remove())

async function fillTheirs(): Promise<void> {
  const { operator, agencyId, examiner, supervisor, identificationId } = bureau
  const { first: asker } = await staffOf(operator, agencyId)
  const staff = await bureau.member('Many Roles', ['supervisor', 'curator', 'liaison', 'examiner'])
  const { client } = staff
  const byCase = { id: bureau.caseId }
  const search = { id: bureau.searchId, rank: 1 }
  const collection = { id: bureau.collectionId }
  const { client: leading } = examiner
  const body = { reason: 'test' }
  const [probe] = (await leading.call('listProbes', { params: byCase })).items
  const shape = { kind: 'arrow' as const, from: { x: 1, y: 1 }, to: { x: 2, y: 2 } }
  await leading.call('addNote', { params: search, body: { shape, words: '' } })
  const person = await client.call('createPerson', { body: { status: 'missing', ref: 'A-1' } })
  const other = await client.call('createPerson', { body: { status: 'missing', ref: 'A-2' } })
  const params = { id: person.id }
  const photo = { params, query: { face: 1 }, body: readFileSync(portrait('audrey.jpg')) }
  await client.call('addPersonPhoto', photo)
  const contact = { name: 'x', relation: null, telephone: null, email: null, address: null, note: null }
  await client.call('addContact', { params, body: contact })
  const merged = await client.call('mergePeople', { params, body: { otherId: other.id, ...body } })
  const enquiry = await client.call('openEnquiry', {
    body: bodyOf('openEnquiry', () => person.id) as never,
  })
  const standing = await client.call('createStandingSearch', {
    body: {
      ...bodyOf('createStandingSearch', () => person.id),
      caseId: undefined,
      collections: undefined,
      probeFaces: [],
    } as never,
  })
  const started = await client.call('startImport', { params: collection, body: {} })
  await client.call('beginUpload', { params: { id: started.id }, body: { name: 'x.mp4', byteLength: 1 } })
  const empty = await client.call('createCollection', {
    body: { title: 'Empty', lawfulBasis: 'test', sensitivity: 'ordinary' },
  })
  const job = await client.call('emptyCollection', { params: { id: empty.id }, body })
  const hold = await client.call('imposeHold', { params: collection, body })
  const caseHold = await client.call('imposeCaseHold', { params: byCase, body })
  const examinationId = await examineLead(examiner, identificationId, 'same_strong')
  const entry = { kind: 'document' as const, description: 'x' }
  await leading.call('addEvidence', { params: { id: identificationId }, body: entry })
  const reportBody = { language: 'en' as const, recipientKind: 'court' as const, recipient: 'x' }
  const report = await leading.call('makeReport', { params: { id: identificationId }, body: reportBody })
  const { language: _language, ...to } = reportBody
  const transmittal = await supervisor.client.call('transmit', {
    params: { id: identificationId },
    body: { ...to, withEvidence: true, legalBasis: 'x' },
  })
  const vira = await newAccount(operator, agencyId, 'Vira Verifier', ['examiner'])
  const { lineup } = await vira.client.call('takeLineup', { body: {} })
  const [drawn] = await supervisor.client.call('drawSearches', {
    body: { since: '2022-01-01T00:00:00Z', until: '2999-01-01T00:00:00Z', share: 1 },
  })
  const webhook = await asker.client.call('addWebhook', { body: { url: 'https://hooks.example/likeness' } })
  const invitation = await asker.client.call('invite', {
    body: { email: 'open@agency.example', name: 'Open', roles: ['examiner'] },
  })
  await asker.client.call('changeRoles', {
    params: { id: staff.accountId },
    body: { roles: ['supervisor', 'curator', 'liaison', 'examiner', 'auditor'] },
  })
  const [roleRequest] = await asker.client.call('listRoleRequests', {})
  const [session] = await leading.call('listMySessions', {})
  const key = await leading.call('createApiKey', { body: { name: 'x', scopes: ['case.read'], days: 1 } })
  const bystander = await newAccount(operator, agencyId, 'Bystander', ['field_officer'])
  await asker.client.call('chooseDeviceApproval', { body: { required: true } })
  await signIn(bureau.service.address, bystander)
  const [device] = (await asker.client.call('showDeviceApproval', {})).devices
  const suspension = await operator.client.call('suspend', {
    body: { kind: 'account', targetId: bystander.accountId, ...body },
  })
  const { db } = bureau.service.ctx.store
  const item = await db
    .selectFrom('examination_item')
    .select('id')
    .where('examination_id', '=', examinationId)
    .executeTakeFirstOrThrow()
  Object.assign(theirs, {
    account: examiner.accountId,
    agency: agencyId,
    session: session.id,
    passkey: NO_ID,
    apiKey: key.id,
    invitation: invitation.id,
    roleRequest: roleRequest.id,
    suspension: suspension.id,
    device: device.id,
    case: bureau.caseId,
    caseHold: caseHold.id,
    collection: collection.id,
    hold: hold.id,
    import: started.id,
    upload: await first('upload'),
    job: job.id,
    probe: probe.id,
    probeFace: probe.faces[0].id,
    faceA: probe.faces[0].id,
    faceB: probe.faces[1].id,
    search: bureau.searchId,
    note: await first('candidate_note'),
    review: drawn.id,
    person: person.id,
    otherPerson: other.id,
    personChange: merged.changes[0].id,
    photo: await first('person_photo'),
    contact: await first('person_contact'),
    enquiry: enquiry.id,
    standingSearch: standing.id,
    alert: await alertOf(agencyId, person.id),
    hit: NO_ID,
    webhook: webhook.id,
    identification: identificationId,
    verification: lineup!.id,
    lineup: lineup!.id,
    examination: examinationId,
    item: item.id,
    entry: await first('corroboration'),
    report: report.id,
    transmittal: transmittal.id,
  })
}

/** A photo of theirs that the other agency holds no copy of, with its source and a face. */
async function chooseTheirMedia(): Promise<void> {
  const { db } = bureau.service.ctx.store
  const ownMedia = db
    .selectFrom('media_in_collection')
    .select('media_id')
    .where('collection_id', '=', own['collection'])
  const photo = await db
    .selectFrom('face')
    .innerJoin('source', 'source.media_id', 'face.media_id')
    .select(['face.id as face', 'face.media_id as media', 'source.id as source'])
    .where('face.media_id', 'not in', ownMedia)
    .executeTakeFirstOrThrow()
  Object.assign(theirs, photo)
}

/** An alert of an agency, as it is once its photo was erased. */
async function alertOf(agencyId: string, personId: string): Promise<string> {
  const now = new Date().toISOString()
  const alert = withDigest('alert', {
    id: newId(),
    agency_id: agencyId,
    person_id: personId,
    target_kind: 'media' as const,
    target_id: null,
    state: 'new' as const,
    owner_id: null,
    owner: null,
    raised_at: now,
    due_at: now,
    escalated_at: null,
    closed_as: null,
    reason: null,
    identification_id: null,
    changed_by: 'test',
    changed_at: now,
    gone_at: now,
  })
  const { store } = bureau.service.ctx
  await writeByHand(store, (tx) => tx.insertInto('alert').values(alert).execute())
  return alert.id
}

async function fillOwn(agencyId: string): Promise<void> {
  const { client, accountId } = stranger
  const collection = await client.call('createCollection', {
    body: { title: 'Own', lawfulBasis: 'test', sensitivity: 'ordinary' },
  })
  const folder = path.join(bureau.service.dataFolder, '..', 'own')
  mkdirSync(folder)
  for (const number of [2, 3, 4]) copyFileSync(groupPhoto(number), path.join(folder, `own-${number}.jpg`))
  const importer = localOperator('importer')
  const source = { source: folder, collection: collection.id }
  const { id: importId } = await startImport(bureau.service.ctx, importer, source)
  await listItems(bureau.service.ctx, importId, () => undefined)
  await runImport(bureau.service.ctx, importer, { importId })
  const made = await client.call('createCase', {
    body: { number: 'S-1', title: 'Own', purpose: 'find_missing_person', legalBasis: 'test' },
  })
  const probe = await client.call('addProbe', {
    params: { id: made.id },
    query: {},
    body: readFileSync(groupPhoto(1)),
  })
  const search = await client.call('searchInCase', {
    params: { id: made.id },
    body: { faces: [probe.faces[PROBE_FACE].id] },
  })
  const [face] = search.candidates
  const person = await client.call('createPerson', { body: { status: 'missing', ref: 'B-1' } })
  const other = await client.call('createPerson', { body: { status: 'missing', ref: 'B-2' } })
  const photo = { face: 1 }
  await client.call('addPersonPhoto', {
    params: { id: person.id },
    query: photo,
    body: readFileSync(portrait('cage.jpg')),
  })
  const identification = await client.call('openIdentification', {
    params: { id: search.id, rank: 1 },
    body: {},
  })
  const examination = await client.call('beginExamination', {
    params: { id: identification.id },
    body: {},
  })
  await client.call('writeAnalysis', { params: { id: examination.id }, body: analysed })
  Object.assign(own, {
    account: accountId,
    agency: agencyId,
    case: made.id,
    collection: collection.id,
    media: face.mediaId,
    face: face.faceId,
    faceA: probe.faces[0].id,
    faceB: probe.faces[1].id,
    probeFace: probe.faces[0].id,
    search: search.id,
    person: person.id,
    otherPerson: other.id,
    identification: identification.id,
    examination: examination.id,
    alert: await alertOf(agencyId, person.id),
  })
}

/** Calls an operation with own ids everywhere but in one place. */
async function answer(field: IdField): Promise<number> {
  const endpoint = (endpoints as Record<string, Endpoint>)[field.endpoint]
  const foreign = kindOf(field)!
  const idAt = (part: IdField['part'], name: string, kind: string): string =>
    part === field.part && name === field.path ? theirs[foreign] : (own[kind] ?? theirs[kind] ?? NO_ID)
  const inPath = endpoint.path.replaceAll(/:(\w+)/g, (_, name: string) =>
    name === 'rank' ? '1' : idAt('params', name, kindOf({ ...field, part: 'params', path: name })!),
  )
  const query = new URLSearchParams(QUERIES[field.endpoint])
  for (const other of fields) {
    if (other.endpoint !== field.endpoint || other.part !== 'query') continue
    if (other.path === field.path || other.path === 'source')
      query.set(other.path, idAt('query', other.path, kindOf(other)!))
  }
  const isBody = field.part === 'body'
  const body = bodyOf(field.endpoint, (kind) =>
    isBody && kind === foreign ? theirs[kind] : (own[kind] ?? theirs[kind] ?? NO_ID),
  )
  const asked =
    field.endpoint === 'addToCase' && field.path === 'agencyId' ? { agencyId: theirs['agency'] } : body
  const led =
    field.path === 'identificationId'
      ? { identificationId: theirs[foreign] }
      : field.path === 'hitId' && isBody
        ? { ...asked, hitId: theirs[foreign] }
        : asked
  const { method, photoBody } = endpoint
  const hasBody = method === 'POST' || method === 'PUT'
  const cookie = cookieHeader(stranger.client.cookies)
  const response = await fetch(`${bureau.service.address}${API_PREFIX}${inPath}?${query.toString()}`, {
    method,
    headers: {
      origin: 'http://likeness.test',
      cookie,
      ...(hasBody
        ? { 'content-type': photoBody === true ? 'application/octet-stream' : 'application/json' }
        : {}),
    },
    ...(hasBody ? { body: JSON.stringify(led) } : {}),
  })
  await response.body?.cancel()
  return response.status
}

const QUERIES: Record<string, string> = { importFile: 'name=x.jpg', sendPart: 'at=0' }

test('of every id in the contract it is known what it stands for', () => {
  const unknown = fields.filter((field) => kindOf(field) === undefined)
  expect(unknown.map(({ endpoint, part, path: name }) => `${endpoint}.${part}.${name}`)).toEqual([])
  expect(fields.length).toBeGreaterThan(190)
})

test('what belongs to one agency is not there for another, wherever its id is put', async () => {
  const open: Record<string, number> = {}
  const expected: Record<string, number> = {}
  for (const field of fields) {
    const name = `${field.endpoint}.${field.part}.${field.path}`
    const wanted = OTHER_ANSWERS[name] ?? 404
    const got = await answer(field)
    if (got !== wanted) [open[name], expected[name]] = [got, wanted]
  }
  expect(open).toEqual({})
})
