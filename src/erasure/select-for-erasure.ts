import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'

/**
 * What to erase.
 * `media`: ids or SHA-256 of media. `person`: id or reference of a person; with every photo that shows a face linked
 * as theirs or that was brought in under their reference. `source`: id of a source or an import, or a source URL; media
 * that also came from elsewhere stay, with that other source. `before`: media whose every source came in before a date.
 */
export type EraseTarget =
  | { kind: 'media'; media: string[] }
  | { kind: 'person'; person: string }
  | { kind: 'source'; source: string }
  | { kind: 'before'; before: string }

export interface ErasureSelection {
  mediaIds: string[]
  /** Sources to take away from media that stay, with their media. */
  sources: { id: string; mediaId: string }[]
  personId: string | undefined
  /** Of media given by name, those that are not in the record: erased before, or never there. */
  notThere: string[]
}

const NAMES_A_QUERY = 500

/** Finds what a target means. @throws AppError `not_found` when nothing of it is there, `bad_input` */
export async function selectForErasure(db: Db, target: EraseTarget): Promise<ErasureSelection> {
  switch (target.kind) {
    case 'media':
      return selectMedia(db, target.media)
    case 'person':
      return selectPerson(db, target.person)
    case 'source': {
      const going = await sourcesNamed(db, target.source)
      if (going.length === 0)
        throw new AppError('not_found', `There is no source ${target.source}. Nothing was erased.`)
      return splitByOtherSources(db, going)
    }
    case 'before':
      return { ...NOTHING, mediaIds: await mediaBefore(db, target.before) }
  }
  throw new AppError('internal', 'Unknown erasure target.')
}

/** What a target still means among some media, at most `NAMES_A_QUERY`: less or more of them may belong to it than before. */
export async function selectAmong(
  db: Db,
  target: EraseTarget,
  among: readonly string[],
): Promise<ErasureSelection> {
  switch (target.kind) {
    case 'media': {
      const rows = await db.selectFrom('media').select('id').where('id', 'in', among).execute()
      return { ...NOTHING, mediaIds: rows.map(({ id }) => id) }
    }
    case 'person': {
      const person = await findPerson(db, target.person)
      if (person === undefined) return NOTHING
      return { ...NOTHING, mediaIds: await mediaOf(db, person, among), personId: person.id }
    }
    case 'source':
      return splitByOtherSources(db, await sourcesNamed(db, target.source, among))
    case 'before':
      return { ...NOTHING, mediaIds: await mediaBefore(db, target.before, among) }
  }
  throw new AppError('internal', 'Unknown erasure target.')
}

const NOTHING: ErasureSelection = { mediaIds: [], sources: [], personId: undefined, notThere: [] }

async function selectMedia(db: Db, media: readonly string[]): Promise<ErasureSelection> {
  const mediaIds = new Set<string>()
  const found = new Set<string>()
  for (let at = 0; at < media.length; at += NAMES_A_QUERY) {
    const names = media.slice(at, at + NAMES_A_QUERY)
    const rows = await db
      .selectFrom('media')
      .select(['id', 'sha256'])
      .where((where) => where.or([where('id', 'in', names), where('sha256', 'in', names)]))
      .execute()
    for (const { id, sha256 } of rows) {
      mediaIds.add(id)
      found.add(id).add(sha256)
    }
  }
  const notThere = media.filter((name) => !found.has(name))
  if (mediaIds.size === 0)
    throw new AppError('not_found', `There is no media ${notThere[0] ?? ''}. Nothing was erased.`)
  return { ...NOTHING, mediaIds: [...mediaIds], notThere }
}

interface FoundPerson {
  id: string
  ref: string | null
  name: string | null
}

async function selectPerson(db: Db, person: string): Promise<ErasureSelection> {
  const row = await findPerson(db, person)
  if (row === undefined) throw new AppError('not_found', `There is no person ${person}. Nothing was erased.`)
  return { ...NOTHING, mediaIds: await mediaOf(db, row), personId: row.id }
}

async function findPerson(db: Db, person: string): Promise<FoundPerson | undefined> {
  return db
    .selectFrom('person')
    .select(['id', 'ref', 'name'])
    .where((where) => where.or([where('id', '=', person), where('ref', '=', person)]))
    .executeTakeFirst()
}

async function mediaOf(db: Db, { id, ref, name }: FoundPerson, among?: readonly string[]): Promise<string[]> {
  let linked = db
    .selectFrom('person_face')
    .innerJoin('face', 'face.id', 'person_face.face_id')
    .select('face.media_id')
    .where('person_face.person_id', '=', id)
    .where('person_face.link', '=', 'same')
  let claimed = db
    .selectFrom('source')
    .select('media_id')
    .where((where) =>
      ref === null
        ? where.and([where('person_ref', 'is', null), where('person_name', '=', name ?? '')])
        : where('person_ref', '=', ref),
    )
  if (among !== undefined) {
    linked = linked.where('face.media_id', 'in', among)
    claimed = claimed.where('media_id', 'in', among)
  }
  const rows = [...(await linked.execute()), ...(await claimed.execute())]
  return [...new Set(rows.map((found) => found.media_id))]
}

interface FoundSource {
  id: string
  media_id: string
}

async function sourcesNamed(db: Db, source: string, among?: readonly string[]): Promise<FoundSource[]> {
  let query = db
    .selectFrom('source')
    .select(['id', 'media_id'])
    .where((where) =>
      where.or([where('id', '=', source), where('import_id', '=', source), where('source_url', '=', source)]),
    )
  if (among !== undefined) query = query.where('media_id', 'in', among)
  return query.execute()
}

/** Media with no source but those that go are erased; others lose these sources. */
async function splitByOtherSources(db: Db, sources: readonly FoundSource[]): Promise<ErasureSelection> {
  const going = new Set(sources.map(({ id }) => id))
  const mediaIds: string[] = []
  const taken: ErasureSelection['sources'] = []
  for (const mediaId of new Set(sources.map((row) => row.media_id))) {
    const all = await db.selectFrom('source').select('id').where('media_id', '=', mediaId).execute()
    if (all.every(({ id }) => going.has(id))) mediaIds.push(mediaId)
    else taken.push(...all.flatMap(({ id }) => (going.has(id) ? [{ id, mediaId }] : [])))
  }
  return { ...NOTHING, mediaIds, sources: taken }
}

async function mediaBefore(db: Db, before: string, among?: readonly string[]): Promise<string[]> {
  const time = Date.parse(before)
  if (!/^\d{4}-\d{2}-\d{2}/.test(before) || Number.isNaN(time)) {
    throw new AppError(
      'bad_input',
      `Expected a date as YYYY-MM-DD, received '${before}'. Nothing was erased.`,
    )
  }
  let query = db
    .selectFrom('source')
    .select(({ fn }) => ['media_id', fn.max('imported_at').as('newest')])
    .groupBy('media_id')
    .having(({ fn }) => fn.max('imported_at'), '<', new Date(time).toISOString())
  if (among !== undefined) query = query.where('media_id', 'in', among)
  const rows = await query.execute()
  return rows.map((row) => row.media_id)
}
