import type { AccountActor, Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { CandidateMarkTable, SearchTable } from '../store/tables/search-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import { findOpenCase } from './case-scope.ts'
import { findSearch } from './show-search.ts'

/** Marks of a candidate list, by rank; everybody who works on the case sees the same. @throws AppError `not_found` */
export async function listMarks(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { searchId: string },
): Promise<CandidateMarkTable[]> {
  authorize(actor, 'search.read')
  const { db } = ctx.store
  const search = await findSearch(db, actor, input.searchId)
  const rows = await db
    .selectFrom('candidate_mark')
    .selectAll()
    .where('search_id', '=', search.id)
    .orderBy('rank')
    .execute()
  return rows.map((row) => checkedRow('candidate_mark', row, row.id))
}

/**
 * Sets the mark of a candidate, whoever set the one before; undefined takes it away. What was marked before stands in the
 * audit log. A mark orders the work and is no conclusion.
 * @throws AppError `not_found`, `conflict` when the case is closed
 */
export async function markCandidate(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { searchId: string; rank: number; mark: CandidateMarkTable['mark'] | undefined },
): Promise<void> {
  authorize(actor, 'search.mark')
  const { rank, mark } = input
  await ctx.store.db.transaction().execute(async (tx) => {
    const search = await searchOfCandidate(tx, actor, input)
    const before = await tx
      .selectFrom('candidate_mark')
      .select(['id', 'mark'])
      .where('search_id', '=', search.id)
      .where('rank', '=', rank)
      .executeTakeFirst()
    if (before !== undefined) await tx.deleteFrom('candidate_mark').where('id', '=', before.id).execute()
    if (mark !== undefined) {
      const row = withDigest('candidate_mark', {
        id: newId(),
        search_id: search.id,
        rank,
        mark,
        account_id: actor.accountId,
        marked_by: actor.name,
        marked_at: nowIso(),
      })
      await tx.insertInto('candidate_mark').values(row).execute()
    }
    await appendAuditEvent(tx, actor, {
      action: 'candidate.mark',
      agencyId: actor.agencyId,
      subject: `search ${search.id}`,
      caseId: search.case_id,
      purpose: search.purpose,
      details: { rank, mark: mark ?? null, before: before?.mark ?? null },
    })
  })
}

/** The search of a candidate, in an open case. @throws AppError `not_found`, `conflict` */
export async function searchOfCandidate(
  db: Db,
  actor: Actor,
  input: { searchId: string; rank: number },
): Promise<SearchTable> {
  const search = await findSearch(db, actor, input.searchId)
  await findOpenCase(db, actor, search.case_id)
  const row = await db
    .selectFrom('candidate')
    .select('rank')
    .where('search_id', '=', search.id)
    .where('rank', '=', input.rank)
    .executeTakeFirst()
  if (row === undefined) throw new AppError('not_found', `This search has no candidate ${input.rank}.`)
  return search
}
