import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import { similarity } from '../engine/embed/similarity.ts'
import { floats } from '../store/index-feed.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { nearestMoment } from '../video/embedding-trace.ts'

/** When a face of a video is to be seen, and in which track. Seconds from the video's beginning. */
export interface FoundMoment {
  timeS: number
  trackId: string
  /** From 1, in the order of first sight. */
  track: number
  trackFirstS: number
  trackLastS: number
  videoDurationS: number
}

/** What may be found: an entry of the index with its similarity. */
interface Scored {
  id: number
  similarity: number
}

/** Faces of a track compared at first, evenly over its length; the neighbours of the best one follow. */
const FIRST_LOOK = 120
/** Entries looked up at once. */
const BATCH = 500

/**
 * [Note: one candidate a track]
 * The index holds a few entries of each track of a video: the fused template and the best frames. A search may find several
 * of them; people see the track once, at the rank and with the similarity of the entry that was nearest. The frame shown is
 * the kept one nearest to the moment at which the track looks most like the probe (see [Note: traces]), so that a still of the
 * video leads to its very place.
 * @returns the entries, nearest first, without those whose track came before; each with its track if it has one
 */
export async function oneATrack<Entry extends Scored>(
  db: Db,
  entries: readonly Entry[],
): Promise<(Entry & { trackId: string | undefined })[]> {
  const tracks = new Map<number, string>()
  for (let at = 0; at < entries.length; at += BATCH) {
    const rows = await db
      .selectFrom('index_entry')
      .innerJoin('template', 'template.seq', 'index_entry.template_seq')
      .innerJoin('video_face', 'video_face.face_id', 'template.face_id')
      .select(['index_entry.id', 'video_face.track_id'])
      .where(
        'index_entry.id',
        'in',
        entries.slice(at, at + BATCH).map(({ id }) => id),
      )
      .execute()
    for (const row of rows) tracks.set(row.id, row.track_id)
  }
  const seen = new Set<string>()
  return entries.flatMap((entry) => {
    const trackId = tracks.get(entry.id)
    if (trackId !== undefined && seen.has(trackId)) return []
    if (trackId !== undefined) seen.add(trackId)
    return [{ ...entry, trackId }]
  })
}

/** How many entries of one track the index may hold; what a search must ask for to get as many tracks as it wants. */
export async function entriesATrack(db: Db, most: number): Promise<number> {
  const video = await db.selectFrom('video_track').select('id').limit(1).executeTakeFirst()
  return video === undefined ? 1 : most
}

/** The face of a track that stands nearest to where it looks most like the probe; undefined when all is of another pack. */
export async function nearestFace(
  db: Db,
  trackId: string,
  probe: Float32Array,
  kind: { packId: string; pipelineVersion: string },
): Promise<string | undefined> {
  const faces = await db
    .selectFrom('video_face')
    .select(['face_id', 'time_s'])
    .where('track_id', '=', trackId)
    .where('role', '!=', 'track')
    .orderBy('time_s')
    .execute()
  const timeS = await tracedMoment(db, trackId, probe, kind)
  if (timeS !== undefined && faces.length > 0) {
    const away = (face: { time_s: number }): number => Math.abs(face.time_s - timeS)
    return faces.reduce((near, face) => (away(face) < away(near) ? face : near)).face_id
  }
  const ids = faces.map(({ face_id: id }) => id)
  const step = Math.max(1, Math.ceil(ids.length / FIRST_LOOK))
  const first = await nearestOf(
    db,
    ids.filter((_id, at) => at % step === 0),
    probe,
    kind,
  )
  if (first === undefined || step === 1) return first
  const at = ids.indexOf(first)
  return nearestOf(db, ids.slice(Math.max(0, at - step + 1), at + step), probe, kind)
}

/** The moment of a track at which it looks most like the probe, by its trace; undefined without one of this pack. */
async function tracedMoment(
  db: Db,
  trackId: string,
  probe: Float32Array,
  kind: { packId: string; pipelineVersion: string },
): Promise<number | undefined> {
  const { rows } = await sql<{ rowid: number }>`
    select rowid from video_trace
    where track_id = ${trackId} and pack_id = ${kind.packId} and pipeline_version = ${kind.pipelineVersion}
  `.execute(db)
  let best: { timeS: number; similarity: number } | undefined
  for (const { rowid } of rows) {
    const row = await db
      .selectFrom('video_trace')
      .selectAll()
      .where(sql<number>`rowid`, '=', rowid)
      .executeTakeFirst()
    if (row === undefined) continue
    const near = nearestMoment(checkedRow('video_trace', row, row.id), probe)
    if (near !== undefined && near.similarity > (best?.similarity ?? -1)) best = near
    await nextTurn()
  }
  return best?.timeS
}

async function nearestOf(
  db: Db,
  faceIds: readonly string[],
  probe: Float32Array,
  kind: { packId: string; pipelineVersion: string },
): Promise<string | undefined> {
  const rows = await db
    .selectFrom('template')
    .selectAll()
    .where('face_id', 'in', faceIds)
    .where('pack_id', '=', kind.packId)
    .where('pipeline_version', '=', kind.pipelineVersion)
    .execute()
  await nextTurn()
  let best: { id: string; score: number } | undefined
  for (const row of rows) {
    const score = similarity(floats(checkedRow('template', row, String(row.seq)).vector), probe)
    if (best === undefined || score > best.score) best = { id: row.face_id, score }
  }
  return best?.id
}

/** Moments of those faces that are faces of videos. */
export async function momentsOf(db: Db, faceIds: readonly string[]): Promise<Map<string, FoundMoment>> {
  const moments = new Map<string, FoundMoment>()
  for (let at = 0; at < faceIds.length; at += BATCH) {
    const rows = await db
      .selectFrom('video_face')
      .innerJoin('video_track', 'video_track.id', 'video_face.track_id')
      .innerJoin('video', 'video.media_id', 'video_face.media_id')
      .select(['video_face.face_id', 'video_face.time_s', 'video_track.id', 'video_track.number'])
      .select(['video_track.first_s', 'video_track.last_s', 'video.duration_s'])
      .where('video_face.face_id', 'in', faceIds.slice(at, at + BATCH))
      .execute()
    for (const row of rows) {
      moments.set(row.face_id, {
        timeS: row.time_s,
        trackId: row.id,
        track: row.number,
        trackFirstS: row.first_s,
        trackLastS: row.last_s,
        videoDurationS: row.duration_s,
      })
    }
  }
  return moments
}

/** Every face of the tracks that these faces are of, by the face that stands in the list. */
export async function facesOfTheirTracks(
  db: Db,
  faceIds: readonly string[],
): Promise<{ faceId: string; sibling: string }[]> {
  if (faceIds.length === 0) return []
  const rows = await db
    .selectFrom('video_face as own')
    .innerJoin('video_face as other', 'other.track_id', 'own.track_id')
    .innerJoin('person_face', 'person_face.face_id', 'other.face_id')
    .select(['own.face_id as faceId', 'other.face_id as sibling'])
    .distinct()
    .where('own.face_id', 'in', faceIds)
    .execute()
  return rows
}
