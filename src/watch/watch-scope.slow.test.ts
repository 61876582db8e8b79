import { expect, onTestFinished, test } from 'vitest'
import {
  enrol,
  mateOf,
  storeWithCollection,
  testPhoto,
  unitVector,
} from '../../test/support/enrolled-record.ts'
import { agencyOfRecord, madeUpAccount, madeUpAgency } from '../../test/support/made-up-accounts.ts'
import { madeUpContext, madeUpSearch } from '../../test/support/made-up-lead.ts'
import { standingSearchInput, watchedPerson } from '../../test/support/watched-person.ts'
import { writeByHand } from '../../test/support/write-by-hand.ts'
import type { AccountActor } from '../actor/actor.ts'
import { revokeCollection, grantCollection } from '../collections/grant-collection.ts'
import { createCollection } from '../collections/create-collection.ts'
import { whyIneligible } from '../examination/eligible-verifiers.ts'
import { liftSuspension, suspend } from '../access/suspensions.ts'
import { openIdentification } from '../identification/open-identification.ts'
import { linkFace } from '../people/link-face.ts'
import { newId, nowIso } from '../store/ids.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import { subjectFace } from './alert-picture.ts'
import { dismissAlert } from './handle-alert.ts'
import { listStandingSearches } from './list-standing-searches.ts'
import { setUpStandingSearch } from './set-up-standing-search.ts'
import { countVisibleAlerts, listAlerts, showAlert } from './show-alerts.ts'
import { Watcher } from './watcher.ts'

const never = new AbortController().signal
const operator = { kind: 'operator' as const, name: 'tester' }
const everything = {
  states: undefined,
  personId: undefined,
  ownerId: undefined,
  isOverdue: false,
  before: undefined,
  limit: 50,
}

async function begin() {
  const store = await storeWithCollection()
  const ctx = madeUpContext(store)
  onTestFinished(() => ctx.index.close())
  const agencyId = await agencyOfRecord(store)
  const account = (name: string, roles: Parameters<typeof madeUpAccount>[3], agency = agencyId) =>
    madeUpAccount(store, agency, name, roles)
  const watch = async (): Promise<void> => {
    const watcher = new Watcher(ctx, (error) => expect(error).toBeUndefined())
    await watcher.drain()
    await watcher.stop()
  }
  const seen = async (actor: AccountActor): Promise<number> => {
    const alerts = await listAlerts(ctx, actor, everything)
    expect((await countVisibleAlerts(ctx, actor)).open).toBe(alerts.length)
    return alerts.length
  }
  return { store, ctx, agencyId, account, watch, seen }
}

