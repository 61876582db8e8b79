import { hash, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { createCollection } from '../../src/collections/create-collection.ts'
import { commitItems } from '../../src/imports/commit-items.ts'
import { type CommitTarget, type Tally } from '../../src/imports/commit-target.ts'
import { findImport } from '../../src/imports/import-status.ts'
import { leaseItems } from '../../src/imports/lease.ts'
import { listItems, startImport } from '../../src/imports/start-import.ts'
import { findCollection } from '../../src/collections/find-collection.ts'
import { openSource } from '../../src/sources/open-source.ts'
import type { Capture } from '../../src/sources/web-archive/capture.ts'
import type { Face, PhotoReading } from '../../src/engine/types.ts'
import { LiveIndex } from '../../src/live-index/live-index.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { makeNewRecord } from './new-record.ts'
import { scratchFolder } from './scratch-folder.ts'

export const actor = { kind: 'operator' as const, name: 'tester' }
export const pack = { packId: 'pack-a', pipelineVersion: '1', templateLength: 512 }

/** What stands in one photo of a test: bytes, and readings as the engine would give them. */
export interface TestPhoto {
  name: string
  bytes: Buffer
  perceptualHash: string
  templates: Float32Array[]
  claims?: Record<string, string>
}

export function testPhoto(name: string, faces = 1): TestPhoto {
  return {
    name,
    bytes: randomBytes(20_000),
    perceptualHash: randomBytes(8).toString('hex'),
    templates: Array.from({ length: faces }, () => unitVector()),
  }
}

/** An open store with a collection called 'Test'; closed and removed when the test ends. */
export async function storeWithCollection(operatorKey?: Uint8Array): Promise<Store> {
  const dataFolder = path.join(scratchFolder(), 'data')
  await makeNewRecord(dataFolder, operatorKey)
  const store = await openStore({ dataFolder, operatorKey })
  onTestFinished(() => store.close())
  await createCollection({ store }, actor, {
    title: 'Test',
    lawfulBasis: 'made up for a test',
    agency: 'Test agency',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  return store
}

/** The store with its index, which is closed when the test ends. */
export function withIndex(store: Store): { store: Store; index: LiveIndex } {
  const index = new LiveIndex(store)
  onTestFinished(() => index.close())
  return { store, index }
}

/** Takes photos in as an import does, with readings given instead of computed. */
export async function enrol(store: Store, photos: readonly TestPhoto[], collection = 'Test'): Promise<Tally> {
  return enrolInto(store, scratchFolder(), photos, collection)
}

/** Takes the pictures of a web archive in, with readings given instead of computed; faces: one each. */
export async function enrolArchive(store: Store, file: string, collection = 'Test'): Promise<string> {
  const { id } = await startImport({ store }, actor, { source: file, collection })
  await listItems({ store }, id, () => undefined)
  const row = await findImport(store.db, id)
  const target: CommitTarget = {
    store,
    engine: pack,
    actor,
    row,
    collection: await findCollection(store.db, collection),
  }
  const reader = openSource(row.source_kind, row.location).openReader()
  try {
    for (const item of await leaseItems(store.db, id)) {
      const { capture } = JSON.parse(item.claims ?? '{}') as { capture?: Capture }
      const read = await reader.read(item.ordinal, item.name, capture)
      if (!read.ok) throw new Error(read.refusal.detail)
      if (read.bytes === undefined) throw new Error('a photo is enrolled here')
      const sha256 = hash('sha256', read.bytes)
      const photo = { ...testPhoto(item.name), bytes: Buffer.from(read.bytes) }
      const worked = {
        item,
        outcome: 'read' as const,
        sha256,
        byteLength: read.bytes.byteLength,
        staging: store.vault.stage(read.bytes, sha256),
        reading: readingOf(photo),
        exif: { capturedAt: undefined, latitude: undefined, longitude: undefined, device: undefined },
      }
      await commitItems(target, [worked])
    }
  } finally {
    await reader.close()
  }
  return id
}

/** The same with a folder for the manifest that the caller removes. */
export async function enrolInto(
  store: Store,
  folder: string,
  photos: readonly TestPhoto[],
  collection = 'Test',
): Promise<Tally> {
  mkdirSync(folder, { recursive: true })
  const manifest = photos.map(({ name, claims }) => JSON.stringify({ file: name, ...claims })).join('\n')
  writeFileSync(path.join(folder, 'manifest.jsonl'), manifest)
  const { id } = await startImport({ store }, actor, {
    source: path.join(folder, 'manifest.jsonl'),
    collection,
  })
  await listItems({ store }, id, () => undefined)
  const target: CommitTarget = {
    store,
    engine: pack,
    actor,
    row: await findImport(store.db, id),
    collection: await findCollection(store.db, collection),
  }
  const items = await leaseItems(store.db, id)
  return commitItems(
    target,
    items.map((item) => {
      const photo = photos[item.ordinal]
      const sha256 = hash('sha256', photo.bytes)
      return {
        item,
        outcome: 'read' as const,
        sha256,
        byteLength: photo.bytes.length,
        staging: store.vault.stage(photo.bytes, sha256),
        reading: readingOf(photo),
        exif: { capturedAt: undefined, latitude: undefined, longitude: undefined, device: undefined },
      }
    }),
  )
}

function readingOf(photo: TestPhoto): Extract<PhotoReading, { outcome: 'read' }> {
  const { perceptualHash, templates } = photo
  return {
    outcome: 'read',
    photo: {
      format: 'jpeg',
      widthPx: 640,
      heightPx: 480,
      exifOrientation: 1,
      frames: 1,
      remarks: [],
      perceptualHash,
    },
    faces: templates.map(faceOf),
  }
}

/** A face as the engine gives it. */
export function faceOf(template: Float32Array, index: number): Face {
  const point = { x: 10.5, y: 20.25 }
  return {
    number: index + 1,
    origin: 'detector',
    boxPx: { x: 1, y: 2, width: 100, height: 120.5 },
    detectionScore: 0.99,
    verificationScore: 0.98,
    tiltDegrees: 0,
    landmarksPx: undefined,
    fivePointsPx: [point, point, point, point, point],
    pose: undefined,
    quality: {
      unifiedScore: 0.8,
      interEyeDistancePx: 60,
      sharpnessScore: 1,
      underExposureScore: 1,
      overExposureScore: 1,
      headPoseScore: 1,
      eyesOpenScore: 1,
      occlusionScore: 1,
      faceInsidePictureScore: 1,
      advice: [],
    },
    template,
  }
}

/** A vector in no direction in particular. */
export function unitVector(): Float32Array {
  return scaled(Float32Array.from(randomBytes(pack.templateLength), (byte) => byte - 127.5))
}

/** Another template of the same person: at this cosine, give or take a few hundredths. */
export function mateOf(template: Float32Array, cosine: number): Float32Array {
  const other = unitVector()
  const rest = Math.sqrt(1 - cosine ** 2)
  return scaled(template.map((number, at) => cosine * number + rest * other[at]))
}

function scaled(numbers: Float32Array): Float32Array {
  const norm = Math.hypot(...numbers)
  return numbers.map((number) => number / norm)
}
