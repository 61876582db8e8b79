import type { AccountActor } from '../actor/actor.ts'
import { accountActor } from '../access/resolve-actor.ts'
import { isSuspended } from '../access/suspensions.ts'
import { AppError } from '../errors.ts'
import { heldLineup } from '../blind-verification/lineup-holder.ts'
import { newId } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import type { NoticeTable } from '../store/tables/notice-tables.ts'
import { visibleAlerts, visibleStandingSearches } from '../watch/watch-scope.ts'
import type { SummaryCounts } from '../watch/keep-dates.ts'
import { noticeChoiceOf } from './notice-choice.ts'

/** Notices turned into deliveries in one transaction; also the most that one e-mail speaks of. */
const NOTICES_A_STEP = 100
const RECIPIENT_ROLES = ['examiner', 'supervisor', 'liaison'] as const

/** What receivers get: ids and counts, no face, no name. */
export interface Message {
  /** Of the notice: the same one may come twice. */
  id: string
  kind: NoticeTable['kind']
  /** UTC ISO. */
  at: string
  alertId?: string
  standingSearchId?: string
  /** Of a summary: the day, YYYY-MM-DD, and how alerts stand. */
  day?: string
  counts?: SummaryCounts
}

type Notice = Omit<NoticeTable, 'seq'> & { seq: number }

/**
 * Makes a delivery of each waiting notice for each receiver: one for each webhook of the agency, and one e-mail an account for
 * all that concern it. An account gets only what it may see in the service; a suspended account or agency gets nothing.
 * @param isMailOn whether the operator configured a mail server
 * @returns whether there was any
 */
export async function spreadNotices(db: Db, isMailOn: boolean, nowMs: number): Promise<boolean> {
  const waiting = await db
    .selectFrom('notice')
    .select('seq')
    .where('spread_at', 'is', null)
    .limit(1)
    .executeTakeFirst()
  if (waiting === undefined) return false
  await db.transaction().execute(async (tx) => {
    const notices: Notice[] = await tx
      .selectFrom('notice')
      .selectAll()
      .where('spread_at', 'is', null)
      .orderBy('seq')
      .limit(NOTICES_A_STEP)
      .execute()
    for (const [agencyId, own] of Map.groupBy(notices, (notice) => notice.agency_id)) {
      if (await isSuspended(tx, [{ kind: 'agency', id: agencyId }])) continue
      await toWebhooks(tx, agencyId, own, nowMs)
      if (isMailOn) await toAccounts(tx, agencyId, own, nowMs)
    }
    await tx
      .updateTable('notice')
      .set({ spread_at: new Date(nowMs).toISOString() })
      .where(
        'seq',
        'in',
        notices.map(({ seq }) => seq),
      )
      .execute()
  })
  return true
}

async function toWebhooks(
  tx: Tx,
  agencyId: string,
  notices: readonly Notice[],
  nowMs: number,
): Promise<void> {
  const webhooks = await tx
    .selectFrom('webhook')
    .select('id')
    .where('agency_id', '=', agencyId)
    .where('removed_at', 'is', null)
    .execute()
  for (const { id: targetId } of webhooks)
    for (const notice of notices)
      await addDelivery(tx, { agencyId, channel: 'webhook', targetId, body: messageOf(notice) }, nowMs)
}

async function toAccounts(
  tx: Tx,
  agencyId: string,
  notices: readonly Notice[],
  nowMs: number,
): Promise<void> {
  const accounts = await tx
    .selectFrom('account')
    .innerJoin('membership', 'membership.account_id', 'account.id')
    .select('account.id')
    .distinct()
    .where('account.agency_id', '=', agencyId)
    .where('membership.role', 'in', RECIPIENT_ROLES)
    .execute()
  for (const { id: accountId } of accounts) {
    const actor = await reachable(tx, accountId)
    // A notice that comes would tell a blind verifier that faces are alike; the alerts stay for when the line-up has ended.
    if (actor === undefined || (await heldLineup(tx, accountId)) !== undefined) continue
    const choice = await noticeChoiceOf(tx, accountId, actor.roles)
    const messages: Message[] = []
    for (const notice of notices) {
      const isWanted =
        notice.kind === 'alert'
          ? choice.alerts
          : choice.summaries && (notice.kind === 'summary' || actor.roles.includes('supervisor'))
      if (isWanted && (await isVisible(tx, actor, notice))) messages.push(messageOf(notice))
    }
    if (messages.length > 0)
      await addDelivery(tx, { agencyId, channel: 'email', targetId: accountId, body: messages }, nowMs)
  }
}

/** The account as it would act now; undefined while it is suspended. */
async function reachable(tx: Tx, accountId: string): Promise<AccountActor | undefined> {
  try {
    const via = { kind: 'job' as const, id: 'notices' }
    return await accountActor(tx, accountId, { via, requestId: 'notices', address: 'localhost' })
  } catch (error) {
    if (error instanceof AppError && (error.code === 'cut_off' || error.code === 'signed_out'))
      return undefined
    throw error
  }
}

async function isVisible(tx: Tx, actor: AccountActor, { kind, subject_id: id }: Notice): Promise<boolean> {
  if (kind === 'summary') return true
  const row =
    kind === 'review'
      ? await visibleStandingSearches(tx, actor)
          .select('standing_search.id')
          .where('standing_search.id', '=', id)
          .executeTakeFirst()
      : await visibleAlerts(tx, actor).select('alert.id').where('alert.id', '=', id).executeTakeFirst()
  return row !== undefined
}

function messageOf({ id, kind, at, subject_id: subject, counts }: Notice): Message {
  const about =
    kind === 'summary'
      ? { day: subject, counts: JSON.parse(counts ?? '{}') as SummaryCounts }
      : kind === 'review'
        ? { standingSearchId: subject }
        : { alertId: subject }
  return { id, kind, at, ...about }
}

async function addDelivery(
  tx: Tx,
  delivery: { agencyId: string; channel: 'email' | 'webhook'; targetId: string; body: Message | Message[] },
  nowMs: number,
): Promise<void> {
  const now = new Date(nowMs).toISOString()
  const row = {
    id: newId(),
    agency_id: delivery.agencyId,
    channel: delivery.channel,
    target_id: delivery.targetId,
    body: JSON.stringify(delivery.body),
    state: 'waiting' as const,
    attempts: 0,
    next_at: now,
    last_error: null,
    made_at: now,
    sent_at: null,
  }
  await tx.insertInto('delivery').values(row).execute()
}
