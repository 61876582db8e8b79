import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import { capturesOf, provenanceOf, type FoundCapture } from './describe-captures.ts'
import type { FileProvenance } from '../sources/exif/file-provenance.ts'
import type { Box, FaceQuality, FivePoints } from '../engine/types.ts'
import { namesOf } from '../store/person-names.ts'
import { remarksOf, type KeptRemark } from '../store/photo-remarks.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { CollectionTable } from '../store/tables/collection-tables.ts'
import type { FaceTable } from '../store/tables/face-tables.ts'
import type { MediaTable, SourceTable } from '../store/tables/media-tables.ts'
import type { PersonTable } from '../store/tables/person-tables.ts'
import type { VideoTable } from '../store/tables/video-tables.ts'
import { facesOfTheirTracks, momentsOf, type FoundMoment } from './video-moments.ts'
import { dayText } from '../contract/dates.ts'

/** Rows checked and described before the event loop gets a turn: some two milliseconds. */
export const ROWS_A_TURN = 50

/** A face that was found. */
export interface FoundFace {
  /** Place in the candidate list, from 1. */
  rank: number
  /** Cosine, -1 to 1. */
  similarity: number
  /** Strangers who would be expected to score at least this high among the faces searched; undefined: not measured. */
  strangersExpected: number | undefined
  /** Rarer than was measured: fewer strangers than the number says. */
  extrapolated: boolean
  faceId: string
  /** Number of the face in its photo, from 1, left to right. */
  number: number
  origin: 'detector' | 'examiner'
  /** Pixels of the upright original. */
  box: Box
  fivePoints: FivePoints
  quality: FaceQuality
  /** When it is to be seen; undefined for a face of a photo. */
  moment: FoundMoment | undefined
}

/** Where media came from, as the importer claimed it, in a collection that was searched. */
export interface FoundSource {
  sourceId: string
  collectionId: string
  /** File name, path in the source, or name inside an archive. */
  name: string
  sourceUrl: string | undefined
  capturedAt: string | undefined
  collector: string | undefined
  licence: string | undefined
  note: string | undefined
  /** Whom the importer says that it shows: a claim, not a finding. */
  personName: string | undefined
  personRef: string | undefined
  /** Manifest columns without a meaning here. */
  other: Record<string, string>
  importId: string
  importedAt: string
  /** What the archive or tool that held the file says of it; undefined when none did. */
  capture: FoundCapture | undefined
}

/** A photo with faces that were found, and what is known of it inside the collections that were searched. */
export interface FoundMedia {
  mediaId: string
  sha256: string
  format: string
  byteLength: number
  widthPx: number
  heightPx: number
  /** The camera's own time and place, apart from what sources claim. */
  exifCapturedAt: string | undefined
  exifDevice: string | undefined
  /** Degrees, WGS 84. */
  exifPlace: { latitude: number; longitude: number } | undefined
  /** Everything else that the file says of itself. */
  provenance: FileProvenance | undefined
  /** Of a file that was not read whole. */
  remarks: KeptRemark[]
  /** The day by which searches choose, YYYY-MM-DD; undefined when nobody knows. */
  captureDate: string | undefined
  /** Whether a collection or a source says that it must not be shown unasked. */
  sensitive: boolean
  collections: { id: string; title: string }[]
  sources: FoundSource[]
  /** Undefined for a photo. */
  video: FoundVideo | undefined
  faces: FoundFace[]
}

/** What is known of media that are a video. */
export interface FoundVideo {
  durationS: number
  codec: string
  framesASecond: number
  isVariable: boolean
  tracks: number
  /** What of it could not be read, in a sentence. */
  note: string | undefined
}

export interface LinkedPerson {
  personId: string
  ref: string | undefined
  name: string | undefined
}

/** Candidates that belong together: one person's photos as people have linked them, or one photo. */
export interface CandidateGroup {
  person: LinkedPerson | undefined
  /** Most similar first. */
  media: FoundMedia[]
}

/** A row of the index that was found. */
export interface Hit {
  entryId: number
  rank: number
  similarity: number
  strangersExpected: number | undefined
  /** Rarer than was measured: fewer strangers than the number says. */
  extrapolated: boolean
  /** Of an entry of a track of a video: the face of that track that is shown. */
  shownFaceId?: string | undefined
}

/** What may be said of candidates: the collections searched, and whose people. */
export interface Scope {
  collections: readonly CollectionTable[]
  /** The agency whose links with people are shown; undefined: every agency's. */
  agencyId: string | undefined
}

/**
 * Says of each hit what the record knows, inside the collections that were searched, and groups them: by the person that
 * a face is linked with, else by photo. Groups, photos and faces come in the order of their best rank. A face that was
 * erased meanwhile is left out.
 * @throws AppError `corrupt_record` naming a damaged row
 */
