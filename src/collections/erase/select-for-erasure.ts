import { AppError } from '../../errors.ts'
import type { Db } from '../../store/record.ts'

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
  /** Sources to take away from media that stay. */
  sourceIds: string[]
  personId: string | undefined
}

/** Finds what a target means. @throws AppError `not_found`, `bad_input` */
export async function selectForErasure(db: Db, target: EraseTarget): Promise<ErasureSelection> {
  switch (target.kind) {
    case 'media':
      return selectMedia(db, target.media)
    case 'person':
      return selectPerson(db, target.person)
    case 'source':
      return selectSource(db, target.source)
    case 'before':
      return selectBefore(db, target.before)
  }
  throw new AppError('internal', 'Unknown erasure target.')
}

async function selectMedia(db: Db, media: readonly string[]): Promise<ErasureSelection> {
  const rows = await db
    .selectFrom('media')
    .select(['id', 'sha256'])
    .where((where) => where.or([where('id', 'in', media), where('sha256', 'in', media)]))
    .execute()
  const missing = media.find((name) => !rows.some(({ id, sha256 }) => id === name || sha256 === name))
  if (missing !== undefined)
    throw new AppError('not_found', `There is no media ${missing}. Nothing was erased.`)
  return { mediaIds: rows.map(({ id }) => id), sourceIds: [], personId: undefined }
}

async function selectPerson(db: Db, person: string): Promise<ErasureSelection> {
  const row = await db
    .selectFrom('person')
    .select(['id', 'ref', 'name'])
    .where((where) => where.or([where('id', '=', person), where('ref', '=', person)]))
    .executeTakeFirst()
  if (row === undefined) throw new AppError('not_found', `There is no person ${person}. Nothing was erased.`)
  const linked = await db
    .selectFrom('person_face')
    .innerJoin('face', 'face.id', 'person_face.face_id')
    .select('face.media_id')
    .where('person_face.person_id', '=', row.id)
    .where('person_face.link', '=', 'same')
    .execute()
  const claimed = await db
    .selectFrom('source')
    .select('media_id')
    .where((where) =>
      row.ref === null
        ? where.and([where('person_ref', 'is', null), where('person_name', '=', row.name ?? '')])
        : where('person_ref', '=', row.ref),
    )
    .execute()
  const mediaIds = new Set([...linked, ...claimed].map((found) => found.media_id))
  return { mediaIds: [...mediaIds], sourceIds: [], personId: row.id }
}

async function selectSource(db: Db, source: string): Promise<ErasureSelection> {
  const sources = await db
    .selectFrom('source')
    .select(['id', 'media_id'])
    .where((where) =>
      where.or([where('id', '=', source), where('import_id', '=', source), where('source_url', '=', source)]),
    )
    .execute()
  if (sources.length === 0)
    throw new AppError('not_found', `There is no source ${source}. Nothing was erased.`)
  const going = new Set(sources.map(({ id }) => id))
  const mediaIds: string[] = []
  const sourceIds: string[] = []
  for (const mediaId of new Set(sources.map((row) => row.media_id))) {
    const all = await db.selectFrom('source').select('id').where('media_id', '=', mediaId).execute()
    if (all.every(({ id }) => going.has(id))) mediaIds.push(mediaId)
    else sourceIds.push(...all.flatMap(({ id }) => (going.has(id) ? [id] : [])))
  }
  return { mediaIds, sourceIds, personId: undefined }
}

async function selectBefore(db: Db, before: string): Promise<ErasureSelection> {
  const time = Date.parse(before)
  if (!/^\d{4}-\d{2}-\d{2}/.test(before) || Number.isNaN(time)) {
    throw new AppError(
      'bad_input',
      `Expected a date as YYYY-MM-DD, received '${before}'. Nothing was erased.`,
    )
  }
  const rows = await db
    .selectFrom('source')
    .select(({ fn }) => ['media_id', fn.max('imported_at').as('newest')])
    .groupBy('media_id')
    .having(({ fn }) => fn.max('imported_at'), '<', new Date(time).toISOString())
    .execute()
  return { mediaIds: rows.map((row) => row.media_id), sourceIds: [], personId: undefined }
}
