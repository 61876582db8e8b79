import { hash, randomBytes } from 'node:crypto'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enrolInto, testPhoto } from '../../test/support/enrolled-record.ts'
import { madeUpSearch } from '../../test/support/made-up-lead.ts'
import { makeVideoOf } from '../../test/support/made-up-video.ts'
import {
  newAccount,
  newAgency,
  newClient,
  PASSWORD,
  setUp,
  signIn,
  staffOf,
  startTestService,
  type TestAccount,
  type TestClient,
  type TestService,
} from '../../test/support/test-service.ts'
import type { AccountActor } from '../actor/actor.ts'
import { recordEvent } from '../audit/append-event.ts'
import type { CallInput } from '../contract/client/api-client.ts'
import { endpoints, type EndpointName } from '../contract/endpoints.ts'
import { keepDerivative } from '../video/derivatives.ts'

// Every endpoint that streams, and every way of losing access while it does.

/**
 * Whether an answer goes on for as long as somebody listens, plays or downloads; the others are made whole before the
 * first byte is sent.
 */
const STREAMS = {
  streamEvents: 'goes on',
  exportAudit: 'goes on',
  playCandidateVideo: 'goes on',
  playMediaVideo: 'goes on',
  showMediaPicture: 'whole',
  replayMediaPage: 'whole',
  showProbePicture: 'whole',
  showCandidatePicture: 'whole',
  replayCandidatePage: 'whole',
  showTrackPicture: 'whole',
  showPersonFace: 'whole',
  showPersonPhoto: 'whole',
  exportPeople: 'whole',
  makePoster: 'whole',
  showExaminationProbe: 'whole',
  showExaminationItem: 'whole',
  showLineupProbe: 'whole',
  showLineupItem: 'whole',
  readReportPdf: 'whole',
  readReportJson: 'whole',
  exportEvidence: 'whole',
  showAlertPicture: 'whole',
} as const
const GOES_ON = Object.entries(STREAMS).flatMap(([name, how]) => (how === 'goes on' ? [name] : []))

/** Long enough that no buffer between the two takes the whole. */
const LONG_BYTES = 24 * 1024 * 1024
const ENDS_WITHIN_MS = 2000

let service: TestService
let operator: TestAccount
let agencyId: string
let guestAgency: string
let supervisor: TestAccount
let curator: TestAccount
let collectionId: string
let caseId: string
let searchId: string
let mediaId: string

beforeAll(async () => {
  service = await startTestService()
  operator = await setUp(service)
  agencyId = await newAgency(operator, 'Kyiv bureau')
  guestAgency = await newAgency(operator, 'Lviv bureau')
  supervisor = await newAccount(operator, agencyId, 'Sofia Supervisor', ['supervisor'])
  curator = await newAccount(operator, agencyId, 'Cora Curator', ['curator'])
  const body = { title: 'Test', lawfulBasis: 'test', sensitivity: 'ordinary' as const }
  collectionId = (await curator.client.call('createCollection', { body })).id
  const { store } = service.ctx
  await enrolInto(store, path.join(service.dataFolder, '..', 'photos'), [testPhoto('clip.mp4')])
  const face = await store.db.selectFrom('face').select(['id', 'media_id']).executeTakeFirstOrThrow()
  mediaId = face.media_id
  await makeVideoOf(store, mediaId, 1)
  const bytes = randomBytes(LONG_BYTES)
  const staged = await store.derived.stage(bytes, hash('sha256', bytes))
  const place = { media_id: mediaId, kind: 'copy' as const, name: 'plain' }
  await keepDerivative(store, place, { staged, byteLength: bytes.length, recipe: {} })
  const lead = { accountId: supervisor.accountId, agencyId, name: 'Sofia' } as unknown as AccountActor
  ;({ caseId, searchId } = await madeUpSearch(store, lead, [], { faceId: face.id }))
  const auditor = { kind: 'operator' as const, name: 'test' }
  for (let at = 0; at < LONG_BYTES / 1_000_000; at++)
    await recordEvent(store.db, auditor, {
      action: 'test.long',
      agencyId,
      subject: undefined,
      details: { long: 'x'.repeat(1_000_000) },
    })
}, 120_000)
afterAll(() => service.remove())

interface Begun {
  /** Reads on to the end. @returns what was read of it, and whether the connection was broken off */
  rest(): Promise<{ bytes: number; text: string; broken: boolean }>
}

