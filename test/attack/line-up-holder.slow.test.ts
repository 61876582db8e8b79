import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { cookieHeader } from '../../scripts/browser-fetch.ts'
import { groupPhoto, sampleFiles } from '../../scripts/sample-photos.ts'
import { addressOf } from '../../src/contract/client/address-of.ts'
import type { Endpoint } from '../../src/contract/endpoint.ts'
import { endpoints } from '../../src/contract/endpoints.ts'
import { examineLead, startExaminedBureau, type ExaminedBureau } from '../support/examined-bureau.ts'
import type { TestAccount } from '../support/test-service.ts'

// What a verifier did on a running service to learn which face of the line-up is the candidate.

/** Nobody in it is in the collection. */
const strangers = readFileSync(sampleFiles('crowd')[1])

let bureau: ExaminedBureau
let verifier: TestAccount

beforeAll(async () => {
  bureau = await startExaminedBureau()
  await examineLead(bureau.examiner, bureau.identificationId, 'same_moderate')
}, 180_000)
afterAll(() => bureau.service.remove())
let members = 0
beforeEach(async () => {
  verifier = await bureau.member(`Verifier ${++members}`, ['examiner', 'supervisor', 'liaison', 'curator'])
})
/** The line-up goes back into the queue, for the next one. */
afterEach(async () => {
  const { items } = await verifier.client.call('listLineups', {})
  for (const { id, state } of items.filter((lineup) => lineup.state === 'taken'))
    await verifier.client.call('returnLineup', { params: { id }, body: { reason: state } })
})

const NOBODY = '00000000-0000-7000-8000-000000000000'

async function takeLineup(): Promise<{ id: string }> {
  const { lineup } = await verifier.client.call('takeLineup', { body: {} })
  return lineup!
}

async function ownCase(): Promise<string> {
  const body = { number: 'V-1', title: 'My own', purpose: 'find_missing_person' as const, legalBasis: 'test' }
  return (await verifier.client.call('createCase', { body })).id
}

test('whoever holds a line-up has no face compared, in no case of their own, until it has ended', async () => {
  const { client } = verifier
  const caseId = await ownCase()
  const params = { id: caseId }
  // Of another photo, whose faces are not the line-up's: all that was found before is shut as well.
  const probe = await client.call('addProbe', { params, body: strangers })
  const [faceA, faceB] = probe.faces.map(({ id }) => id)
  await client.call('compareFaces', { params, body: { faceA, faceB } })
  const { id } = await takeLineup()
  const held = { code: 'lineup_held', status: 409 }
  await expect(client.call('addProbe', { params, body: strangers })).rejects.toMatchObject(held)
  await expect(client.call('compareFaces', { params, body: { faceA, faceB } })).rejects.toMatchObject(held)
  await expect(client.call('searchInCase', { params, body: { faces: [faceA] } })).rejects.toMatchObject(held)
  await expect(client.call('listAlerts', {})).rejects.toMatchObject(held)
  await expect(client.call('listSearches', { params })).rejects.toThrow(/Finish the line-up or give it back/)
  const { key } = await client.call('createApiKey', {
    body: { name: 'mine', scopes: ['case.read', 'search.read', 'search.run'], days: 1 },
  })
  const byKey = await fetch(`${client.server}${addressOf('listSearches', { params })}`, {
    headers: { authorization: `Bearer ${key}` },
  })
  expect([byKey.status, await byKey.text()]).toEqual([409, expect.stringContaining('lineup_held')])

  // The supervisor sees that it was tried.
  const tried = await bureau.service.ctx.store.db
    .selectFrom('audit_event')
    .select(['subject', 'details'])
    .where('action', '=', 'lineup.refuse')
    .execute()
  expect(tried).toHaveLength(6)
  expect(tried[0]).toEqual({ subject: `verification ${id}`, details: '{"operation":"addProbe"}' })

  await client.call('returnLineup', { params: { id }, body: { reason: 'Enough.' } })
  await expect(client.call('compareFaces', { params, body: { faceA, faceB } })).resolves.toMatchObject({
    similarity: expect.any(Number) as number,
  })
})

test('every endpoint that compares faces or shows others refuses them, whatever it is asked about', async () => {
  const { client } = verifier
  await takeLineup()
  const cookie = cookieHeader(client.cookies)
  const shut = (Object.entries(endpoints) as [string, Endpoint][]).filter(
    ([, { shutToVerifiers }]) => shutToVerifiers === true,
  )
  expect(shut.length).toBeGreaterThan(25)
  for (const [name, endpoint] of shut) {
    const path = endpoint.path.replaceAll(/:(rank|\w+)/g, (_, part: string) =>
      part === 'rank' ? '1' : NOBODY,
    )
    const sends = endpoint.method !== 'GET'
    const response = await fetch(`${client.server}/api/v1${path}?source=${NOBODY}`, {
      method: endpoint.method,
      headers: {
        cookie,
        origin: 'http://likeness.test',
        ...(sends ? { 'content-type': endpoint.photoBody === true ? 'image/jpeg' : 'application/json' } : {}),
      },
      ...(sends ? { body: endpoint.photoBody === true ? strangers : '{}' } : {}),
    })
    const answer = (await response.json()) as { code: string }
    expect(answer.code, name).toBe('lineup_held')
  }
})

test('the people of the lead and of the line-up, and other cases about the probe, are not there for its verifier', async () => {
  const { examiner, supervisor, identificationId } = bureau
  const { db } = bureau.service.ctx.store
  const lead = await examiner.client.call('showIdentification', { params: { id: identificationId } })
  const known = {
    names: [{ kind: 'main' as const, given: 'Ірина', family: 'Шевченко' }],
    status: 'missing' as const,
  }
  const linked = await examiner.client.call('createPerson', { body: known })
  await examiner.client.call('linkFace', {
    params: { id: linked.id, faceId: lead.faceId },
    body: { link: 'same' },
  })
  const other = await examiner.client.call('createPerson', { body: known })
  const elsewhere = await supervisor.client.call('createCase', {
    body: { number: 'K-2', title: 'Another', purpose: 'find_missing_person', legalBasis: 'test' },
  })
  await supervisor.client.call('addProbe', {
    params: { id: elsewhere.id },
    body: readFileSync(groupPhoto(1)),
  })
  const ids = async (): Promise<string[]> =>
    (await verifier.client.call('listPeople', {})).items.map(({ id }) => id)
  expect(await ids()).toEqual(expect.arrayContaining([linked.id, other.id]))
  await expect(verifier.client.call('showCase', { params: { id: elsewhere.id } })).resolves.toBeDefined()

  const { id } = await takeLineup()
  const filler = await db
    .selectFrom('examination_item')
    .innerJoin('examination', 'examination.id', 'examination_item.examination_id')
    .select('face_id')
    .where('verification_id', '=', id)
    .where('role', '=', 'filler')
    .executeTakeFirstOrThrow()
  await examiner.client.call('linkFace', {
    params: { id: other.id, faceId: filler.face_id },
    body: { link: 'same' },
  })
  expect(await ids()).toEqual([])
  for (const person of [linked, other]) {
    await expect(verifier.client.call('showPerson', { params: { id: person.id } })).rejects.toMatchObject({
      code: 'not_found',
    })
  }
  await expect(verifier.client.call('showCase', { params: { id: elsewhere.id } })).rejects.toMatchObject({
    code: 'not_found',
  })
  expect((await examiner.client.call('listPeople', {})).items).toHaveLength(2)
})