export async function describeCandidates(
  db: Db,
  hits: readonly Hit[],
  scope: Scope,
): Promise<CandidateGroup[]> {
  if (hits.length === 0) return []
  const entries = await db
    .selectFrom('index_entry')
    .innerJoin('template', 'template.seq', 'index_entry.template_seq')
    .select(['index_entry.id', 'index_entry.day', 'template.face_id', 'template.media_id'])
    .where(
      'index_entry.id',
      'in',
      hits.map(({ entryId }) => entryId),
    )
    .execute()
  const byEntry = new Map(entries.map((entry) => [entry.id, entry]))
  const shownFaces = new Map(
    hits.map(({ entryId, shownFaceId }) => [entryId, shownFaceId ?? byEntry.get(entryId)?.face_id ?? '']),
  )
  const faces = await facesById(db, [...shownFaces.values()])
  // Queries are answered at once, on the event loop: between them others get a turn.
  await nextTurn()
  const days = new Map(entries.map((entry) => [entry.media_id, entry.day]))
  const media = await describeMedia(db, days, scope)
  await nextTurn()
  const ofVideos = [...faces.values()].flatMap(({ id, media_id: mediaId }) =>
    media.get(mediaId)?.video === undefined ? [] : [id],
  )
  const moments = await momentsOf(db, ofVideos)
  const people = await peopleByFace(db, [...faces.keys()], scope.agencyId, ofVideos)
  const groups = new Map<string, CandidateGroup>()
  for (const { entryId, shownFaceId: _shown, ...score } of hits) {
    const entry = byEntry.get(entryId)
    const face = faces.get(shownFaces.get(entryId) ?? '')
    const photo = media.get(entry?.media_id ?? '')
    if (face === undefined || photo === undefined) continue
    const person = people.get(face.id)
    const key = person?.personId ?? photo.mediaId
    const group = groups.get(key) ?? { person, media: [] }
    groups.set(key, group)
    let shown = group.media.find(({ mediaId }) => mediaId === photo.mediaId)
    if (shown === undefined) group.media.push((shown = { ...photo, faces: [] }))
    shown.faces.push({ ...foundFace(face, score), moment: moments.get(face.id) })
  }
  return [...groups.values()]
}

/** What is known of media, inside the scope. @param days their days of capture as the index has them */
export async function describeMedia(
  db: Db,
  days: ReadonlyMap<string, number | null>,
  { collections }: Scope,
): Promise<Map<string, FoundMedia>> {
  const mediaIds = [...days.keys()]
  const collectionIds = collections.map(({ id }) => id)
  if (mediaIds.length === 0 || collectionIds.length === 0) return new Map()
  const rows = await db.selectFrom('media').selectAll().where('id', 'in', mediaIds).execute()
  const memberships = await db
    .selectFrom('media_in_collection')
    .select(['media_id', 'collection_id'])
    .where('media_id', 'in', mediaIds)
    .where('collection_id', 'in', collectionIds)
    .execute()
  const sources = await db
    .selectFrom('source')
    .selectAll()
    .where('media_id', 'in', mediaIds)
    .where('collection_id', 'in', collectionIds)
    .orderBy('id')
    .execute()
  const videoIds = rows.flatMap(({ id, kind }) => (kind === 'video' ? [id] : []))
  const videos =
    videoIds.length === 0
      ? []
      : await db.selectFrom('video').selectAll().where('media_id', 'in', videoIds).execute()
  const captures = await capturesOf(
    db,
    sources.map(({ id }) => id),
  )
  const provenance = await provenanceOf(db, mediaIds)
  const remarks = await remarksOf(
    db,
    rows.map(({ sha256 }) => sha256),
  )
  const videoOf = new Map(videos.map((video) => [video.media_id, video]))
  const membershipsOf = Map.groupBy(memberships, ({ media_id: id }) => id)
  const sourcesOf = Map.groupBy(sources, ({ media_id: id }) => id)
  const described = new Map<string, FoundMedia>()
  for (const [at, row] of rows.entries()) {
    if (at % ROWS_A_TURN === ROWS_A_TURN - 1) await nextTurn()
    const within = new Set(membershipsOf.get(row.id)?.map((member) => member.collection_id))
    const own = sourcesOf.get(row.id) ?? []
    described.set(row.id, {
      ...foundMedia(
        row,
        videoOf.get(row.id),
        own.map((source) => foundSource(source, captures.get(source.id))),
        collections.filter(({ id }) => within.has(id)),
        days.get(row.id) ?? undefined,
      ),
      provenance: provenance.get(row.id),
      remarks: remarks.get(row.sha256) ?? [],
      sensitive:
        own.some(({ sensitive }) => sensitive === 1) ||
        collections.some(({ id, sensitivity }) => within.has(id) && sensitivity !== 'ordinary'),
    })
  }
  return described
}

