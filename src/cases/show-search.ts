import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AccountActor, Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent, type AuditEvent } from '../audit/append-event.ts'
import { replayPage } from '../media/replay.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import type { Context } from '../context.ts'
import type { FaceQuality, FivePoints } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { aroundFace } from '../pictures/around-face.ts'
import { describeMedia, facesById, peopleByFace, ROWS_A_TURN } from '../media/describe-candidates.ts'
import { momentsOf } from '../media/video-moments.ts'
import type { CandidateTable, SearchTable } from '../store/tables/search-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { pictureOfMedia } from '../media/picture-of-media.ts'
import { findCase, visibleCases } from './case-scope.ts'
import { listHash } from '../store/tables/list-hash.ts'
import type { ShownCandidate, ShownSearch } from './search-in-case.ts'
import type { WorkContext } from '../media/work-context.ts'

/** Rows read at once. */
const BATCH = 500
/** Searches of a case, newest first. */
export async function listSearches(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { caseId: string; before: string | undefined; limit: number },
): Promise<SearchTable[]> {
  authorize(actor, 'search.read')
  const { db } = ctx.store
  await findCase(db, actor, input.caseId)
  let query = db
    .selectFrom('search')
    .selectAll()
    .where('case_id', '=', input.caseId)
    .orderBy('id', 'desc')
    .limit(input.limit)
  if (input.before !== undefined) query = query.where('id', '<', input.before)
  return (await query.execute()).map((row) => checkedRow('search', row, row.id))
}

/**
 * A search with its candidates as they were found. The look is written into the audit log.
 * @throws AppError `not_found`, `corrupt_record` when the list is not what was found
 */
export async function showSearch(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<ShownSearch> {
  authorize(actor, 'search.read')
  const { db } = ctx.store
  const search = await findSearch(db, actor, input.id)
  const candidates = await db
    .selectFrom('candidate')
    .selectAll()
    .where('search_id', '=', search.id)
    .orderBy('rank')
    .execute()
  if (listHash(candidates) !== search.list_sha256) {
    throw new AppError('corrupt_record', `The candidates of search ${search.id} are not what was found.`)
  }
  const shown = await describe(db, actor, search, candidates)
  await noteLook(db, actor, search, {
    action: 'search.look',
    subject: `search ${search.id}`,
    details: { candidates: search.candidate_count },
  })
  return { search, candidates: shown }
}

export interface CandidatePictureInput {
  searchId: string
  rank: number
  longSidePx: number
  /** The face with its surroundings instead of the whole photo. */
  faceOnly: boolean
  /** Shows a sensitive picture unblurred; written into the audit log as such. */
  reveal: boolean
  signal: AbortSignal
}

/** A candidate's picture for people: sensitive ones blurred, unless asked for. */
export async function showCandidatePicture(
  ctx: WorkContext,
  actor: AccountActor,
  input: CandidatePictureInput,
): Promise<Uint8Array> {
  authorize(actor, 'search.read')
  const { db } = ctx.store
  const search = await findSearch(db, actor, input.searchId)
  const candidate = await findCandidate(db, actor, search, input.rank)
  const blurred = candidate.media.sensitive && !input.reveal
  const { bytes } = await ctx.pictures.make(
    {
      want: 'shown',
      photo: await pictureOfMedia(ctx, candidate.media, candidate.face_id, input.signal),
      steps: [],
      longSidePx: input.longSidePx,
      part: input.faceOnly ? aroundFace(candidate.face.box) : undefined,
      blurred,
    },
    input.signal,
  )
  await noteLook(db, actor, search, {
    action: candidate.media.sensitive && input.reveal ? 'face.reveal' : 'face.look',
    subject: `face ${candidate.face_id}`,
    details: { search: search.id, rank: input.rank, blurred },
  })
  return bytes
}

/** The archived page on which a candidate stood. @throws AppError `not_found`, as `replayPage` */
export async function replayCandidatePage(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: {
    searchId: string
    rank: number
    sourceId: string
    page: number
    reveal: boolean
    signal: AbortSignal
  },
): Promise<string> {
  authorize(actor, 'search.read')
  const { db } = ctx.store
  const search = await findSearch(db, actor, input.searchId)
  const { media, face_id: faceId } = await findCandidate(db, actor, search, input.rank)
  if (!media.sources.some(({ sourceId }) => sourceId === input.sourceId))
    throw new AppError('not_found', 'The candidate has no such source, or your agency may no longer see it.')
  const showsPictures = !media.sensitive || input.reveal
  const { sourceId, page, signal } = input
  // The look is refused before anything is shown, and written down before anything is given.
  const { html, archiveId } = await replayPage(ctx, { sourceId, page, showsPictures, signal })
  await noteLook(db, actor, search, {
    action: media.sensitive && input.reveal ? 'face.reveal' : 'archive.replay',
    subject: `face ${faceId}`,
    details: { search: search.id, rank: input.rank, archive: archiveId, page, showsPictures },
  })
  return html
}

/** A candidate whose photo is there to be seen. */
export interface VisibleCandidate extends CandidateTable {
  face: NonNullable<ShownCandidate['face']>
  media: NonNullable<ShownCandidate['media']>
}

/** A candidate that is still there and that the agency may see. @throws AppError `not_found` */
export async function findCandidate(
  db: Db,
  actor: Actor,
  search: SearchTable,
  rank: number,
): Promise<VisibleCandidate> {
  const rows = await db
    .selectFrom('candidate')
    .selectAll()
    .where('search_id', '=', search.id)
    .where('rank', '=', rank)
    .execute()
  const [candidate] = await describe(db, actor, search, rows)
  const face = candidate?.face
  const media = candidate?.media
  if (face === undefined || media === undefined) {
    throw new AppError(
      'not_found',
      'There is no such candidate, it was erased, or your agency may no longer see it.',
    )
  }
  return { ...candidate, face, media }
}

/**
 * Writes the look down and refuses it to whoever, in the same moment, became a blind verifier for the case, or analyses
 * the probe of one of the search's leads: candidates come after the analysis.
 * @throws AppError `not_found`, `analysis_unfinished`
 */
export async function noteLook(
  db: Db,
  actor: AccountActor,
  search: SearchTable,
  event: Pick<AuditEvent, 'action' | 'subject' | 'details'>,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await findSearch(tx, actor, search.id)
    const analysing = await tx
      .selectFrom('examination')
      .innerJoin('identification', 'identification.id', 'examination.identification_id')
      .select('examination.id')
      .where('identification.search_id', '=', search.id)
      .where('examination.account_id', '=', actor.accountId)
      .where('examination.analysis_finished_at', 'is', null)
      .where('examination.abandoned_at', 'is', null)
      .executeTakeFirst()
    if (analysing !== undefined) {
      throw new AppError(
        'analysis_unfinished',
        'You are analysing a probe of this search. Finish the analysis first: candidates are shown after that.',
      )
    }
    const { case_id: caseId, purpose } = search
    await appendAuditEvent(tx, actor, { ...event, agencyId: actor.agencyId, caseId, purpose })
  })
}

