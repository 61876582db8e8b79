import { hash } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import {
  actor,
  enrol,
  mateOf,
  pack,
  storeWithCollection,
  testPhoto,
  unitVector,
  withIndex,
  type TestPhoto,
} from '../../test/support/enrolled-record.ts'
import { writeByHand } from '../../test/support/write-by-hand.ts'
import { createCollection } from '../collections/create-collection.ts'
import { eraseMedia } from '../erasure/erase-media.ts'
import type { Context } from '../context.ts'
import { createEngine } from '../engine/create-engine.ts'
import type { Store } from '../store/store.ts'
import { MAX_CANDIDATES, searchCollections, type CollectionSearchInput } from './search-collections.ts'
import { VideoFiles } from '../video/video-files.ts'

const engine = await createEngine({ workers: 1 })
afterAll(() => engine.close())

const subject = unitVector()

/** A photo with one face of the subject, as similar to the probe as asked. */
function mate(name: string, cosine: number, claims?: Record<string, string>): TestPhoto {
  const photo = { ...testPhoto(name), templates: [mateOf(subject, cosine)] }
  return claims === undefined ? photo : { ...photo, claims }
}

function contextOf(store: Store): Context {
  return {
    ...withIndex(store),
    videos: new VideoFiles(store),
    engine: async () => engine,
    engineStatus: () => ({ state: 'ready', failures: 0, lastFailure: undefined }),
  }
}

function input(changes: Partial<CollectionSearchInput> = {}): CollectionSearchInput {
  const probe = { sha256: 'ab'.repeat(32), face: 1, template: subject, quality: 0.9, ...pack }
  return {
    probes: [probe],
    collections: undefined,
    agencyId: undefined,
    since: undefined,
    until: undefined,
    limit: 50,
    threshold: 0.3,
    exact: false,
    purpose: undefined,
    ...changes,
  }
}

/** File names of what was found, in the order of the list. */
async function names(ctx: Context, changes: Partial<CollectionSearchInput> = {}): Promise<string[]> {
  const { groups } = await searchCollections(ctx, actor, input(changes))
  return groups.flatMap(({ media }) => media.map(({ sources }) => sources[0].name))
}

