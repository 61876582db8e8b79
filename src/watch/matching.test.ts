import { expect, onTestFinished, test } from 'vitest'
import {
  actor as operator,
  enrol,
  mateOf,
  storeWithCollection,
  testPhoto,
  unitVector,
} from '../../test/support/enrolled-record.ts'
import { begunThreads } from '../../test/support/begun-threads.ts'
import { agencyOfRecord, madeUpAccount } from '../../test/support/made-up-accounts.ts'
import { madeUpContext, madeUpSearch } from '../../test/support/made-up-lead.ts'
import {
  addMadeUpPhoto,
  addPhotoTemplate,
  standingSearchInput,
  watchedPerson,
} from '../../test/support/watched-person.ts'
import type { AccountActor } from '../actor/actor.ts'
import { eraseMedia } from '../erasure/erase-media.ts'
import { createCollection } from '../collections/create-collection.ts'
import { liftSuspension, suspend } from '../access/suspensions.ts'
import { grantCollection } from '../collections/grant-collection.ts'
import { templateRow } from '../imports/face-rows.ts'
import { linkFace } from '../people/link-face.ts'
import { setActiveTemplates } from '../store/active-templates.ts'
import { enterInIndex } from '../store/index-feed.ts'
import type { Store } from '../store/store.ts'
import { changeStandingSearch } from './change-standing-search.ts'
import { dismissAlert, notThisPerson } from './handle-alert.ts'
import { listAlerts } from './show-alerts.ts'
import { setUpStandingSearch, type StandingSearchInput } from './set-up-standing-search.ts'
import { Watcher } from './watcher.ts'

const never = new AbortController().signal
const MATE = 0.7
/** It looks four times a second, and a second after a failure. */
const SOON = { timeout: 20_000 }

async function begin(): Promise<{
  store: Store
  ctx: ReturnType<typeof madeUpContext>
  liaison: AccountActor
  /** Does everything there is to do, as a process that has just begun. */
  watch: () => Promise<void>
  alerts: () => Promise<string[]>
}> {
  const store = await storeWithCollection()
  const ctx = madeUpContext(store)
  const liaison = await madeUpAccount(store, await agencyOfRecord(store), 'Larysa', ['liaison', 'examiner'])
  onTestFinished(() => ctx.index.close())
  return {
    store,
    ctx,
    liaison,
    async watch() {
      const watcher = new Watcher(ctx, (error) => expect(error).toBeUndefined())
      expect(await watcher.drain()).toBe(true)
      await watcher.stop()
    },
    async alerts() {
      const rows = await listAlerts(ctx, liaison, {
        states: undefined,
        personId: undefined,
        ownerId: undefined,
        isOverdue: false,
        before: undefined,
        limit: 50,
      })
      return rows.map(({ alert, hits }) => `${alert.state} ${alert.target_kind} ${hits.length}`)
    },
  }
}

function search(personId: string, more: Partial<StandingSearchInput> = {}): StandingSearchInput {
  return standingSearchInput(personId, { threshold: 0.5, ...more })
}

function photoOf(name: string, ...templates: Float32Array[]): ReturnType<typeof testPhoto> {
  return { ...testPhoto(name), templates }
}

test('what is held and what comes later raise one alert a photo, once, whoever matches when', async () => {
  const { store, ctx, liaison, watch, alerts } = await begin()
  const child = unitVector()
  await enrol(store, [photoOf('held.jpg', unitVector(), mateOf(child, MATE)), testPhoto('other.jpg')])
  const personId = await watchedPerson(store, liaison, [child, mateOf(child, 0.8)])
  await setUpStandingSearch(ctx, liaison, search(personId, { comparison: 'singly' }), never)
  await watch()
  expect(await alerts()).toEqual(['new media 1'])
  await enrol(store, [
    photoOf('new.jpg', mateOf(child, MATE), mateOf(child, MATE)),
    testPhoto('stranger.jpg'),
  ])
  await watch()
  await watch()
  expect(await alerts()).toEqual(['new media 2', 'new media 1'])
})

