import { randomInt } from 'node:crypto'
import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import type { ReviewFinding, SearchReviewTable } from '../store/tables/search-tables.ts'

/** Searches that one draw may pick. */
const MAX_DRAWN = 500
const SEARCHES_A_PAGE = 1000

export interface DrawInput {
  /** Times, ISO; `until` is left out itself. */
  since: string
  until: string
  /** Share of the searches, 0 to 1; at least one is drawn when there is any. */
  share: number
}

/**
 * Draws a random sample of the own agency's searches, to be looked at. Those that the supervisor ran, and those drawn
 * before, are not in the draw. The operating system's random numbers decide, so nobody can know beforehand which.
 */
export async function drawSearches(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: DrawInput,
): Promise<SearchReviewTable[]> {
  authorize(actor, 'review.draw')
  const agencyId = agencyOf(actor)
  return ctx.store.db.transaction().execute(async (tx) => {
    const eligible = tx
      .selectFrom('search')
      .leftJoin('search_review', 'search_review.search_id', 'search.id')
      .where('search.agency_id', '=', agencyId)
      .where('search.at', '>=', input.since)
      .where('search.at', '<', input.until)
      .where('search.account_id', '!=', actor.accountId)
      .where('search_review.id', 'is', null)
    const { found } = await eligible
      .select(({ fn }) => fn.countAll<number>().as('found'))
      .executeTakeFirstOrThrow()
    const drawn = Math.min(MAX_DRAWN, Math.ceil(found * input.share))
    const places = drawPlaces(found, drawn)
    const ids: string[] = []
    let place = 0
    for (let after = ''; ids.length < drawn;) {
      const page = await eligible
        .select('search.id')
        .where('search.id', '>', after)
        .orderBy('search.id')
        .limit(SEARCHES_A_PAGE)
        .execute()
      if (page.length === 0) break
      for (const { id } of page) if (places.has(place++)) ids.push(id)
      after = page[page.length - 1].id
    }
    const rows = ids.map((searchId) =>
      withDigest('search_review', {
        id: newId(),
        search_id: searchId,
        agency_id: agencyId,
        drawn_by: actor.name,
        drawn_at: nowIso(),
        finding: null,
        note: null,
        reviewed_by: null,
        reviewed_at: null,
      }),
    )
    if (rows.length > 0) await tx.insertInto('search_review').values(rows).execute()
    await appendAuditEvent(tx, actor, {
      action: 'review.draw',
      agencyId,
      subject: undefined,
      details: { searches: found, drawn: rows.length, share: input.share },
    })
    return rows
  })
}

/** So many different places among so many, each as likely as any other. */
function drawPlaces(among: number, wanted: number): Set<number> {
  const places = new Set<number>()
  // Floyd's sampling: of the places up to each next one, a place not drawn yet, else the next one itself.
  for (let last = among - wanted; last < among; last++) {
    const place = randomInt(0, last + 1)
    places.add(places.has(place) ? last : place)
  }
  return places
}

/** Reviews of the own agency, newest first. @param input.before id of the last one seen */
export async function listReviews(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { state: 'open' | 'done' | undefined; before: string | undefined; limit: number },
): Promise<SearchReviewTable[]> {
  authorize(actor, 'review.read')
  let query = ctx.store.db
    .selectFrom('search_review')
    .selectAll()
    .where('agency_id', '=', agencyOf(actor))
    .orderBy('id', 'desc')
    .limit(input.limit)
  if (input.state !== undefined)
    query = query.where('finding', input.state === 'open' ? 'is' : 'is not', null)
  if (input.before !== undefined) query = query.where('id', '<', input.before)
  return (await query.execute()).map((row) => checkedRow('search_review', row, row.id))
}

/**
 * Writes down what a supervisor found about a search that was drawn; once.
 * @throws AppError `not_found`, `conflict` when it is settled, `not_allowed` for the supervisor's own searches
 */
export async function settleReview(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string; finding: ReviewFinding; note: string },
): Promise<SearchReviewTable> {
  authorize(actor, 'review.draw')
  const agencyId = agencyOf(actor)
  return ctx.store.db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('search_review')
      .innerJoin('search', 'search.id', 'search_review.search_id')
      .select(['search_review.id', 'search_review.finding', 'search.id as searchId', 'search.account_id'])
      .select(['search.case_id', 'search.purpose'])
      .where('search_review.id', '=', input.id)
      .where('search_review.agency_id', '=', agencyId)
      .executeTakeFirst()
    if (row === undefined) throw new AppError('not_found', 'Your agency has no such review.')
    if (row.finding !== null) throw new AppError('conflict', 'This review was settled; findings stay.')
    if (row.account_id === actor.accountId)
      throw new AppError('not_allowed', 'Nobody reviews their own search: another supervisor does that.')
    const settled = await changeRow(tx, 'search_review', row.id, {
      finding: input.finding,
      note: input.note,
      reviewed_by: actor.name,
      reviewed_at: nowIso(),
    })
    await appendAuditEvent(tx, actor, {
      action: 'review.find',
      agencyId,
      subject: `search ${row.searchId}`,
      caseId: row.case_id,
      purpose: row.purpose,
      details: { finding: input.finding },
    })
    return settled!
  })
}
