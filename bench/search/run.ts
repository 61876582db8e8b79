import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { createCollection } from '../../src/collections/create-collection.ts'
import { eraseMedia } from '../../src/erasure/erase-media.ts'
import { LiveIndex } from '../../src/live-index/live-index.ts'
import { measuredScores } from '../../src/live-index/measured-scores.ts'
import { searchCollections } from '../../src/search/search-collections.ts'
import { setActiveTemplates } from '../../src/store/active-templates.ts'
import { collectionSetNumber } from '../../src/store/collection-sets.ts'
import { newId, nowIso } from '../../src/store/ids.ts'
import { withDigest } from '../../src/store/tables/row-digest.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { latencyOf, round, timed } from '../gallery/measure.ts'
import { VideoFiles } from '../../src/video/video-files.ts'

/**
 * Search over collections on a record of made-up faces, one a photo: making the index from the record, opening it,
 * whole searches with everything that is said of the candidates, an erasure. The event loop's delay at each step.
 */
const { values } = parseArgs({ options: { faces: { type: 'string', default: '100000' } } })
const FACES = Number(values.faces)
const SEARCHES = 200
const LENGTH = 512
const ROWS_A_STEP = 200
const actor = { kind: 'operator' as const, name: 'bench' }
const kind = { packId: 'bench', pipelineVersion: '1', templateLength: LENGTH }

const dataFolder = await mkdtemp(path.join(os.tmpdir(), 'likeness-bench-'))
const store = await openStore({ dataFolder, operatorKey: undefined })
const probes = await fill(store)
await store.record.checkpointNow()
report('record', { faces: FACES })

let index = new LiveIndex(store)
await step('make the index from the record', async () => void (await index.ready()))
await step('measure what scores mean', async () => void (await measuredScores(store, (await index.ready())!)))
await index.close()
index = new LiveIndex(store)
await step('open the index', async () => void (await index.ready()))
const videos = new VideoFiles(store)
const ctx = {
  store,
  index,
  videos,
  engine: () => Promise.reject(new Error('no engine is needed')),
  engineStatus: () => ({ state: 'idle' as const, failures: 0, lastFailure: undefined }),
}
const latencies: number[] = []
let found = 0
await step(`${SEARCHES} searches`, async () => {
  for (let search = 0; search < SEARCHES; search++) {
    const probe = probes[search % probes.length]
    const { ms, value } = await timed(() =>
      searchCollections(ctx, actor, {
        probes: [{ sha256: 'made up', face: 1, template: probe.template, quality: 1, ...kind }],
        collections: undefined,
        agencyId: undefined,
        since: undefined,
        until: undefined,
        limit: 50,
        threshold: undefined,
        exact: false,
        purpose: undefined,
      }),
    )
    latencies.push(ms)
    found += value.groups[0]?.media[0]?.mediaId === probe.mediaId ? 1 : 0
  }
})
report('a search', { ...latencyOf(latencies), 'mate first': `${found} of ${SEARCHES}` })
await step('erase one photo', async () => {
  const target = { kind: 'media' as const, media: [probes[0].mediaId] }
  await eraseMedia(ctx, actor, { target, reason: 'bench', dryRun: false })
})
await index.close()
await store.close()
await rm(dataFolder, { recursive: true })

async function step(name: string, work: () => Promise<void>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const { ms } = await timed(work)
  delay.disable()
  report(name, {
    seconds: round(ms / 1000),
    'event loop p99 ms': round(delay.percentile(99) / 1e6),
    'longest ms': round(delay.max / 1e6),
  })
}

function report(name: string, figures: Record<string, unknown>): void {
  const words = Object.entries(figures).map(([figure, value]) => `${figure} ${String(value)}`)
  process.stdout.write(`${name}: ${words.join(', ')}\n`)
}

/** A unit vector near another one, or in no direction in particular. */
function vectorNear(other: Float32Array | undefined, cosine: number): Float32Array {
  const numbers = Float32Array.from(randomBytes(LENGTH), (byte) => byte - 127.5)
  const norm = Math.hypot(...numbers)
  const rest = Math.sqrt(1 - cosine ** 2)
  return numbers.map((number, at) => (number / norm) * rest + (other?.[at] ?? 0) * cosine)
}