/** The search, if the actor works on its case. @throws AppError `not_found` */
export async function findSearch(db: Db, actor: Actor, id: string): Promise<SearchTable> {
  const row = await db
    .selectFrom('search')
    .selectAll()
    .where('id', '=', id)
    .where('case_id', 'in', visibleCases(db, actor).select('case_file.id'))
    .executeTakeFirst()
  if (row === undefined)
    throw new AppError('not_found', 'There is no such search, or you do not work on its case.')
  return checkedRow('search', row, id)
}

/** What is known now, inside the collections that were searched and that the agency may still search. */
async function describe(
  db: Db,
  actor: Actor,
  search: SearchTable,
  candidates: readonly CandidateTable[],
): Promise<ShownCandidate[]> {
  const searched = new Set((JSON.parse(search.collections) as { id: string }[]).map(({ id }) => id))
  const agencyId = actor.kind === 'account' ? actor.agencyId : undefined
  const open = await searchableCollections(db, agencyId, undefined)
  const scope = { collections: open.filter(({ id }) => searched.has(id)), agencyId }
  const shown: ShownCandidate[] = []
  for (let at = 0; at < candidates.length; at += BATCH) {
    const batch = candidates.slice(at, at + BATCH)
    const faces = await facesById(
      db,
      batch.map(({ face_id: id }) => id),
    )
    const people = await peopleByFace(
      db,
      batch.map(({ face_id: id }) => id),
      agencyId,
    )
    const media = await describeMedia(db, new Map(batch.map(({ media_id: id }) => [id, null])), scope)
    const moments = await momentsOf(
      db,
      batch.map(({ face_id: id }) => id),
    )
    for (const [place, candidate] of batch.entries()) {
      if (place % ROWS_A_TURN === ROWS_A_TURN - 1) await nextTurn()
      const row = faces.get(candidate.face_id)
      const found = media.get(candidate.media_id)
      const visible = found !== undefined && found.collections.length > 0
      shown.push({
        ...candidate,
        face: row !== undefined && visible ? { ...faceFacts(row), moment: moments.get(row.id) } : undefined,
        media: visible ? found : undefined,
        person: visible ? people.get(candidate.face_id) : undefined,
      })
    }
  }
  return shown
}

function faceFacts(row: {
  number: number
  box_x_px: number
  box_y_px: number
  box_width_px: number
  box_height_px: number
  five_points: string
  quality: string
}): Omit<NonNullable<ShownCandidate['face']>, 'moment'> {
  return {
    number: row.number,
    box: { x: row.box_x_px, y: row.box_y_px, width: row.box_width_px, height: row.box_height_px },
    fivePoints: JSON.parse(row.five_points) as FivePoints,
    quality: JSON.parse(row.quality) as FaceQuality,
  }
}
