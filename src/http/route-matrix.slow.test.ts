import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import {
  newAccount,
  newAgency,
  newClient,
  PASSWORD,
  setUp,
  staffOf,
  signIn,
  startTestService,
  type TestAccount,
  type TestClient,
  type TestService,
} from '../../test/support/test-service.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { API_PREFIX, endpoints } from '../contract/endpoints.ts'
import { PERMISSIONS, ROLES, type Role } from '../contract/roles.ts'
import { newId } from '../store/ids.ts'
import { withDigest } from '../store/row-digest.ts'

/**
 * Every route x everybody who could call it, made from the contract: whoever lacks the declared access gets 401 or 403 and
 * nothing happens; whoever has it gets past that gate (to 2xx, or to what is wrong with the made-up parameters).
 */
const table = Object.entries(endpoints) as [string, Endpoint][]
const guarded = table.filter(([, { access }]) => access !== 'public')
const NO_ID = '00000000-0000-7000-8000-000000000000'

let service: TestService
let operator: TestAccount
let agencyId: string
const byRole = new Map<Role, TestAccount>()

/** Calls a route with made-up parameters. Streams are only begun. */
async function status(
  client: TestClient,
  { method, path, photoBody }: Endpoint,
  {
    key,
    id = NO_ID,
    body = '{}',
    query = '',
  }: { key?: string; id?: string; body?: string; query?: string } = {},
): Promise<number> {
  const headers: Record<string, string> = { origin: 'http://likeness.test' }
  if (client.cookies.size > 0) {
    headers['cookie'] = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }
  if (key !== undefined) headers['authorization'] = `Bearer ${key}`
  const hasBody = method === 'POST' || method === 'PUT'
  if (hasBody) headers['content-type'] = photoBody === true ? 'application/octet-stream' : 'application/json'
  const end = new AbortController()
  const response = await fetch(
    `${service.address}${API_PREFIX}${path.replaceAll(/:(rank|\w+)/g, (_, name) => (name === 'rank' ? '1' : id))}${query}`,
    {
      method,
      headers,
      signal: end.signal,
      ...(hasBody ? { body } : {}),
    },
  )
  end.abort()
  return response.status
}

/** An alert of the agency, as it is once its photo was erased. */
async function goneAlert(personId: string): Promise<string> {
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
  await service.ctx.store.db.insertInto('alert').values(alert).execute()
  return alert.id
}

/** A device of the agency that waits for approval. */
async function waitingDevice(): Promise<string> {
  const { client } = byRole.get('administrator')!
  await client.call('chooseDeviceApproval', { body: { required: true } })
  await signIn(service.address, byRole.get('examiner')!)
  const { devices } = await client.call('showDeviceApproval', {})
  await client.call('chooseDeviceApproval', { body: { required: false } })
  return devices[0].id
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
}

/** Whether one call could spoil the account for the next ones. */
function endsSession(name: string): boolean {
  return name === 'signOut'
}

beforeAll(async () => {
  service = await startTestService({ webhookHosts: 'hooks.example' })
  operator = await setUp(service)
  agencyId = await newAgency(operator, 'Agency')
  byRole.set('operator', operator)
  for (const role of ROLES) {
    if (role !== 'operator') byRole.set(role, await newAccount(operator, agencyId, `The ${role}`, [role]))
  }
}, 120_000)
afterAll(() => service.remove())

