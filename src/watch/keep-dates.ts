import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { OPEN_ALERT_STATES } from '../contract/watch-words.ts'
import { writeNotice } from '../alerts/write-notice.ts'
import { changeRow } from '../store/tables/change-row.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { WATCH_ACTOR } from '../alerts/watch-actor.ts'
import { dayAt, dayBefore, startOfDay } from '../contract/dates.ts'

/** Rows changed in one transaction. */
const ROWS_A_STEP = 50

/** What was done because of dates. */
export interface KeptDates {
  ended: number
  reviews: number
  escalated: number
  summaries: number
}

/**
 * Does what dates ask for: ends standing searches whose end date has passed, asks supervisors about those whose review date
 * has come, escalates open alerts past their due time, and tells each agency once a day how its alerts stand. Each is
 * done once, whichever process does it.
 * @param nowMs Unix time
 */
export async function keepDates(ctx: Pick<Context, 'store'>, nowMs: number): Promise<KeptDates> {
  const { db } = ctx.store
  const now = new Date(nowMs).toISOString()
  const today = dayAt(nowMs)
  return {
    ended: await each(db, (tx) => endPast(tx, today, now)),
    reviews: await each(db, (tx) => askForReview(tx, today, now)),
    escalated: await each(db, (tx) => escalate(tx, now)),
    summaries: await summarise(db, nowMs),
  }
}

async function each(db: Db, step: (tx: Tx) => Promise<number>): Promise<number> {
  for (let total = 0; ;) {
    const done = await db.transaction().execute(step)
    total += done
    if (done < ROWS_A_STEP) return total
  }
}

async function endPast(tx: Tx, today: string, now: string): Promise<number> {
  const rows = await tx
    .selectFrom('standing_search')
    .select(['id', 'agency_id', 'ends_on'])
    .where('state', '!=', 'ended')
    .where('ends_on', '<', today)
    .limit(ROWS_A_STEP)
    .execute()
  for (const { id, agency_id: agencyId, ends_on: endsOn } of rows) {
    await changeRow(tx, 'standing_search', id, {
      state: 'ended',
      state_reason: 'end_date',
      changed_by: WATCH_ACTOR.name,
      changed_at: now,
    })
    await appendAuditEvent(tx, WATCH_ACTOR, {
      action: 'watch.end',
      agencyId,
      subject: `standing_search ${id}`,
      details: { endsOn },
    })
  }
  return rows.length
}

async function askForReview(tx: Tx, today: string, now: string): Promise<number> {
  const rows = await tx
    .selectFrom('standing_search')
    .select(['id', 'agency_id', 'review_on'])
    .where('state', '!=', 'ended')
    .where('review_on', '<=', today)
    .where('review_asked_at', 'is', null)
    .limit(ROWS_A_STEP)
    .execute()
  for (const { id, agency_id: agencyId, review_on: reviewOn } of rows) {
    await changeRow(tx, 'standing_search', id, { review_asked_at: now })
    await writeNotice(tx, { agencyId, kind: 'review', subjectId: id, at: now })
    await appendAuditEvent(tx, WATCH_ACTOR, {
      action: 'watch.ask_review',
      agencyId,
      subject: `standing_search ${id}`,
      details: { reviewOn },
    })
  }
  return rows.length
}

async function escalate(tx: Tx, now: string): Promise<number> {
  const rows = await tx
    .selectFrom('alert')
    .select(['id', 'agency_id', 'due_at', 'state'])
    .where('state', 'in', OPEN_ALERT_STATES)
    .where('due_at', '<', now)
    .where('escalated_at', 'is', null)
    .limit(ROWS_A_STEP)
    .execute()
  for (const { id, agency_id: agencyId, due_at: dueAt, state } of rows) {
    await changeRow(tx, 'alert', id, { escalated_at: now })
    await writeNotice(tx, { agencyId, kind: 'escalation', subjectId: id, at: now })
    await appendAuditEvent(tx, WATCH_ACTOR, {
      action: 'alert.escalate',
      agencyId,
      subject: `alert ${id}`,
      details: { dueAt, state },
    })
  }
  return rows.length
}

/** One notice a day and agency that has alerts to speak of from before the day: raised the day before, or still open. */
async function summarise(db: Db, nowMs: number): Promise<number> {
  const now = new Date(nowMs).toISOString()
  const today = dayAt(nowMs)
  const since = startOfDay(dayBefore(today))
  const agencies = await db
    .selectFrom('standing_search')
    .select('agency_id')
    .distinct()
    .where(
      'agency_id',
      'not in',
      db.selectFrom('agency_summary').select('agency_id').where('day', '=', today),
    )
    .execute()
  let written = 0
  for (const { agency_id: agencyId } of agencies) {
    written += await db.transaction().execute(async (tx) => {
      const { numInsertedOrUpdatedRows: added } = await tx
        .insertInto('agency_summary')
        .values({ agency_id: agencyId, day: today })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      if (added === 0n) return 0
      const counts = await countForSummary(tx, agencyId, since, now)
      if (counts.raised === 0 && counts.older === 0) return 0
      const { older: _older, ...told } = counts
      await writeNotice(tx, { agencyId, kind: 'summary', subjectId: today, at: now, counts: told })
      return 1
    })
  }
  return written
}

/** What a daily summary says; no alert is named. */
export interface SummaryCounts {
  raised: number
  open: number
  overdue: number
}

async function countForSummary(
  tx: Tx,
  agencyId: string,
  since: string,
  now: string,
): Promise<SummaryCounts & { older: number }> {
  const alerts = tx
    .selectFrom('alert')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('agency_id', '=', agencyId)
  const open = alerts.where('state', 'in', OPEN_ALERT_STATES)
  const midnight = startOfDay(dayAt(now))
  const { count: raised } = await alerts
    .where('raised_at', '>=', since)
    .where('raised_at', '<', midnight)
    .executeTakeFirstOrThrow()
  const { count: older } = await open.where('raised_at', '<', midnight).executeTakeFirstOrThrow()
  const { count: isOpen } = await open.executeTakeFirstOrThrow()
  const { count: overdue } = await open.where('due_at', '<', now).executeTakeFirstOrThrow()
  return { raised, open: isOpen, overdue, older }
}
