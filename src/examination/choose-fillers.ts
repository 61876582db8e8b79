import { hash } from 'node:crypto'
import { seenMedia } from '../collections/seen-media.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import type { Context } from '../context.ts'
import { similarity } from '../engine/embed/similarity.ts'
import { AppError } from '../errors.ts'
import { measuredScores } from '../live-index/measured-scores.ts'
import { withNearDuplicates } from '../media/near-duplicates.ts'
import { scoreMeaning } from '../search/score-meaning.ts'
import { labelOf, otherTemplates } from '../store/active-templates.ts'
import { setsWithAny } from '../store/collection-sets.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import { entryVectors, floats } from '../store/index-feed.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'

/** Faces beside the candidate's. Six is what eyewitness line-ups use at least (five fillers). */
export const FILLERS = 5
/** Faces most similar to the probe that fillers are chosen from. */
const POOL = 400
/** Fillers whose picture quality is this near the candidate's come first: a line-up must not be decided by sharpness. */
const QUALITY_BAND = 0.15

/** One face of a line-up, as it is recorded; the verifier sees none of it. */
export interface LineupFace {
  position: number
  role: 'candidate' | 'filler'
  faceId: string
  mediaId: string
  /** To the probe. */
  similarity: number
  /** Unified quality score. */
  quality: number
}

/** How a line-up came about: what is needed to make it again. */
export interface Lineup {
  /** Faces at least this similar to probe or candidate are left out: they may be the same person. */
  ceiling: number
  qualityBand: number
  pool: number
  faces: LineupFace[]
}

interface PoolFace {
  faceId: string
  mediaId: string
  similarity: number
  quality: number
  vector: Float32Array
}

/**
 * Chooses the fillers of a line-up, by one rule for everybody.
 *
 * From the collections that the case's agency owns or was granted, as candidates are, the faces most similar to the probe; without those that may show the candidate's
 * or the probe's person: at or above the similarity that one stranger in a thousand reaches, to probe or candidate;
 * linked with a person that the candidate is linked with; in the same photo, a near duplicate of it, or the probe's own.
 * No two of one person, photo, or above that similarity to each other. Those within `QUALITY_BAND` of the candidate's
 * picture quality come first, the most similar before the others.
 * @throws AppError `too_few_fillers`, `not_found` when the candidate was erased or may no longer be seen
 */
export async function chooseFillers(
  ctx: Context,
  row: IdentificationTable,
): Promise<Pick<Lineup, 'ceiling'> & { candidate: PoolFace; fillers: PoolFace[] }> {
  const { db } = ctx.store
  const probe = await db
    .selectFrom('probe_face')
    .selectAll()
    .where('id', '=', row.probe_face_id)
    .executeTakeFirstOrThrow()
  const probeVector = floats(checkedRow('probe_face', probe, probe.id).vector)
  const index = await ctx.index.ready()
  if (index === undefined) throw tooFew(0)
  const label = labelOf({ packId: probe.pack_id, pipelineVersion: probe.pipeline_version })
  if (label !== index.label) {
    throw otherTemplates(index.kind, { packId: probe.pack_id, pipelineVersion: probe.pipeline_version })
  }
  const candidate = await candidateFace(db, row, index.kind, probeVector)
  const measured = await measuredScores(ctx.store, index)
  const meaning = scoreMeaning(
    measured,
    measured === undefined ? (await ctx.engine()).calibration : undefined,
  )
  const ceiling = meaning.defaultThreshold
  const collections = await searchableCollections(db, row.agency_id, undefined)
  const tags = await setsWithAny(
    db,
    collections.map(({ id }) => id),
  )
  const [found] = await index.search([probeVector], { k: POOL, filter: { tags } })
  const pool = await poolFaces(db, found.candidates)
  const excluded = await excludedMedia(db, row)
  const people = await peopleOf(db, [candidate.faceId, ...pool.map(({ faceId }) => faceId)])
  const ofCandidate = people.get(candidate.faceId) ?? new Set()
  const ranked = pool
    .filter(
      (face) =>
        face.faceId !== candidate.faceId &&
        !excluded.has(face.mediaId) &&
        face.similarity < ceiling &&
        similarity(face.vector, candidate.vector) < ceiling &&
        !shares(people.get(face.faceId), ofCandidate),
    )
    .toSorted((a, b) => inBand(b, candidate) - inBand(a, candidate) || b.similarity - a.similarity)
  const fillers: PoolFace[] = []
  for (const face of ranked) {
    const isDistinct = fillers.every(
      (other) =>
        other.mediaId !== face.mediaId &&
        similarity(other.vector, face.vector) < ceiling &&
        !shares(people.get(other.faceId), people.get(face.faceId) ?? new Set()),
    )
    if (isDistinct) fillers.push(face)
    if (fillers.length === FILLERS) return { ceiling, candidate, fillers }
  }
  throw tooFew(fillers.length)
}