describe('every route', () => {
  test('signed out: 401, unless it is public', async () => {
    for (const [name, endpoint] of table) {
      const answer = await status(newClient(service.address), endpoint)
      expect(endpoint.access === 'public' ? [200, 400] : [401], name).toContain(answer)
    }
  })

  test.each(ROLES.map((role) => [role]))('as %s: just what the table of permissions says', async (role) => {
    const { client } = byRole.get(role)!
    for (const [name, endpoint] of table) {
      if (endpoint.access === 'public' || endsSession(name)) continue
      const allowed =
        endpoint.access === 'password' ||
        endpoint.access === 'signed_in' ||
        (PERMISSIONS[endpoint.access] as readonly Role[]).includes(role)
      const answer = await status(client, endpoint)
      expect(allowed ? [200, 400, 404] : [403], `${name} as ${role}`).toContain(answer)
    }
  })

  test('with a password and no second factor: the own account only', async () => {
    const body = { email: 'half@agency.example', name: 'Half', roles: ['supervisor' as const] }
    const { first, second } = await staffOf(operator, agencyId)
    const { id, link } = await first.client.call('invite', { body })
    const { code } = await second.client.call('giveInvitationCode', { params: { id }, body: {} })
    const client = newClient(service.address)
    await client.call('acceptInvitation', {
      body: { token: new URL(link!).hash.slice(1), password: PASSWORD, code },
    })
    for (const request of await second.client.call('listRoleRequests', {}))
      await second.client.call('confirmRole', { params: { id: request.id }, body: {} })
    await client.call('signIn', { body: { email: body.email, password: PASSWORD } })
    for (const [name, endpoint] of table) {
      if (endpoint.access === 'public' || endpoint.access === 'password') continue
      expect(await status(client, endpoint), name).toBe(403)
    }
  })

  test('with an API key: nothing outside its scopes', async () => {
    const supervisor = byRole.get('supervisor')!
    const { key } = await supervisor.client.call('createApiKey', {
      body: { name: 'one scope', scopes: ['statistics.read'], days: 1 },
    })
    for (const [name, endpoint] of table) {
      const open = ['public', 'password', 'signed_in', 'statistics.read']
      if (open.includes(endpoint.access)) continue
      expect(await status(newClient(service.address), endpoint, { key }), name).toBe(403)
    }
    const made = await status(newClient(service.address), endpoints.listCases, { key: 'lk_no_such_key' })
    expect(made).toBe(401)
  })

  test('other agency: what belongs to one agency is not there for another', async () => {
    const examiner = byRole.get('examiner')!
    const { id: caseId } = await examiner.client.call('createCase', {
      body: { number: '1', title: 'A case', purpose: 'training', legalBasis: 'test' },
    })
    const { id: suspensionId } = await operator.client.call('suspend', {
      body: { kind: 'account', targetId: byRole.get('field_officer')!.accountId, reason: 'test' },
    })
    const { id: collectionId } = await byRole.get('curator')!.client.call('createCollection', {
      body: { title: 'Ours', lawfulBasis: 'test', sensitivity: 'ordinary' },
    })
    const { id: importId } = await byRole.get('curator')!.client.call('startImport', {
      params: { id: collectionId },
      body: {},
    })
    const { id: holdId } = await byRole.get('supervisor')!.client.call('imposeHold', {
      params: { id: collectionId },
      body: { reason: 'test' },
    })
    await byRole.get('supervisor')!.client.call('imposeCaseHold', {
      params: { id: caseId },
      body: { reason: 'test' },
    })
    const [caseHold] = await byRole
      .get('supervisor')!
      .client.call('listCaseHolds', { params: { id: caseId } })
    const photo = readFileSync(groupPhoto(1))
    const probe = await examiner.client.call('addProbe', { params: { id: caseId }, body: photo })
    const search = await examiner.client.call('searchInCase', {
      params: { id: caseId },
      body: { faces: [probe.faces[0].id] },
    })
    const [drawn] = await byRole.get('supervisor')!.client.call('drawSearches', {
      body: { since: '2022-01-01T00:00:00Z', until: '2999-01-01T00:00:00Z', share: 1 },
    })
    const missing = { status: 'missing' as const }
    const person = await examiner.client.call('createPerson', { body: { ...missing, ref: 'A-1' } })
    const other = await examiner.client.call('createPerson', { body: { ...missing, ref: 'A-2' } })
    const merged = await examiner.client.call('mergePeople', {
      params: { id: person.id },
      body: { otherId: other.id, reason: 'test' },
    })
    const [change] = merged.changes
    const enquiry = await byRole.get('liaison')!.client.call('openEnquiry', {
      body: {
        personId: person.id,
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
    const standing = await examiner.client.call('createStandingSearch', {
      body: {
        personId: person.id,
        withFaces: false,
        probeFaces: [probe.faces[0].id],
        purpose: 'find_missing_person',
        legalBasis: 'test',
        endsOn: inDays(90),
        reviewOn: inDays(30),
      },
    })
    const webhook = await byRole.get('administrator')!.client.call('addWebhook', {
      body: { url: 'https://hooks.example/likeness' },
    })
    const alertId = await goneAlert(person.id)
    const { first } = await staffOf(operator, agencyId)
    const { id: invitationId } = await first.client.call('invite', {
      body: { email: 'open@agency.example', name: 'Open', roles: ['examiner'] },
    })
    await first.client.call('changeRoles', {
      params: { id: byRole.get('curator')!.accountId },
      body: { roles: ['curator', 'auditor'] },
    })
    const [roleRequest] = await first.client.call('listRoleRequests', {})
    const deviceId = await waitingDevice()
    const ids: [RegExp, string][] = [
      [/^\/invitations\/:id/, invitationId],
      [/^\/role-requests\/:id/, roleRequest.id],
      [/^\/cases\/:id/, caseId],
      [/^\/accounts\/:id/, examiner.accountId],
      [/^\/suspensions\/:id/, suspensionId],
      [/^\/collections\/:id/, collectionId],
      [/^\/holds\/:id/, holdId],
      [/^\/case-holds\/:id/, caseHold.id],
      [/^\/imports\/:id/, importId],
      [/^\/(jobs|uploads)\/:id/, NO_ID],
      [/^\/probes\/:id/, probe.id],
      [/^\/searches\/:id/, search.id],
      [/^\/reviews\/:id/, drawn.id],
      [/^\/people\/:id/, person.id],
      [/^\/person-changes\/:id/, change.id],
      [/^\/enquiries\/:id/, enquiry.id],
      [/^\/standing-searches\/:id/, standing.id],
      [/^\/alerts\/:id/, alertId],
      [/^\/devices\/:id/, deviceId],
      [/^\/webhooks\/:id/, webhook.id],
      [/^\/(identifications|examinations|lineups|verifications|reports|transmittals)\/:id/, NO_ID],
      [/^\/(sessions|passkeys|api-keys)\/:id/, examiner.accountId],
    ]
    const roles = ROLES.filter((role) => role !== 'operator')
    const stranger = await newAccount(
      operator,
      await newAgency(operator, 'Other agency'),
      'A stranger',
      roles,
    )
    const bodies: Record<string, string> = {
      changeRoles: '{"roles":["examiner"]}',
      liftSuspension: '{"reason":"x"}',
      addToCase: `{"accountId":"${examiner.accountId}"}`,
      searchInCase: `{"faces":["${probe.faces[0].id}"]}`,
      imposeHold: '{"reason":"x"}',
      liftHold: '{"reason":"x"}',
      imposeCaseHold: '{"reason":"x"}',
      liftCaseHold: '{"reason":"x"}',
      changeCollection: '{"reason":"x"}',
      emptyCollection: '{"reason":"x"}',
      eraseFromCollection: `{"media":["${NO_ID}"],"reason":"x"}`,
      markCandidate: '{"mark":"later"}',
      addNote: '{"shape":{"kind":"arrow","from":{"x":1,"y":1},"to":{"x":2,"y":2}},"words":""}',
      settleReview: '{"finding":"in_order","note":"x"}',
      compareFaces: `{"faceA":"${probe.faces[0].id}","faceB":"${probe.faces[0].id}"}`,
      linkFace: '{"link":"same"}',
      mergePeople: `{"otherId":"${other.id}","reason":"x"}`,
      splitPerson: `{"faces":["${NO_ID}"],"name":"x","reason":"x"}`,
      undoPersonChange: '{"reason":"x"}',
      dismissAlert: '{"reason":"x"}',
      alertNotThisPerson: '{"reason":"x"}',
      leadFromAlert: `{"caseId":"${caseId}"}`,
      namePerson: `{"personId":"${person.id}"}`,
      addEvidence: '{"kind":"document","description":"x"}',
      retractEvidence: '{"reason":"x"}',
      signIdentification: '{"statement":"x"}',
      closeIdentification: '{"as":"rejected","reason":"x"}',
      withdrawIdentification: '{"reason":"x"}',
      assignVerification: `{"accountId":"${examiner.accountId}"}`,
      recallVerification: '{"reason":"x"}',
      writeAnalysis: '{"analysis":{"isSuitable":true,"note":"x"}}',
      writeComparison: '{"checklist":[]}',
      writeLineupAnalysis: '{"analysis":{"isSuitable":true,"note":"x"}}',
      writeLineupComparison: '{"checklist":[]}',
      returnLineup: '{"reason":"x"}',
      makeReport: '{"language":"en","recipientKind":"court","recipient":"x"}',
      transmit: '{"recipientKind":"court","recipient":"x","withEvidence":true,"legalBasis":"x"}',
      saveDisappearance: JSON.stringify({
        lastSeenOn: null,
        lastSeenPlace: null,
        marks: null,
        clothing: null,
        circumstances: null,
        photoUrls: null,
        basis: 'legal',
        basisDetail: 'x',
        mayPublish: false,
        keepUntil: null,
      }),
      erasePersonPhoto: '{"reason":"x"}',
      addContact: '{"name":"x","relation":null,"telephone":null,"email":null,"address":null,"note":null}',
      makePoster: `{"photoId":"${NO_ID}","facts":[],"contact":"x","language":"en"}`,
      recordAnswer: '{"answer":"x","givenBy":"x","givenOn":"2030-01-01","channel":"letter"}',
      changeEnquiryState: '{"state":"closed","reason":"x"}',
      beginUpload: '{"name":"x.mp4","byteLength":1}',
      addTrackProbes: `{"searchId":"${search.id}","rank":1}`,
      recordReceipt: '{"receivedBy":"x","receivedAt":"2030-01-01T00:00:00Z"}',
    }
    const queries: Record<string, string> = {
      importFile: '?name=x.jpg',
      sendPart: '?at=0',
      replayMediaPage: `?source=${NO_ID}`,
      replayCandidatePage: `?source=${NO_ID}`,
    }
    for (const [name, endpoint] of table) {
      if (!endpoint.path.includes(':')) continue
      const id = ids.find(([pattern]) => pattern.test(endpoint.path))?.[1]
      expect(id, `${name}: this test must know an id of its kind`).toBeDefined()
      const body = bodies[name] ?? '{}'
      const query = queries[name] ?? ''
      expect(await status(stranger.client, endpoint, { id: id!, body, query }), name).toBe(404)
    }
    await operator.client.call('liftSuspension', {
      params: { id: suspensionId },
      body: { reason: 'test over' },
    })
  })

  test('expired: 401', async () => {
    const client = await signIn(service.address, byRole.get('examiner')!)
    const { db } = service.ctx.store
    const session = (await client.call('listMySessions', {})).find((row) => row.current)!
    const tooOld = new Date(Date.now() - 13 * 60 * 60 * 1000).toISOString()
    await db.updateTable('login_session').set({ createdAt: tooOld }).where('id', '=', session.id).execute()
    for (const [name, endpoint] of guarded) {
      expect(await status(client, endpoint), name).toBe(401)
    }
    const idle = await signIn(service.address, byRole.get('examiner')!)
    const current = (await idle.call('listMySessions', {})).find((row) => row.current)!
    const past = new Date(Date.now() - 1000).toISOString()
    await db.updateTable('login_session').set({ expiresAt: past }).where('id', '=', current.id).execute()
    expect(await status(idle, endpoints.showMe)).toBe(401)
  })

  test('suspended, account or agency: 401, and again after it is lifted until a new sign-in', async () => {
    const { client, accountId } = await newAccount(operator, agencyId, 'Soon Suspended', ['examiner'])
    for (const target of [
      { kind: 'account' as const, targetId: accountId },
      { kind: 'agency' as const, targetId: agencyId },
    ]) {
      const { id } = await operator.client.call('suspend', { body: { ...target, reason: 'test' } })
      for (const [name, endpoint] of guarded) {
        expect(await status(client, endpoint), name).toBe(401)
      }
      await operator.client.call('liftSuspension', { params: { id }, body: { reason: 'test over' } })
      expect(await status(client, endpoints.showMe)).toBe(401)
    }
  })
})