test('a blind verifier learns nothing of the case from alerts, nor of its people and candidates', async () => {
  const { store, ctx, agencyId, account, watch, seen } = await begin()
  const lead = await account('Lead', ['examiner', 'supervisor'])
  const verifier = await account('Vira', ['examiner'])
  const child = unitVector()
  await enrol(store, [
    { ...testPhoto('a.jpg'), templates: [mateOf(child, 0.8)] },
    { ...testPhoto('b.jpg'), templates: [mateOf(child, 0.8)] },
  ])
  const [face] = await store.db.selectFrom('face').select('id').orderBy('id').execute()
  const { searchId, caseId } = await madeUpSearch(store, lead, [], { faceId: face.id })
  const identification = await openIdentification(ctx, lead, { searchId, rank: 1, probeFaceId: undefined })
  const personId = await watchedPerson(store, lead, [child])
  await setUpStandingSearch(ctx, lead, standingSearchInput(personId, { threshold: 0.4 }), never)
  await watch()
  // Two photos, and the probe of the case that shows the same face.
  expect(await seen(lead)).toBe(3)
  expect(await seen(verifier)).toBe(2)
  const probeAlert = (await listAlerts(ctx, lead, everything)).find(({ probe }) => probe !== undefined)!
  await expect(showAlert(ctx, verifier, { id: probeAlert.alert.id })).rejects.toMatchObject({
    code: 'not_found',
  })

  // Whoever has looked at an alert on the candidate's photo cannot verify it blind any more.
  const onlooker = await account('Oleh', ['examiner'])
  expect(await whyIneligible(store.db, identification, onlooker.accountId)).toBeUndefined()
  const onCandidate = (await listAlerts(ctx, onlooker, everything)).find(
    ({ media }) => media?.mediaId === identification.media_id,
  )!
  // The list shows it already.
  expect(await whyIneligible(store.db, identification, onlooker.accountId)).toBe('saw_candidates')
  await showAlert(ctx, onlooker, { id: onCandidate.alert.id })
  expect(await whyIneligible(store.db, identification, onlooker.accountId)).toBe('saw_candidates')

  const verification = withDigest('verification', {
    id: newId(),
    identification_id: identification.id,
    case_id: caseId,
    agency_id: agencyId,
    round: 2 as const,
    state: 'taken' as const,
    account_id: verifier.accountId,
    verifier: verifier.name,
    assigned_by: null,
    seed: null,
    lineup: null,
    asked_at: nowIso(),
    asked_by: 'test',
    taken_at: nowIso(),
    finished_at: null,
    outcome: null,
    conclusion: null,
    fillers_chosen: null,
    cancelled_by: null,
    cancelled_at: null,
    cancel_reason: null,
  })
  await writeByHand(store, (tx) => tx.insertInto('verification').values(verification).execute())
  // The candidate's photo is not there for the verifier any more.
  expect(await seen(verifier)).toBe(1)
  const { digest: _digest, ...row } = { ...identification, person_id: personId }
  const { digest } = withDigest('identification', row)
  await writeByHand(store, (tx) =>
    tx
      .updateTable('identification')
      .set({ person_id: personId, digest })
      .where('id', '=', identification.id)
      .execute(),
  )
  expect(await seen(verifier)).toBe(0)
  const query = { personId: undefined, state: undefined, before: undefined, limit: 10 }
  expect(await listStandingSearches(ctx, verifier, query)).toEqual([])
  expect(await seen(lead)).toBe(3)
})

test('a standing search of a case is for those who work on it; alerts of others are not found', async () => {
  const { store, ctx, account, watch, seen } = await begin()
  const lead = await account('Lead', ['examiner'])
  const colleague = await account('Colleague', ['examiner'])
  const supervisor = await account('Supervisor', ['supervisor'])
  const child = unitVector()
  await enrol(store, [{ ...testPhoto('a.jpg'), templates: [mateOf(child, 0.8)] }, testPhoto('b.jpg')])
  const [, other] = await store.db.selectFrom('face').select('id').orderBy('id').execute()
  const { caseId } = await madeUpSearch(store, lead, [], { faceId: other.id })
  const personId = await watchedPerson(store, lead, [child])
  const input = standingSearchInput(personId, { threshold: 0.5, caseId })
  await expect(setUpStandingSearch(ctx, colleague, input, never)).rejects.toMatchObject({ code: 'not_found' })
  await setUpStandingSearch(ctx, lead, input, never)
  await watch()
  expect([await seen(lead), await seen(supervisor), await seen(colleague)]).toEqual([1, 1, 0])
  const stranger = await account('Stranger', ['supervisor'], await madeUpAgency(store, 'Elsewhere'))
  expect(await seen(stranger)).toBe(0)
  const [{ alert }] = await listAlerts(ctx, lead, everything)
  for (const actor of [colleague, stranger])
    await expect(dismissAlert(ctx, actor, { id: alert.id, reason: 'mine' })).rejects.toMatchObject({
      code: 'not_found',
    })
  const curator = await account('Curator', ['curator'])
  await expect(listAlerts(ctx, curator, everything)).rejects.toMatchObject({ code: 'not_allowed' })
})