/** Puts candidate and fillers into the order that a seed gives: by SHA-256 of seed and face. */
export function arrangeLineup(chosen: Awaited<ReturnType<typeof chooseFillers>>, seed: string): Lineup {
  const place = ({ faceId }: PoolFace): string => hash('sha256', `${seed}\n${faceId}`)
  const faces = [chosen.candidate, ...chosen.fillers]
    .toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
    .map((face, at): LineupFace => ({
      position: at + 1,
      role: face === chosen.candidate ? 'candidate' : 'filler',
      faceId: face.faceId,
      mediaId: face.mediaId,
      similarity: face.similarity,
      quality: face.quality,
    }))
  return { ceiling: chosen.ceiling, qualityBand: QUALITY_BAND, pool: POOL, faces }
}

function inBand(face: PoolFace, candidate: PoolFace): number {
  return Math.abs(face.quality - candidate.quality) <= QUALITY_BAND ? 1 : 0
}

function shares(a: ReadonlySet<string> | undefined, b: ReadonlySet<string>): boolean {
  return a !== undefined && [...a].some((person) => b.has(person))
}

function tooFew(found: number): AppError {
  return new AppError(
    'too_few_fillers',
    `A line-up needs ${FILLERS} faces of other people in the collections that your agency may search that look like the probe; there are ${found}. Import more photos of other people; nothing was changed.`,
  )
}

async function candidateFace(
  db: Db,
  { face_id: faceId, agency_id: agencyId }: Pick<IdentificationTable, 'face_id' | 'agency_id'>,
  kind: { packId: string; pipelineVersion: string },
  probe: Float32Array,
): Promise<PoolFace> {
  const face = await db
    .selectFrom('face')
    .innerJoin('template', 'template.face_id', 'face.id')
    .select(['face.id', 'face.media_id', 'face.unified_score', 'template.vector'])
    .where('face.id', '=', faceId)
    .where('template.pack_id', '=', kind.packId)
    .where('template.pipeline_version', '=', kind.pipelineVersion)
    .executeTakeFirst()
  // A line-up of which one picture cannot be shown would say which one the candidate is.
  if (face === undefined || !(await seenMedia(db, agencyId, [face.media_id])).has(face.media_id))
    throw new AppError('not_found', 'The candidate was erased, or your agency may no longer see its photo.')
  const vector = floats(face.vector)
  return {
    faceId: face.id,
    mediaId: face.media_id,
    similarity: similarity(probe, vector),
    quality: face.unified_score,
    vector,
  }
}

async function poolFaces(db: Db, hits: readonly { id: number; similarity: number }[]): Promise<PoolFace[]> {
  const ids = hits.map(({ id }) => id)
  const rows = await db
    .selectFrom('index_entry')
    .innerJoin('template', 'template.seq', 'index_entry.template_seq')
    .innerJoin('face', 'face.id', 'template.face_id')
    .select(['index_entry.id', 'face.id as faceId', 'face.media_id', 'face.unified_score'])
    .where('index_entry.id', 'in', ids)
    .execute()
  const byEntry = new Map(rows.map((row) => [row.id, row]))
  const vectors = await entryVectors(db, ids)
  return hits.flatMap(({ id, similarity: score }, at) => {
    const row = byEntry.get(id)
    const vector = vectors[at]
    if (row === undefined || vector === undefined) return []
    return [
      { faceId: row.faceId, mediaId: row.media_id, similarity: score, quality: row.unified_score, vector },
    ]
  })
}

/** The candidate's photo, its near duplicates, and photos with the probe's very bytes. */
async function excludedMedia(db: Db, row: IdentificationTable): Promise<Set<string>> {
  const copies = await db.selectFrom('media').select('id').where('sha256', '=', row.probe_sha256).execute()
  return new Set([...(await withNearDuplicates(db, row.media_id)), ...copies.map(({ id }) => id)])
}

/** Persons that faces are linked with, by any agency. */
async function peopleOf(db: Db, faceIds: readonly string[]): Promise<Map<string, Set<string>>> {
  const links = await db
    .selectFrom('person_face')
    .select(['face_id', 'person_id'])
    .where('face_id', 'in', faceIds)
    .where('link', '=', 'same')
    .execute()
  const people = new Map<string, Set<string>>()
  for (const { face_id: face, person_id: person } of links) {
    const known = people.get(face) ?? new Set()
    people.set(face, known.add(person))
  }
  return people
}
