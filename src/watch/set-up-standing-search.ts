import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { findOpenCase } from '../cases/case-scope.ts'
import type { CasePurpose } from '../contract/case-purposes.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { findStandingPerson } from '../people/person-scope.ts'
import { newId, nowIso } from '../store/ids.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import type { StandingSearchTable } from '../store/tables/watch-tables.ts'
import { previewLabel, previewThresholds, type StandingSubject } from './preview-thresholds.ts'
import { dayFromToday, today } from '../contract/dates.ts'

/** Standing searches of one agency that have not ended. */
export const MAX_STANDING_SEARCHES = 20_000
/** Probe faces that one may rest on. */
export const MAX_PROBE_FACES = 16
/** A standing search that is to run on after three years is set up anew, with the reasons of then. */
export const LONGEST_RUN_DAYS = 1096

export interface StandingSearchInput extends StandingSubject {
  caseId: string | undefined
  purpose: CasePurpose
  legalBasis: string
  /** What the threshold is chosen for; neither: as is proposed. */
  falseMatchRate: number | undefined
  threshold: number | undefined
  dueHours: number | undefined
  /** YYYY-MM-DD. */
  endsOn: string
  reviewOn: string
}

/**
 * Sets up a standing search: every face enrolled from now on is compared with the person's, and so is everything held.
 * @throws AppError `not_allowed`, `not_found`, `conflict` for a person without a face, `bad_input`, `limit_exceeded`
 */
export async function setUpStandingSearch(
  ctx: Context,
  actor: AccountActor,
  input: StandingSearchInput,
  signal: AbortSignal,
): Promise<StandingSearchTable> {
  authorize(actor, 'watch.change')
  checkDates(input.endsOn, input.reviewOn)
  if (input.probeFaces.length > MAX_PROBE_FACES)
    throw new AppError(
      'bad_input',
      `Expected at most ${MAX_PROBE_FACES} probe faces, received ${input.probeFaces.length}.`,
    )
  const preview = await previewThresholds(ctx, actor, input, signal)
  const { threshold, falseMatchRate } = chosenThreshold(input, preview)
  const agencyId = agencyOf(actor)
  return ctx.store.db.transaction().execute(async (tx) => {
    const { person } = await findStandingPerson(tx, actor, input.personId)
    if (input.caseId !== undefined) await findOpenCase(tx, actor, input.caseId)
    const { running } = await tx
      .selectFrom('standing_search')
      .select(({ fn }) => fn.countAll<number>().as('running'))
      .where('agency_id', '=', agencyId)
      .where('state', '!=', 'ended')
      .executeTakeFirstOrThrow()
    if (running >= MAX_STANDING_SEARCHES)
      throw new AppError('limit_exceeded', `Your agency has ${running} standing searches; end some first.`)
    const now = nowIso()
    const row = withDigest('standing_search', {
      id: newId(),
      agency_id: agencyId,
      person_id: person.id,
      case_id: input.caseId ?? null,
      purpose: input.purpose,
      legal_basis: input.legalBasis,
      collections:
        input.collections === undefined ? null : JSON.stringify(preview.collections.map(({ id }) => id)),
      comparison: preview.comparison,
      with_faces: input.withFaces ? 1 : 0,
      probe_faces: JSON.stringify(input.probeFaces),
      false_match_rate: falseMatchRate,
      threshold,
      threshold_label: previewLabel(preview),
      due_hours: input.dueHours ?? preview.dueHours,
      ends_on: input.endsOn,
      review_on: input.reviewOn,
      review_asked_at: null,
      state: 'running' as const,
      state_reason: null,
      set_up_by: actor.name,
      account_id: actor.accountId,
      set_up_at: now,
      changed_by: actor.name,
      changed_at: now,
    })
    await tx.insertInto('standing_search').values(row).execute()
    await appendAuditEvent(tx, actor, {
      action: 'watch.set_up',
      agencyId,
      subject: `standing_search ${row.id}`,
      ...(row.case_id === null ? {} : { caseId: row.case_id }),
      purpose: row.purpose,
      details: {
        person: person.id,
        faces: preview.faces,
        threshold,
        falseMatchRate,
        proposed: preview.proposed?.threshold ?? null,
        collections: row.collections === null ? 'all' : preview.collections.map(({ id }) => id).join(' '),
        facesAMonth: preview.facesAMonth,
        endsOn: row.ends_on,
        reviewOn: row.review_on,
      },
    })
    return row
  })
}

/** @throws AppError `bad_input` */
export function checkDates(endsOn: string, reviewOn: string): void {
  const first = today()
  const latest = dayFromToday(LONGEST_RUN_DAYS)
  if (endsOn < first || endsOn > latest)
    throw new AppError('bad_input', `Expected an end date from ${first} to ${latest}, received ${endsOn}.`)
  if (reviewOn < first || reviewOn > endsOn)
    throw new AppError(
      'bad_input',
      `Expected a review date from ${first} to the end date, received ${reviewOn}.`,
    )
}

/** @throws AppError `bad_input` when both are given, or none where nothing can be proposed */
export function chosenThreshold(
  { falseMatchRate: rate, threshold }: Pick<StandingSearchInput, 'falseMatchRate' | 'threshold'>,
  preview: {
    scores: { similarityAt: (rate: number) => number | undefined }
    proposed: { falseMatchRate: number; threshold: number } | undefined
  },
): { threshold: number; falseMatchRate: number | null } {
  if (threshold !== undefined) {
    if (rate !== undefined)
      throw new AppError('bad_input', 'Expected a threshold or a share of strangers, received both.')
    return { threshold, falseMatchRate: null }
  }
  const found = rate === undefined ? preview.proposed?.threshold : preview.scores.similarityAt(rate)
  if (found === undefined)
    throw new AppError(
      'bad_input',
      'Nobody has measured what scores of this model pack mean, so no threshold can be proposed. Give one as a number.',
    )
  return { threshold: found, falseMatchRate: rate ?? preview.proposed!.falseMatchRate }
}