test('a watcher whose thread ended begins anew by itself, says that it failed, and misses nothing', async () => {
  const { store, ctx, liaison, alerts } = await begin()
  const child = unitVector()
  await enrol(store, [photoOf('held.jpg', mateOf(child, MATE))])
  const personId = await watchedPerson(store, liaison, [child])
  await setUpStandingSearch(ctx, liaison, search(personId), never)
  const threads = begunThreads()
  const troubles: unknown[] = []
  const watcher = new Watcher(ctx, (error) => troubles.push(error))
  onTestFinished(() => watcher.stop())
  watcher.loop.start()
  await expect.poll(alerts, SOON).toEqual(['new media 1'])
  expect(watcher.loop.status).toMatchObject({ state: 'ready', failures: 0 })
  await Promise.all(threads.map((thread) => thread.terminate()))
  await enrol(store, [photoOf('new.jpg', mateOf(child, MATE))])
  await expect.poll(alerts, SOON).toEqual(['new media 1', 'new media 1'])
  await expect.poll(() => watcher.loop.status.state, SOON).toBe('ready')
  expect(watcher.loop.status.lastFailure).toMatchObject({ error: { code: 'busy' } })
  expect(troubles).toHaveLength(watcher.loop.status.failures)
})

test('a photo added to the person later is compared with everything held too', async () => {
  const { store, ctx, liaison, watch, alerts } = await begin()
  const [young, old] = [unitVector(), unitVector()]
  await enrol(store, [photoOf('grown.jpg', mateOf(old, MATE))])
  const personId = await watchedPerson(store, liaison, [young])
  await setUpStandingSearch(ctx, liaison, search(personId, { comparison: 'singly' }), never)
  await watch()
  expect(await alerts()).toEqual([])
  await addMadeUpPhoto(store, personId, old)
  await watch()
  expect(await alerts()).toEqual(['new media 1'])
})

