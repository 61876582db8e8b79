import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { activeTemplates, labelOf } from '../store/active-templates.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { nowIso } from '../store/ids.ts'
import type { StandingSearchTable } from '../store/tables/watch-tables.ts'
import { checkDates, chosenThreshold } from './set-up-standing-search.ts'
import { scoresOf } from './watch-context.ts'
import { findStandingSearch } from './watch-scope.ts'

/** What is undefined stays as it is. */
export interface StandingChange {
  id: string
  /** `ended` is for good. */
  state: 'running' | 'paused' | 'ended' | undefined
  /** Why; needed with a state. */
  reason: string | undefined
  /** null: all that the agency may search. */
  collections: readonly string[] | null | undefined
  falseMatchRate: number | undefined
  threshold: number | undefined
  dueHours: number | undefined
  endsOn: string | undefined
  reviewOn: string | undefined
}

/**
 * Changes, pauses, resumes or ends a standing search. What it may now find and did not before is looked for among
 * everything held again; what raised an alert before raises none again.
 * @throws AppError `not_allowed`, `not_found`, `conflict` for one that has ended, `bad_input`
 */
export async function changeStandingSearch(
  ctx: Context,
  actor: AccountActor,
  input: StandingChange,
): Promise<StandingSearchTable> {
  authorize(actor, 'watch.change')
  const { db } = ctx.store
  if (input.state !== undefined && input.reason === undefined)
    throw new AppError('bad_input', 'Expected a reason for pausing, resuming or ending.')
  const kind = (await activeTemplates(db)) ?? (await ctx.engine())
  const isThreshold = input.threshold !== undefined || input.falseMatchRate !== undefined
  const chosen = isThreshold
    ? chosenThreshold(input, { scores: await scoresOf(ctx), proposed: undefined })
    : undefined
  return db.transaction().execute(async (tx) => {
    const search = await findStandingSearch(tx, actor, input.id)
    if (search.state === 'ended')
      throw new AppError('conflict', 'This standing search has ended. Set up a new one.')
    if (input.endsOn !== undefined || input.reviewOn !== undefined)
      checkDates(input.endsOn ?? search.ends_on, input.reviewOn ?? search.review_on)
    const collections =
      input.collections === undefined || input.collections === null
        ? input.collections
        : (await searchableCollections(tx, agencyOf(actor), input.collections)).map(({ id }) => id)
    const changes = {
      ...(input.state === undefined ? {} : { state: input.state, state_reason: input.reason! }),
      ...(collections === undefined
        ? {}
        : { collections: collections === null ? null : JSON.stringify(collections) }),
      ...(chosen === undefined
        ? {}
        : {
            threshold: chosen.threshold,
            false_match_rate: chosen.falseMatchRate,
            threshold_label: labelOf(kind),
          }),
      ...(input.dueHours === undefined ? {} : { due_hours: input.dueHours }),
      ...(input.endsOn === undefined ? {} : { ends_on: input.endsOn }),
      ...(input.reviewOn === undefined ? {} : { review_on: input.reviewOn, review_asked_at: null }),
    }
    const changed = await changeRow(tx, 'standing_search', search.id, {
      ...changes,
      changed_by: actor.name,
      changed_at: nowIso(),
    })
    if (collections !== undefined || chosen !== undefined)
      await tx
        .updateTable('standing_face')
        .set({ held_at: null })
        .where('search_id', '=', search.id)
        .execute()
    const { collections: _ids, ...noted } = changes
    await appendAuditEvent(tx, actor, {
      action: 'watch.change',
      agencyId: search.agency_id,
      subject: `standing_search ${search.id}`,
      ...(search.case_id === null ? {} : { caseId: search.case_id }),
      purpose: search.purpose,
      details: {
        ...noted,
        ...(collections === undefined ? {} : { collections: collections?.join(' ') ?? 'all' }),
        thresholdBefore: search.threshold,
        stateBefore: search.state,
      },
    })
    return changed!
  })
}