/** Opens a stream and takes its first piece. */
async function begin<Name extends EndpointName>(
  client: TestClient,
  name: Name,
  input: CallInput<Name>,
): Promise<Begun> {
  const response = await client.send(name, input)
  expect(response.status, name).toBe(200)
  const reader = response.body!.getReader()
  const first = await reader.read()
  return {
    async rest() {
      const pieces = [first.value!]
      const ended = (broken: boolean) => ({
        bytes: pieces.reduce((sum, { byteLength }) => sum + byteLength, 0),
        text: Buffer.concat(pieces.slice(0, 20)).toString(),
        broken,
      })
      try {
        for (;;) {
          const { done, value } = await reader.read()
          if (done) return ended(false)
          pieces.push(value)
        }
      } catch {
        return ended(true)
      }
    },
  }
}

function open(client: TestClient, name: string): Promise<Begun> {
  if (name === 'exportAudit') return begin(client, name, { query: {} })
  if (name === 'playCandidateVideo') return begin(client, name, { params: { id: searchId, rank: 1 } })
  if (name === 'playMediaVideo') return begin(client, name, { params: { id: collectionId, mediaId } })
  return begin(client, 'streamEvents', {})
}

const member = (name: string) =>
  newAccount(operator, agencyId, name, ['supervisor', 'curator', 'auditor', 'examiner'])

test('every endpoint that streams is known here', () => {
  const streaming = Object.entries(endpoints).flatMap(([name, endpoint]) =>
    'stream' in endpoint ? [name] : [],
  )
  expect(Object.keys(STREAMS).toSorted()).toEqual(streaming.toSorted())
})

test('a stream of events is opened to whoever is fully signed in, and to no key that is bound to a case', async () => {
  expect((await newClient(service.address).send('streamEvents', {})).status).toBe(401)
  const eva = await member('Half Way')
  const half = newClient(service.address)
  await half.call('signIn', { body: { email: eva.email, password: PASSWORD } })
  expect((await half.send('streamEvents', {})).status).toBe(401)
  const scopes = ['case.read' as const]
  const { id: own } = await eva.client.call('createCase', {
    body: { number: 'K-1', title: 'Keys', purpose: 'training', legalBasis: 'test' },
  })
  const bound = await eva.client.call('createApiKey', {
    body: { name: 'bound', scopes, caseId: own, days: 1 },
  })
  expect((await newClient(service.address, bound.key).send('streamEvents', {})).status).toBe(403)
})

/** What ends an account's access, and the client that had it. */
type Loss = (who: TestAccount) => Promise<{ client: TestClient; lose: () => Promise<unknown> }>

const administrator = async () => (await staffOf(operator, agencyId)).first.client
const suspended = async (kind: 'account' | 'session' | 'device' | 'api_key', targetId: string) =>
  operator.client.call('suspend', { body: { kind, targetId, reason: 'lost' } })

async function keyOf(who: TestAccount) {
  const scopes = ['audit.read' as const, 'search.read' as const, 'collection.browse' as const]
  const { id, key } = await who.client.call('createApiKey', { body: { name: 'key', scopes, days: 1 } })
  return { id, client: newClient(service.address, key) }
}

const LOSSES: Record<string, Loss> = {
  'signing out': async ({ client }) => ({ client, lose: () => client.call('signOut', {}) }),
  'its session ended from another browser': async (who) => {
    const other = await signIn(service.address, who)
    const sessions = await other.call('listMySessions', {})
    const { id } = sessions.find(({ current }) => !current)!
    return { client: who.client, lose: () => other.call('endMySession', { params: { id } }) }
  },
  'its password changed from another browser': async (who) => {
    const other = await signIn(service.address, who)
    const body = { current: PASSWORD, next: 'another long enough sentence' }
    return { client: who.client, lose: () => other.call('changePassword', { body }) }
  },
  'its key deleted': async (who) => {
    const { id, client } = await keyOf(who)
    return { client, lose: () => who.client.call('deleteApiKey', { params: { id } }) }
  },
  'its key suspended': async (who) => {
    const { id, client } = await keyOf(who)
    return { client, lose: () => suspended('api_key', id) }
  },
  'its roles taken away': async ({ client, accountId }) => ({
    client,
    lose: async () =>
      (await administrator()).call('changeRoles', {
        params: { id: accountId },
        body: { roles: ['field_officer'] },
      }),
  }),
  'the account suspended': async ({ client, accountId }) => ({
    client,
    lose: () => suspended('account', accountId),
  }),
  'the session suspended': async ({ client }) => {
    const [{ id }] = await client.call('listMySessions', {})
    return { client, lose: () => suspended('session', id) }
  },
  'the device suspended': async ({ client }) => {
    const [{ deviceId }] = await client.call('listMySessions', {})
    return { client, lose: () => suspended('device', deviceId!) }
  },
}