async function another(store: Store, title: string, agency = 'Test agency'): Promise<string> {
  const { id } = await createCollection({ store }, actor, {
    title,
    lawfulBasis: 'test',
    agency,
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  return id
}

describe('searching collections', () => {
  test('ranks mates, says where they come from, groups by linked person, and is audited', async () => {
    const store = await storeWithCollection()
    const ctx = contextOf(store)
    const claims = { person_ref: 'P-7', person_name: 'N. N.' }
    await enrol(store, [
      testPhoto('stranger.jpg', 3),
      mate('one.jpg', 0.6, claims),
      mate('two.jpg', 0.8, { source_url: 'https://a.example/2', captured_at: '2022-03-05T10:00:00' }),
      mate('three.jpg', 0.5, claims),
    ])
    const result = await searchCollections(ctx, actor, input({ purpose: 'order 7' }))
    expect(result).toMatchObject({ facesSearched: 6, candidates: 3, more: false, copies: [] })
    expect(result.groups).toMatchObject([
      {
        person: undefined,
        media: [
          {
            captureDate: '2022-03-05',
            collections: [{ title: 'Test' }],
            sources: [{ name: 'two.jpg', sourceUrl: 'https://a.example/2' }],
            faces: [{ rank: 1, number: 1, box: { x: 1, y: 2, width: 100, height: 120.5 } }],
          },
        ],
      },
      {
        person: { ref: 'P-7', name: 'N. N.' },
        media: [{ faces: [{ rank: 2 }] }, { faces: [{ rank: 3 }] }],
      },
    ])
    const [face] = result.groups[0].media[0].faces
    expect(face.similarity).toBeCloseTo(0.8, 1)
    expect(face.strangersExpected).toBeLessThan(0.001)
    const event = await store.db
      .selectFrom('audit_event')
      .selectAll()
      .where('action', '=', 'search.run')
      .executeTakeFirstOrThrow()
    expect(event).toMatchObject({ actor: 'tester', subject: `search ${result.searchId}` })
    expect(JSON.parse(event.details ?? '')).toMatchObject({
      probes: `${'ab'.repeat(32)}#1`,
      purpose: 'order 7',
      facesSearched: 6,
      candidates: 3,
    })
  })

  test('a face in several collections is found through each, once, and only there', async () => {
    const store = await storeWithCollection()
    const ctx = contextOf(store)
    await another(store, 'Second')
    const both = mate('both.jpg', 0.8, { source_url: 'https://a.example/both' })
    await enrol(store, [both, mate('first.jpg', 0.7)])
    expect(await names(ctx, { collections: ['second'] })).toEqual([])
    await enrol(store, [both, mate('other.jpg', 0.6)], 'Second')
    expect(await names(ctx)).toEqual(['both.jpg', 'first.jpg', 'other.jpg'])
    expect(await names(ctx, { collections: ['Test'] })).toEqual(['both.jpg', 'first.jpg'])
    expect(await names(ctx, { collections: ['Second', 'Test'] })).toHaveLength(3)
    const { groups } = await searchCollections(ctx, actor, input({ collections: ['Second'] }))
    expect(groups[0].media[0]).toMatchObject({ collections: [{ title: 'Second' }], sources: [{}] })

    const [source] = await store.db
      .selectFrom('source')
      .innerJoin('collection', 'collection.id', 'source.collection_id')
      .select('source.id')
      .where('title', '=', 'Second')
      .where('name', '=', 'both.jpg')
      .execute()
    const target = { kind: 'source' as const, source: source.id }
    await eraseMedia(ctx, actor, { target, reason: 'test', dryRun: false })
    expect(await names(ctx, { collections: ['Second'] })).toEqual(['other.jpg'])
    expect(await names(ctx, { collections: ['Test'] })).toEqual(['both.jpg', 'first.jpg'])
  })

  test('an agency searches its own collections and those it was granted, and no others', async () => {
    const store = await storeWithCollection()
    const ctx = contextOf(store)
    const theirs = await another(store, 'Theirs', 'Other agency')
    await enrol(store, [mate('ours.jpg', 0.8, { person_ref: 'P-1' })])
    await enrol(store, [mate('theirs.jpg', 0.7)], 'Theirs')
    const agencies = await store.db.selectFrom('agency').select(['id', 'name']).execute()
    const idOf = (name: string): string => agencies.find((agency) => agency.name === name)?.id ?? ''
    const agencyId = idOf('Other agency')
    expect(await names(ctx, { agencyId })).toEqual(['theirs.jpg'])
    await expect(names(ctx, { agencyId, collections: ['Test'] })).rejects.toMatchObject({ code: 'not_found' })
    const test = await store.db
      .selectFrom('collection')
      .select('id')
      .where('id', '!=', theirs)
      .executeTakeFirstOrThrow()
    const grant = {
      id: 'g',
      collection_id: test.id,
      agency_id: agencyId,
      granted_by: 'x',
      granted_at: 'now',
      digest: Buffer.alloc(8),
    }
    await writeByHand(store, (tx) => tx.insertInto('collection_grant').values(grant).execute())
    expect(await names(ctx, { agencyId })).toEqual(['ours.jpg', 'theirs.jpg'])
    const { groups } = await searchCollections(ctx, actor, input({ agencyId }))
    expect(
      groups.map(({ person }) => person),
      'whom another agency has linked',
    ).toEqual([undefined, undefined])
    expect(await names(ctx, { agencyId: 'nobody' })).toEqual([])
  })

  test('days of capture choose, and faces without one are counted', async () => {
    const store = await storeWithCollection()
    const ctx = contextOf(store)
    const late = mate('late.jpg', 0.7, { captured_at: '2023-01-01T23:59:00+03:00' })
    await enrol(store, [
      mate('early.jpg', 0.8, { captured_at: '2022-03-05' }),
      late,
      mate('undated.jpg', 0.6, { captured_at: 'in spring' }),
    ])
    expect(await names(ctx, { since: '2022-03-05', until: '2022-12-31' })).toEqual(['early.jpg'])
    expect(await names(ctx, { since: '2022-03-06' })).toEqual(['late.jpg'])
    expect(await names(ctx, { until: '2022-03-04' })).toEqual([])
    expect(await searchCollections(ctx, actor, input({ since: '2000-01-01' }))).toMatchObject({
      facesSearched: 2,
      facesUndated: 1,
    })
    // The same photo comes in again with an earlier date: the earliest one counts.
    await enrol(store, [{ ...late, claims: { captured_at: '2021-06-01' } }])
    expect(await names(ctx, { since: '2022-03-06' })).toEqual([])
    expect(await names(ctx, { until: '2022-01-01' })).toEqual(['late.jpg'])
    for (const wrong of [
      { since: '2022-02-30' },
      { since: 'May' },
      { since: '2023-01-01', until: '2022-01-01' },
    ]) {
      await expect(names(ctx, wrong)).rejects.toMatchObject({ code: 'bad_input' })
    }
  })

  test("the probe's very file is no candidate, and where it is held is said", async () => {
    const store = await storeWithCollection()
    const ctx = contextOf(store)
    const held = mate('held.jpg', 0.999)
    await enrol(store, [held, mate('mate.jpg', 0.6)])
    const sha256 = hash('sha256', held.bytes)
    const probes = [{ ...input().probes[0], sha256 }]
    const result = await searchCollections(ctx, actor, input({ probes, limit: 1 }))
    expect(result).toMatchObject({ facesSearched: 1, candidates: 1, more: false })
    expect(result.groups[0].media[0].sources[0].name).toBe('mate.jpg')
    expect(result.copies).toMatchObject([{ sha256, sources: [{ name: 'held.jpg' }] }])
  })

  test('probes of one subject are searched as one, and it is said how alike they are', async () => {
    const store = await storeWithCollection()
    const ctx = contextOf(store)
    await enrol(store, [mate('mate.jpg', 0.9)])
    const probes = [0.6, 0.6, 0.6].map((cosine) => ({
      ...input().probes[0],
      template: mateOf(subject, cosine),
    }))
    const one = await searchCollections(ctx, actor, input({ probes: probes.slice(0, 1) }))
    const fused = await searchCollections(ctx, actor, input({ probes }))
    expect(one.probeAgreement).toBeUndefined()
    expect(fused.probeAgreement).toBeCloseTo(0.36, 0)
    const best = (search: typeof one): number => search.groups[0].media[0].faces[0].similarity
    expect(best(fused)).toBeGreaterThan(best(one) + 0.1)
  })

  test('more than the limit is said; bad use is refused; a search can be given up', async () => {
    const store = await storeWithCollection()
    const ctx = contextOf(store)
    await enrol(store, [mate('a.jpg', 0.8), mate('b.jpg', 0.7), mate('c.jpg', 0.6)])
    expect(await searchCollections(ctx, actor, input({ limit: 2 }))).toMatchObject({
      candidates: 2,
      more: true,
    })
    expect(await searchCollections(ctx, actor, input({ limit: MAX_CANDIDATES }))).toMatchObject({
      candidates: 3,
    })
    for (const wrong of [{ limit: 0 }, { limit: MAX_CANDIDATES + 1 }, { threshold: 2 }, { probes: [] }]) {
      await expect(names(ctx, wrong)).rejects.toMatchObject({ code: 'bad_input' })
    }
    const probes = [{ ...input().probes[0], pipelineVersion: '2' }]
    await expect(names(ctx, { probes })).rejects.toMatchObject({ code: 'conflict' })
    await expect(names(ctx, { signal: AbortSignal.abort(new Error('given up')) })).rejects.toThrow('given up')
    expect(
      await store.db.selectFrom('audit_event').select('id').where('action', '=', 'search.run').execute(),
    ).toHaveLength(2)
  })

  test('in a record without any import nothing is found', async () => {
    const ctx = contextOf(await storeWithCollection())
    expect(await searchCollections(ctx, actor, input())).toMatchObject({ candidates: 0, facesSearched: 0 })
  })
})
