import { isSuspended } from '../access/suspensions.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { waitAfter } from '../concurrency/back-off.ts'
import { WorkLoop } from '../concurrency/work-loop.ts'
import type { Context } from '../context.ts'
import { reasonOf } from '../errors.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { DeliveryTable } from '../store/tables/notice-tables.ts'
import { keepDates } from '../watch/keep-dates.ts'
import { WATCH_ACTOR } from '../alerts/watch-actor.ts'
import { linkOf, sendMail } from './send-mail.ts'
import { type MailSettings } from '../mail/submit-mail.ts'
import { sendWebhook } from './send-webhook.ts'
import { spreadNotices, type Message } from './spread-notices.ts'
import type { AllowedHosts } from './webhooks.ts'

/** How often it is looked for something to send. */
const LOOK_EVERY_MS = 1000
/** How often dates are looked at. */
const DATES_EVERY_MS = 60_000
const DELIVERIES_A_STEP = 20
/**
 * While one process sends, others leave the message alone; should the process die, it is due again after this. A receiver
 * may be slower than that, so the time is lengthened as long as the process lives.
 */
const SENDING_MS = 60_000
const RENEWALS_A_LEASE = 3
/** After the first failure; doubled each time, up to an hour. */
const FIRST_RETRY_MS = 60_000
const LONGEST_RETRY_MS = 3_600_000
/** A receiver that takes nothing for so long does not get the message any more. */
const GIVE_UP_AFTER_MS = 3 * 24 * 3_600_000
/** What was sent or given up, and what it was made of, is forgotten after so long. */
const KEPT_MS = 30 * 24 * 3_600_000
const LONGEST_ERROR = 300

export interface DeliveryOptions {
  /** Undefined: no e-mail is sent. */
  mail: MailSettings | undefined
  hosts: AllowedHosts
  publicUrl: URL
  /** Unix time in ms. Asked anew for everything that is sent or written: a step may take longer than a lease. */
  now: () => number
  /** How long a message is left to the process that sends it; `SENDING_MS` unless given. */
  leaseMs?: number
}

/** Sends what is to be told, and sees to dates, as long as the service runs; see [Note: notices]. */
export class Deliverer {
  readonly #ctx: Pick<Context, 'store'>
  readonly #options: DeliveryOptions
  readonly #onTrouble: (error: unknown) => void
  /** What delivers as long as it runs. */
  readonly loop: WorkLoop
  readonly #stopping = new AbortController()
  #datesAtMs = 0

  constructor(ctx: Pick<Context, 'store'>, options: DeliveryOptions, onTrouble: (error: unknown) => void) {
    this.#ctx = ctx
    this.#options = options
    this.#onTrouble = onTrouble
    this.loop = new WorkLoop({
      everyMs: LOOK_EVERY_MS,
      onTrouble,
      step: async (signal) => {
        // A receiver that is slow must not hold up a stop.
        const breakOff = (): void => this.#stopping.abort()
        signal.addEventListener('abort', breakOff, { once: true })
        await this.deliverDue().finally(() => signal.removeEventListener('abort', breakOff))
        return false
      },
    })
  }