test.each(Object.keys(LOSSES))('everything that goes on ends with %s', async (loss) => {
  const { client, lose } = await LOSSES[loss](await member(`Loses ${Object.keys(LOSSES).indexOf(loss)}`))
  const begun = await Promise.all(GOES_ON.map(async (name) => [name, await open(client, name)] as const))
  await lose()
  const lostMs = performance.now()
  for (const [name, stream] of begun) {
    const { bytes, text, broken } = await stream.rest()
    expect(performance.now() - lostMs, name).toBeLessThan(ENDS_WITHIN_MS)
    if (name === 'streamEvents') expect(text).toContain('event: cut_off')
    else expect({ name, broken, whole: bytes >= LONG_BYTES }).toEqual({ name, broken: true, whole: false })
  }
})

const giveCaseTo = ({ accountId: leadId }: TestAccount) =>
  supervisor.client.call('changeCase', { params: { id: caseId }, body: { leadId } })

/** What takes something away from somebody who stays: who it is, what goes on, and what takes it. */
const SEES_LESS: Record<string, () => Promise<{ who: TestAccount; lose: () => Promise<unknown> }>> = {
  'the account put out of the case': async () => {
    const who = await newAccount(operator, agencyId, 'Put Out', ['examiner'])
    const params = { id: caseId }
    await supervisor.client.call('addToCase', { params, body: { accountId: who.accountId } })
    const out = { params: { ...params, who: who.accountId } }
    return { who, lose: () => supervisor.client.call('removeFromCase', out) }
  },
  'its agency put out of the case': async () => {
    const who = await newAccount(operator, guestAgency, 'Guest Supervisor', ['supervisor'])
    const params = { id: caseId }
    await supervisor.client.call('addToCase', { params, body: { agencyId: guestAgency } })
    const grant = { params: { id: collectionId, agencyId: guestAgency } }
    await curator.client.call('grantCollection', grant)
    const out = { params: { ...params, who: guestAgency } }
    return { who, lose: () => supervisor.client.call('removeFromCase', out) }
  },
  'the grant withdrawn': async () => {
    const who = await newAccount(operator, guestAgency, 'Guest Of Grant', ['supervisor'])
    await supervisor.client.call('addToCase', { params: { id: caseId }, body: { agencyId: guestAgency } })
    const grant = { params: { id: collectionId, agencyId: guestAgency } }
    await curator.client.call('grantCollection', grant)
    return { who, lose: () => curator.client.call('revokeCollection', grant) }
  },
  'the case given to another lead': async () => {
    const who = await newAccount(operator, agencyId, 'Old Lead', ['examiner'])
    await giveCaseTo(who)
    return { who, lose: () => giveCaseTo(supervisor) }
  },
  'the agency that granted it suspended': async () => {
    const who = await newAccount(operator, guestAgency, 'Guest Of Suspended', ['supervisor'])
    await supervisor.client.call('addToCase', { params: { id: caseId }, body: { agencyId: guestAgency } })
    const grant = { params: { id: collectionId, agencyId: guestAgency } }
    await curator.client.call('grantCollection', grant)
    const body = { kind: 'agency' as const, targetId: agencyId, reason: 'lost' }
    return { who, lose: () => operator.client.call('suspend', { body }) }
  },
}

// Last: the last of them ends the sessions of the agency.
test.each(Object.keys(SEES_LESS))('what it opened ends with %s, and the account stays', async (loss) => {
  const { who, lose } = await SEES_LESS[loss]()
  const events = await open(who.client, 'streamEvents')
  const film = await open(who.client, 'playCandidateVideo')
  await lose()
  const lostMs = performance.now()
  expect((await events.rest()).text).toContain('event: sees_less')
  expect(await film.rest()).toMatchObject({ broken: true })
  expect(performance.now() - lostMs).toBeLessThan(ENDS_WITHIN_MS)
  const again = { params: { id: searchId, rank: 1 } }
  expect((await who.client.send('playCandidateVideo', again)).status).toBe(404)
  expect((await who.client.call('showMe', {})).accountId).toBe(who.accountId)
})