test('collections: only those chosen; one that is granted later is gone through from its beginning', async () => {
  const { store, ctx, liaison, watch, alerts } = await begin()
  const child = unitVector()
  const otherAgency = { title: 'Theirs', agency: 'Other agency' }
  await createCollection({ store }, operator, {
    ...otherAgency,
    lawfulBasis: 'test',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  await enrol(store, [photoOf('theirs.jpg', mateOf(child, MATE))], 'Theirs')
  const personId = await watchedPerson(store, liaison, [child])
  await setUpStandingSearch(ctx, liaison, search(personId), never)
  await watch()
  expect(await alerts()).toEqual([])
  const theirs = await store.db
    .selectFrom('collection')
    .select('id')
    .where('title', '=', 'Theirs')
    .executeTakeFirstOrThrow()
  await grantCollection(ctx, operator, { collectionId: theirs.id, agencyId: liaison.agencyId! })
  await watch()
  expect(await alerts()).toEqual(['new media 1'])
})

test('a granted collection of an agency that is cut off raises nothing; what came meanwhile is gone through with the lifting', async () => {
  const { store, ctx, liaison, watch, alerts } = await begin()
  const child = unitVector()
  await createCollection({ store }, operator, {
    title: 'Theirs',
    agency: 'Other agency',
    lawfulBasis: 'test',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  const theirs = await store.db
    .selectFrom('collection')
    .select(['id', 'agency_id'])
    .where('title', '=', 'Theirs')
    .executeTakeFirstOrThrow()
  await grantCollection(ctx, operator, { collectionId: theirs.id, agencyId: liaison.agencyId! })
  const personId = await watchedPerson(store, liaison, [child])
  await setUpStandingSearch(ctx, liaison, search(personId), never)
  await watch()
  const target = { kind: 'agency' as const, id: theirs.agency_id }
  const suspension = await suspend(ctx, operator, { ...target, reason: 'under inquiry' })
  await enrol(store, [photoOf('theirs.jpg', mateOf(child, MATE))], 'Theirs')
  await watch()
  expect(await alerts()).toEqual([])
  await liftSuspension(ctx, operator, { id: suspension.id, reason: 'the inquiry has ended' })
  await watch()
  expect(await alerts()).toEqual(['new media 1'])
})

test('"not this person" silences the pair across a new model pack', async () => {
  const { store, ctx, liaison, watch, alerts } = await begin()
  const child = unitVector()
  await enrol(store, [photoOf('a.jpg', mateOf(child, MATE)), photoOf('b.jpg', mateOf(child, MATE))])
  const personId = await watchedPerson(store, liaison, [child])
  const standing = await setUpStandingSearch(ctx, liaison, search(personId), never)
  await watch()
  const [first, second] = await store.db.selectFrom('alert').select('id').orderBy('id').execute()
  await notThisPerson(ctx, liaison, { id: first.id, reason: 'another nose' })
  await dismissAlert(ctx, liaison, { id: second.id, reason: 'a poster' })
  expect(await alerts()).toEqual(['dismissed media 1', 'dismissed media 1'])

  const next = { packId: 'pack-b', pipelineVersion: '1', templateLength: 512 }
  const faces = await store.db.selectFrom('face').selectAll().orderBy('id').execute()
  const photo = await store.db.selectFrom('person_photo').select('id').executeTakeFirstOrThrow()
  await store.db.transaction().execute(async (tx) => {
    for (const face of faces)
      await tx
        .insertInto('template')
        .values(templateRow(face, child, next))
        .execute()
    await addPhotoTemplate(tx, photo.id, child, next)
    await enterInIndex(
      tx,
      faces.map((face) => face.media_id),
    )
    await setActiveTemplates(tx, next)
  })
  await watch()
  // Its threshold was a number of the old pack: it rests until somebody chooses anew.
  const { state, state_reason: reason } = await store.db
    .selectFrom('standing_search')
    .selectAll()
    .executeTakeFirstOrThrow()
  expect([state, reason]).toEqual(['paused', 'other_templates'])
  await changeStandingSearch(ctx, liaison, {
    ...unchanged,
    id: standing.id,
    state: 'running',
    reason: 'chosen anew',
    threshold: 0.6,
  })
  await watch()
  expect(await alerts()).toEqual(['dismissed media 1', 'dismissed media 1'])
})

const unchanged = {
  state: undefined,
  reason: undefined,
  collections: undefined,
  falseMatchRate: undefined,
  threshold: undefined,
  dueHours: undefined,
  endsOn: undefined,
  reviewOn: undefined,
}

test('probes both ways, until somebody is identified from them', async () => {
  const { store, ctx, liaison, watch, alerts } = await begin()
  const child = unitVector()
  await enrol(store, [photoOf('a.jpg', child)])
  const { id: faceId } = await store.db.selectFrom('face').select('id').executeTakeFirstOrThrow()
  await madeUpSearch(store, liaison, [], { faceId })
  const personId = await watchedPerson(store, liaison, [mateOf(child, MATE)])
  await setUpStandingSearch(ctx, liaison, search(personId), never)
  await watch()
  expect((await alerts()).toSorted()).toEqual(['new media 1', 'new probe 1'])
  await madeUpSearch(store, liaison, [], { faceId })
  await watch()
  expect((await alerts()).toSorted()).toEqual(['new media 1', 'new probe 1', 'new probe 1'])
})

test('erasure: an alert whose photo is gone says only that; a person takes everything along', async () => {
  const { store, ctx, liaison, watch, alerts } = await begin()
  const child = unitVector()
  await enrol(store, [photoOf('a.jpg', mateOf(child, MATE)), photoOf('b.jpg', mateOf(child, MATE))])
  const personId = await watchedPerson(store, liaison, [child])
  await setUpStandingSearch(ctx, liaison, search(personId), never)
  await watch()
  const [face, other] = await store.db.selectFrom('face').select(['id', 'media_id']).orderBy('id').execute()
  const target = { kind: 'media' as const, media: [face.media_id] }
  await eraseMedia(ctx, operator, { target, reason: 'test', dryRun: false })
  expect((await alerts()).toSorted()).toEqual(['dismissed media 0', 'new media 1'])
  const gone = await store.db
    .selectFrom('alert')
    .selectAll()
    .where('gone_at', 'is not', null)
    .executeTakeFirstOrThrow()
  expect(gone).toMatchObject({ target_id: null, closed_as: 'erased', reason: null })
  await linkFace(ctx, liaison, { id: personId, faceId: other.id, link: 'not_same' })
  expect((await alerts()).toSorted()).toEqual(['dismissed media 0', 'dismissed media 1'])
  await store.db.deleteFrom('person_photo_template').execute()
  await store.db.deleteFrom('person_photo').execute()
  await eraseMedia(ctx, operator, {
    target: { kind: 'person', person: personId },
    reason: 'test',
    dryRun: false,
  })
  for (const table of ['alert', 'alert_hit', 'standing_search', 'standing_face', 'notice'] as const)
    expect(await store.db.selectFrom(table).selectAll().execute(), table).toEqual([])
  await watch()
})