function foundMedia(
  row: MediaTable,
  video: VideoTable | undefined,
  sources: FoundSource[],
  collections: readonly CollectionTable[],
  day: number | undefined,
): Omit<FoundMedia, 'provenance' | 'remarks' | 'sensitive'> {
  const media = checkedRow('media', row, row.id)
  return {
    mediaId: media.id,
    sha256: media.sha256,
    format: media.format,
    byteLength: media.byte_length,
    widthPx: media.width_px,
    heightPx: media.height_px,
    exifCapturedAt: media.exif_captured_at ?? undefined,
    exifDevice: media.exif_device ?? undefined,
    exifPlace:
      media.exif_latitude === null || media.exif_longitude === null
        ? undefined
        : { latitude: media.exif_latitude, longitude: media.exif_longitude },
    captureDate: day === undefined ? undefined : dayText(day),
    collections: collections.map(({ id, title }) => ({ id, title })),
    sources,
    video: video === undefined ? undefined : foundVideo(video),
    faces: [],
  }
}

function foundVideo(row: VideoTable): FoundVideo {
  const video = checkedRow('video', row, row.media_id)
  return {
    durationS: video.duration_s,
    codec: video.codec,
    framesASecond: video.frames_a_second,
    isVariable: video.is_variable === 1,
    tracks: video.track_count,
    note: video.note ?? undefined,
  }
}

function foundSource(row: SourceTable, capture: FoundCapture | undefined): FoundSource {
  const source = checkedRow('source', row, row.id)
  return {
    sourceId: source.id,
    collectionId: source.collection_id,
    name: source.name,
    sourceUrl: source.source_url ?? undefined,
    capturedAt: source.captured_at ?? undefined,
    collector: source.collector ?? undefined,
    licence: source.licence ?? undefined,
    note: source.note ?? undefined,
    personName: source.person_name ?? undefined,
    personRef: source.person_ref ?? undefined,
    other: source.other === null ? {} : (JSON.parse(source.other) as Record<string, string>),
    importId: source.import_id,
    importedAt: source.imported_at,
    capture,
  }
}

function foundFace(
  row: FaceTable,
  score: Pick<FoundFace, 'rank' | 'similarity' | 'strangersExpected' | 'extrapolated'>,
): Omit<FoundFace, 'moment'> {
  return {
    ...score,
    faceId: row.id,
    number: row.number,
    origin: row.origin,
    box: { x: row.box_x_px, y: row.box_y_px, width: row.box_width_px, height: row.box_height_px },
    fivePoints: JSON.parse(row.five_points) as FivePoints,
    quality: JSON.parse(row.quality) as FaceQuality,
  }
}

/** Rows of faces, checked. @throws AppError `corrupt_record` naming a damaged row */
export async function facesById(db: Db, ids: readonly string[]): Promise<Map<string, FaceTable>> {
  const rows = await db.selectFrom('face').selectAll().where('id', 'in', ids).execute()
  const faces = new Map<string, FaceTable>()
  for (const [at, row] of rows.entries()) {
    if (at % ROWS_A_TURN === ROWS_A_TURN - 1) await nextTurn()
    faces.set(row.id, checkedRow('face', row, row.id))
  }
  return faces
}

/**
 * The person that each face is linked with. A face linked with several, as two agencies may, is shown with the first.
 * @param agencyId whose links; undefined: every agency's
 * @param ofVideos those of the faces that may be faces of videos
 */
export async function peopleByFace(
  db: Db,
  faceIds: readonly string[],
  agencyId: string | undefined,
  ofVideos: readonly string[] = faceIds,
): Promise<Map<string, LinkedPerson>> {
  // A link with one face of a track of a video holds for the track.
  const siblings = await facesOfTheirTracks(db, ofVideos)
  let query = db
    .selectFrom('person_face')
    .innerJoin('person', 'person.id', 'person_face.person_id')
    .selectAll('person')
    .select('person_face.face_id')
    .where('person_face.face_id', 'in', [...faceIds, ...siblings.map(({ sibling }) => sibling)])
    .where('person_face.link', '=', 'same')
    .orderBy('person_face.id', 'desc')
  // The plus keeps SQLite from going through all persons of the agency instead of these faces.
  if (agencyId !== undefined) query = query.where(sql<string>`+person.agency_id`, '=', agencyId)
  const rows = await query.execute()
  const names = await namesOf(db, [...new Set(rows.map(({ id }) => id))])
  const linked = new Map(
    rows.map(({ face_id: faceId, ...row }) => [faceId, linkedPerson(row, names.get(row.id)?.[0])]),
  )
  for (const { faceId, sibling } of siblings) {
    const person = linked.get(sibling)
    if (person !== undefined && !linked.has(faceId)) linked.set(faceId, person)
  }
  return linked
}

function linkedPerson(row: PersonTable, name: string | undefined): LinkedPerson {
  const person = checkedRow('person', row, row.id)
  return { personId: person.id, ref: person.ref ?? undefined, name }
}
