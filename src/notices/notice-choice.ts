import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import type { Role } from '../contract/roles.ts'
import type { Db } from '../store/database/db.ts'

/** Which notices an account gets by e-mail. */
export interface NoticeChoice {
  /** Each new alert. */
  alerts: boolean
  /** The daily summary; to supervisors also overdue alerts and standing searches to be reviewed. */
  summaries: boolean
}

/** What the account has chosen, else: summaries for supervisors, nothing for others. */
export async function noticeChoiceOf(
  db: Db,
  accountId: string,
  roles: readonly Role[],
): Promise<NoticeChoice> {
  const row = await db
    .selectFrom('notice_choice')
    .selectAll()
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  if (row === undefined) return { alerts: false, summaries: roles.includes('supervisor') }
  return { alerts: row.alerts === 1, summaries: row.summaries === 1 }
}

export async function showNoticeChoice(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
): Promise<NoticeChoice> {
  authorize(actor, 'alert.read')
  return noticeChoiceOf(ctx.store.db, actor.accountId, actor.roles)
}

export async function chooseNotices(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  choice: NoticeChoice,
): Promise<NoticeChoice> {
  authorize(actor, 'alert.read')
  const values = { alerts: choice.alerts ? 1 : 0, summaries: choice.summaries ? 1 : 0 }
  await ctx.store.db.transaction().execute(async (tx) => {
    await tx
      .insertInto('notice_choice')
      .values({ account_id: actor.accountId, ...values })
      .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
      .execute()
    await appendAuditEvent(tx, actor, {
      action: 'notice.choose',
      agencyId: agencyOf(actor),
      subject: `account ${actor.accountId}`,
      details: { alerts: choice.alerts, summaries: choice.summaries },
    })
  })
  return choice
}