test('an alert on a collection whose grant ended says only that there was one', async () => {
  const { store, ctx, account, watch } = await begin()
  const theirs = await madeUpAgency(store, 'Elsewhere')
  const liaison = await account('Liaison', ['liaison'], theirs)
  const { id: collectionId } = await store.db.selectFrom('collection').select('id').executeTakeFirstOrThrow()
  const child = unitVector()
  await enrol(store, [{ ...testPhoto('a.jpg'), templates: [mateOf(child, 0.8)] }])
  const personId = await watchedPerson(store, liaison, [child])
  await grantCollection(ctx, operator, { collectionId, agencyId: theirs })
  await setUpStandingSearch(ctx, liaison, standingSearchInput(personId, { threshold: 0.5 }), never)
  await watch()
  const shown = async () =>
    (await listAlerts(ctx, liaison, everything)).map(({ media }) => media !== undefined)
  expect(await shown()).toEqual([true])
  await revokeCollection(ctx, operator, { collectionId, agencyId: theirs })
  expect(await shown()).toEqual([false])
})

test('a face that was linked in a granted collection looks for nobody, and is shown to nobody, once the grant has ended', async () => {
  const { store, ctx, account, watch } = await begin()
  const theirs = await madeUpAgency(store, 'Elsewhere')
  const guest = await account('Guest', ['examiner', 'liaison'], theirs)
  const { id: collectionId } = await store.db.selectFrom('collection').select('id').executeTakeFirstOrThrow()
  const grant = { collectionId, agencyId: theirs }
  const child = unitVector()
  await enrol(store, [{ ...testPhoto('linked.jpg'), templates: [child] }])
  const face = await store.db.selectFrom('face').select('id').executeTakeFirstOrThrow()
  await grantCollection(ctx, operator, grant)
  const personId = await watchedPerson(store, guest, [])
  await linkFace(ctx, guest, { id: personId, faceId: face.id, link: 'same' })
  const own = await createCollection(ctx, operator, {
    title: 'Own of Elsewhere',
    lawfulBasis: 'test',
    agency: 'Elsewhere',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  const input = standingSearchInput(personId, { threshold: 0.5, withFaces: true, collections: [own.id] })
  await setUpStandingSearch(ctx, guest, input, never)
  const found = async (name: string) => {
    await enrol(store, [{ ...testPhoto(name), templates: [mateOf(child, 0.8)] }], 'Own of Elsewhere')
    await watch()
    return (await listAlerts(ctx, guest, everything)).length
  }
  const standing = async () => {
    const query = { personId: undefined, state: undefined, before: undefined, limit: 10 }
    const [row] = await listStandingSearches(ctx, guest, query)
    return { templates: row.templates, titles: row.collectionTitles }
  }
  expect(await found('a.jpg')).toBe(1)
  expect(await standing()).toEqual({ templates: 1, titles: ['Own of Elsewhere'] })
  const [{ alert, hits }] = await listAlerts(ctx, guest, everything)
  const side = async () => subjectFace(store.db, await showAlert(ctx, guest, { id: alert.id }), hits[0])
  expect(await side()).toMatchObject({ faceId: face.id })

  await revokeCollection(ctx, operator, grant)
  // The alert is about an own photo and stays; whom it is like is not theirs to see any more, nor to look for.
  expect(await side()).toBeUndefined()
  expect(await found('b.jpg')).toBe(1)
  expect((await standing()).templates).toBe(0)
  await expect(
    setUpStandingSearch(ctx, guest, standingSearchInput(personId, { withFaces: true }), never),
  ).rejects.toMatchObject({ code: 'conflict' })

  await grantCollection(ctx, operator, grant)
  expect(await found('c.jpg')).toBe(3)
  expect(await side()).toMatchObject({ faceId: face.id })
  const agencyId = await agencyOfRecord(store)
  const lead = await account('Operator', ['operator'])
  const cut = await suspend(ctx, lead, { kind: 'agency', id: agencyId, reason: 'test' })
  expect(await side()).toBeUndefined()
  expect(await found('d.jpg')).toBe(3)
  await liftSuspension(ctx, lead, { id: cut.id, reason: 'test' })
  expect(await found('e.jpg')).toBe(5)
})