  /** Breaks off what is under way, and begins no more. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.loop.stop()
  }

  /** Does all that is due now. */
  async deliverDue(): Promise<void> {
    const { db } = this.#ctx.store
    const { now, mail } = this.#options
    const nowMs = now()
    if (nowMs - this.#datesAtMs >= DATES_EVERY_MS) {
      await keepDates(this.#ctx, nowMs)
      await this.#forgetOld(nowMs)
      this.#datesAtMs = nowMs
    }
    while (await spreadNotices(db, mail !== undefined, now())) if (this.#isStopping) return
    for (;;) {
      const due = await this.#claim()
      await Promise.all(due.map((delivery) => this.#sendClaimed(delivery)))
      if (due.length < DELIVERIES_A_STEP || this.#isStopping) return
    }
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  /** Takes messages that are due for this process: should it die now, they are due again when its lease ends. */
  async #claim(): Promise<DeliveryTable[]> {
    const { db } = this.#ctx.store
    if ((await dueDeliveries(db, this.#now())).length === 0) return []
    return db.transaction().execute(async (tx) => {
      const rows = await dueDeliveries(tx, this.#now())
      for (const { id, attempts } of rows) {
        await tx
          .updateTable('delivery')
          .set({ attempts: attempts + 1, next_at: this.#now(this.#leaseMs) })
          .where('id', '=', id)
          .execute()
      }
      return rows.map((row) => ({ ...row, attempts: row.attempts + 1 }))
    })
  }

  /** UTC ISO time, now or later. */
  #now(laterMs = 0): string {
    return new Date(this.#options.now() + laterMs).toISOString()
  }

  get #leaseMs(): number {
    return this.#options.leaseMs ?? SENDING_MS
  }

  /** Sends a message that this process has taken, and keeps it meanwhile. */
  async #sendClaimed(delivery: DeliveryTable): Promise<void> {
    const renewal = this.#renewal(delivery)
    renewal.start()
    try {
      await this.#send(delivery)
    } finally {
      await renewal.stop()
    }
  }

  #renewal(delivery: DeliveryTable): WorkLoop {
    const everyMs = this.#leaseMs / RENEWALS_A_LEASE
    return new WorkLoop({
      everyMs,
      waitsFirst: true,
      retry: { firstMs: everyMs, longestMs: everyMs },
      onTrouble: this.#onTrouble,
      step: async () => {
        await ours(this.#ctx.store.db, delivery)
          .set({ next_at: this.#now(this.#leaseMs) })
          .execute()
        return false
      },
    })
  }

  async #send(delivery: DeliveryTable): Promise<void> {
    const { db } = this.#ctx.store
    let error: string | undefined
    let isGone = false
    try {
      isGone = !(delivery.channel === 'email' ? await this.#mail(delivery) : await this.#post(delivery))
      if (isGone) error = 'The receiver is no more, or is suspended.'
    } catch (thrown) {
      if (this.#isStopping) return
      error = describe(thrown)
    }
    const isLate = this.#options.now() - Date.parse(delivery.made_at) >= GIVE_UP_AFTER_MS
    const retryMs = waitAfter(delivery.attempts, FIRST_RETRY_MS, LONGEST_RETRY_MS)
    await db.transaction().execute(async (tx) => {
      const changes =
        error === undefined
          ? { state: 'sent' as const, sent_at: this.#now(), last_error: null }
          : isLate || isGone
            ? { state: 'given_up' as const, last_error: error }
            : { next_at: this.#now(retryMs), last_error: error }
      const { numUpdatedRows } = await ours(tx, delivery).set(changes).executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n || !('state' in changes)) return
      await appendAuditEvent(tx, WATCH_ACTOR, {
        action: changes.state === 'sent' ? 'notice.send' : 'notice.give_up',
        agencyId: delivery.agency_id,
        subject: `delivery ${delivery.id}`,
        details: { channel: delivery.channel, to: delivery.target_id, attempts: delivery.attempts },
      })
    })
  }

  async #mail({ id, target_id: accountId, body }: DeliveryTable): Promise<boolean> {
    const { mail, publicUrl } = this.#options
    if (mail === undefined) throw new Error('No mail server is configured.')
    const { db } = this.#ctx.store
    const row = await db.selectFrom('account').selectAll().where('id', '=', accountId).executeTakeFirst()
    if (row === undefined) return false
    const { email, agency_id: agencyId } = checkedRow('account', row, accountId)
    const targets = [{ kind: 'account' as const, id: accountId }]
    if (await isSuspended(db, [...targets, { kind: 'agency', id: agencyId ?? '' }])) return false
    await sendMail(mail, { id, to: email, messages: JSON.parse(body) as Message[], publicUrl })
    return true
  }

  async #post({ target_id: webhookId, agency_id: agencyId, body }: DeliveryTable): Promise<boolean> {
    const { db } = this.#ctx.store
    const row = await db.selectFrom('webhook').selectAll().where('id', '=', webhookId).executeTakeFirst()
    if (row === undefined || row.removed_at !== null) return false
    if (await isSuspended(db, [{ kind: 'agency', id: agencyId }])) return false
    const message = JSON.parse(body) as Message
    const sent = JSON.stringify({ ...message, link: linkOf(message, this.#options.publicUrl) })
    await sendWebhook(
      checkedRow('webhook', row, webhookId),
      { id: message.id, body: sent },
      { hosts: this.#options.hosts, nowMs: this.#options.now(), signal: this.#stopping.signal },
    )
    return true
  }

  async #forgetOld(nowMs: number): Promise<void> {
    const { db } = this.#ctx.store
    const old = new Date(nowMs - KEPT_MS).toISOString()
    await db.deleteFrom('delivery').where('state', '!=', 'waiting').where('made_at', '<', old).execute()
    await db.deleteFrom('notice').where('spread_at', '<', old).execute()
    await db.deleteFrom('agency_summary').where('day', '<', old).execute()
  }
}

/** The row of a message as long as it is this process's attempt: nobody took it over, and nobody ended it. */
function ours(db: Db, { id, attempts }: DeliveryTable) {
  return db
    .updateTable('delivery')
    .where('id', '=', id)
    .where('attempts', '=', attempts)
    .where('state', '=', 'waiting')
}

function dueDeliveries(db: Db, now: string): Promise<DeliveryTable[]> {
  return db
    .selectFrom('delivery')
    .selectAll()
    .where('state', '=', 'waiting')
    .where('next_at', '<=', now)
    .orderBy('next_at')
    .limit(DELIVERIES_A_STEP)
    .execute()
}

/** What went wrong, for the administrator; a fetch that failed says why in its cause. */
function describe(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? `: ${thrown.cause.message}` : ''
  return `${reasonOf(thrown)}${cause}`.slice(0, LONGEST_ERROR)
}
