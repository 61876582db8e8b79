import type { Engine } from '../../src/engine/types.ts'
import { collectionSetNumber } from '../../src/store/collection-sets.ts'
import { setActiveTemplates } from '../../src/store/active-templates.ts'
import { newId, nowIso } from '../../src/store/ids.ts'
import { withDigest, type DigestedTable } from '../../src/store/tables/row-digest.ts'
import type { Store } from '../../src/store/store.ts'
import { openToFill } from './filling-connection.ts'

/** Rows of one commit. */
const PHOTOS_A_COMMIT = 10_000
const FACES_A_PHOTO = 2
const QUALITY = JSON.stringify({
  unifiedScore: 0.8,
  interEyeDistancePx: 60,
  sharpnessScore: 0.9,
  underExposureScore: 1,
  overExposureScore: 1,
  headPoseScore: 0.9,
  eyesOpenScore: 1,
  occlusionScore: 1,
  faceInsidePictureScore: 1,
  advice: [],
})
const POINT = { x: 120.5, y: 140.25 }
const FIVE_POINTS = JSON.stringify([POINT, POINT, POINT, POINT, POINT])
const FACE = {
  origin: 'detector',
  box_x_px: 100,
  box_y_px: 100,
  box_width_px: 120,
  box_height_px: 150,
  detection_score: 0.99,
  verification_score: 0.98,
  tilt_degrees: 0,
  five_points: FIVE_POINTS,
  landmarks: null,
  pose: null,
  quality: QUALITY,
  unified_score: 0.8,
  created_by: 'bench',
}

export interface MadeUpFaces {
  collectionId: string
  kind: Pick<Engine, 'packId' | 'pipelineVersion' | 'templateLength'>
  faces: number
  /** Writes the next face's template, of unit length. */
  next: (into: Float32Array) => void
  /** What the photo of this number, from 0, is like; photos with two faces each when left out. */
  photo?: (number: number) => MadeUpPhoto
}

export interface MadeUpPhoto {
  faces: number
  /** Whether its faces can be searched for. */
  hasTemplates: boolean
  /** When it was taken in, ISO. */
  at?: string
  name?: string
  note?: string
}

type Row = Record<string, string | number | null | Buffer>

/**
 * Fills an unencrypted record as an import would have: photos, sources, faces, templates, entries for the index, every row
 * with its digest. Only the originals are not there. Written past the actions, since a million photos take days to read.
 */
export async function fillRecord(
  store: Store,
  { collectionId, kind, faces, next, photo: photoOf = twoFaces }: MadeUpFaces,
): Promise<void> {
  const at = nowIso()
  const importId = newId()
  const setNumber = await store.db.transaction().execute(async (tx) => {
    await setActiveTemplates(tx, kind)
    await tx
      .insertInto('import')
      .values({
        id: importId,
        collection_id: collectionId,
        source_kind: 'folder',
        location: '/made-up',
        started_by: 'bench',
        started_at: at,
        listing_by: null,
        listing_until: null,
        announced: null,
        planned_at: at,
        finished_at: at,
      })
      .execute()
    return collectionSetNumber(tx, [collectionId])
  })
  const database = openToFill(store)
  const statements = new Map<string, ReturnType<typeof database.prepare>>()
  const insert = (table: string, row: Row): number => {
    let statement = statements.get(table)
    if (statement === undefined) {
      const columns = Object.keys(row)
      const places = columns.map(() => '?').join(', ')
      statement = database.prepare(`insert into ${table} (${columns.join(', ')}) values (${places})`)
      statements.set(table, statement)
    }
    return Number(statement.run(Object.values(row)).lastInsertRowid)
  }
  const insertDigested = (table: DigestedTable, row: Row): number => {
    const { digest, ...rest } = withDigest(table, row)
    return insert(table, { ...rest, digest: Buffer.from(digest) })
  }
  const template = new Float32Array(kind.templateLength)
  const label = `${kind.packId}/${kind.pipelineVersion}`
  const insertFace = (mediaId: string, number: number, hasTemplate: boolean): void => {
    const faceId = newId()
    insertDigested('face', { ...FACE, id: faceId, media_id: mediaId, number, created_at: at })
    if (!hasTemplate) return
    next(template)
    const seq = insertDigested('template', {
      face_id: faceId,
      media_id: mediaId,
      pack_id: kind.packId,
      pipeline_version: kind.pipelineVersion,
      vector: Buffer.from(new Uint8Array(template.buffer.slice(0))),
    })
    insert('index_entry', { template_seq: seq, media_id: mediaId, label, set_number: setNumber, day: null })
  }
  let made = 0
  for (let number = 0; made < faces; number++) {
    const photo = photoOf(number)
    if (number % PHOTOS_A_COMMIT === 0) database.exec('begin immediate')
    const mediaId = insertPhoto(number, photo.at ?? at, insertDigested)
    for (let face = 1; face <= photo.faces; face++) insertFace(mediaId, face, photo.hasTemplates)
    insertMember(mediaId, number, photo, { collectionId, importId, at }, insert, insertDigested)
    made += photo.faces
    if (number % PHOTOS_A_COMMIT === PHOTOS_A_COMMIT - 1 || made >= faces) {
      database.exec('commit')
      await store.record.checkpointNow()
    }
  }
  database.close()
  await store.record.checkpointNow()
}

function twoFaces(): MadeUpPhoto {
  return { faces: FACES_A_PHOTO, hasTemplates: true }
}

function insertPhoto(
  number: number,
  at: string,
  insertDigested: (table: DigestedTable, row: Row) => number,
): string {
  const id = newId()
  insertDigested('media', {
    id,
    sha256: number.toString(16).padStart(64, '0'),
    kind: 'photo',
    format: 'jpeg',
    byte_length: 200_000,
    width_px: 1200,
    height_px: 900,
    perceptual_hash: number.toString(16).padStart(16, '0'),
    exif_captured_at: null,
    exif_latitude: null,
    exif_longitude: null,
    exif_device: null,
    created_at: at,
  })
  return id
}

/** As an import does, after the faces. */
function insertMember(
  mediaId: string,
  number: number,
  { at: takenIn, name, note }: MadeUpPhoto,
  { collectionId, importId, at: now }: { collectionId: string; importId: string; at: string },
  insert: (table: string, row: Row) => number,
  insertDigested: (table: DigestedTable, row: Row) => number,
): void {
  const at = takenIn ?? now
  insert('media_in_collection', { media_id: mediaId, collection_id: collectionId, added_at: at })
  insertDigested('source', {
    id: newId(),
    media_id: mediaId,
    collection_id: collectionId,
    import_id: importId,
    ordinal: number,
    name: name ?? `made-up/${number}.jpg`,
    source_url: `https://archive.example/${number}.jpg`,
    captured_at: null,
    collector: null,
    person_name: null,
    person_ref: null,
    note: note ?? null,
    licence: null,
    sensitive: 0,
    other: null,
    imported_at: at,
  })
}