/** Fills the record as imports would, without photos. @returns probes with the photo of their mate */
async function fill({ db }: Store): Promise<{ mediaId: string; template: Float32Array }[]> {
  const collection = await createCollection({ store }, actor, {
    title: 'Bench',
    lawfulBasis: 'bench',
    agency: 'Bench',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  await setActiveTemplates(db, kind)
  const importId = newId()
  const started = { started_by: 'bench', started_at: nowIso(), listing_by: null, listing_until: null }
  const ended = { planned_at: nowIso(), finished_at: nowIso() }
  const place = { collection_id: collection.id, source_kind: 'folder' as const, location: '/' }
  await db
    .insertInto('import')
    .values({ id: importId, ...place, ...started, ...ended })
    .execute()
  const made: { mediaId: string; template: Float32Array }[] = []
  for (let at = 0; at < FACES; at += ROWS_A_STEP) {
    const rows = Array.from({ length: Math.min(ROWS_A_STEP, FACES - at) }, (_, i) =>
      makeRows(collection.id, importId, at + i),
    )
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto('media')
        .values(rows.map(({ media }) => media))
        .execute()
      await tx
        .insertInto('media_in_collection')
        .values(rows.map(({ member }) => member))
        .execute()
      await tx
        .insertInto('source')
        .values(rows.map(({ source }) => source))
        .execute()
      await tx
        .insertInto('face')
        .values(rows.map(({ face }) => face))
        .execute()
      await tx
        .insertInto('template')
        .values(rows.map(({ template }) => template))
        .execute()
    })
    const [{ media, vector }] = rows
    if (made.length < SEARCHES) made.push({ mediaId: media.id, template: vectorNear(vector, 0.55) })
  }
  const setNumber = await db.transaction().execute((tx) => collectionSetNumber(tx, [collection.id]))
  await sql`
    insert into index_entry (template_seq, media_id, label, set_number, day)
    select seq, media_id, 'bench/1', ${setNumber}, seq % 1000 from template order by seq
  `.execute(db)
  return made
}

function makeRows(collectionId: string, importId: string, ordinal: number) {
  const [mediaId, faceId] = [newId(), newId()]
  const now = nowIso()
  const vector = vectorNear(undefined, 0)
  const none = { exif_captured_at: null, exif_latitude: null, exif_longitude: null, exif_device: null }
  const photo = { kind: 'photo' as const, format: 'jpeg', byte_length: 1, width_px: 640, height_px: 480 }
  const sha256 = randomBytes(32).toString('hex')
  const claims = {
    source_url: null,
    captured_at: null,
    collector: null,
    person_name: null,
    person_ref: null,
    note: null,
  }
  const box = { box_x_px: 1, box_y_px: 2, box_width_px: 100, box_height_px: 120 }
  const scores = { detection_score: 1, verification_score: 1, tilt_degrees: 0, unified_score: 1 }
  return {
    vector,
    media: withDigest('media', {
      id: mediaId,
      sha256,
      ...photo,
      perceptual_hash: '0',
      ...none,
      created_at: now,
    }),
    member: { media_id: mediaId, collection_id: collectionId, added_at: now },
    source: withDigest('source', {
      id: newId(),
      media_id: mediaId,
      collection_id: collectionId,
      import_id: importId,
      ordinal,
      name: `${ordinal}.jpg`,
      ...claims,
      licence: null,
      sensitive: 0,
      other: null,
      imported_at: now,
    }),
    face: withDigest('face', {
      id: faceId,
      media_id: mediaId,
      number: 1,
      origin: 'detector' as const,
      ...box,
      ...scores,
      five_points: '[]',
      landmarks: null,
      pose: null,
      quality: '{}',
      created_at: now,
      created_by: 'bench',
    }),
    template: withDigest('template', {
      face_id: faceId,
      media_id: mediaId,
      pack_id: kind.packId,
      pipeline_version: kind.pipelineVersion,
      vector: new Uint8Array(vector.buffer),
    }),
  }
}
