import { randomBytes } from 'node:crypto'
import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import type { WebhookTable } from '../store/tables/notice-tables.ts'

/** Webhooks of one agency. */
const MAX_WEBHOOKS = 20
const SECRET_BYTES = 32
const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Hosts that webhooks may go to, as the operator configured them: `host` (port 443), `host:port` or `host:*`. */
export type AllowedHosts = readonly string[]

/** How deliveries of a webhook stand. */
export interface ListedWebhook extends WebhookTable {
  waiting: number
  givenUp: number
  lastSentAt: string | null
  lastError: string | null
}

/**
 * Whether the operator lets messages go to this address: https, or http on this machine itself, and a host of the list.
 * @throws AppError `bad_input` saying why not
 */
export function requireAllowed(url: string, hosts: AllowedHosts): URL {
  const parsed = URL.parse(url)
  if (parsed === null) throw new AppError('bad_input', 'Expected a web address.')
  const isSafe =
    parsed.protocol === 'https:' || (parsed.protocol === 'http:' && LOCAL_HOSTS.has(parsed.hostname))
  if (!isSafe) throw new AppError('bad_input', 'Expected an address that begins with https://.')
  if (parsed.username !== '' || parsed.password !== '')
    throw new AppError('bad_input', 'Expected an address without a name and password in it.')
  if (!isAllowed(parsed, hosts)) {
    throw new AppError(
      'bad_input',
      `The operator of this instance does not let messages go to ${parsed.host}. LIKENESS_WEBHOOK_HOSTS names the hosts that they may go to.`,
    )
  }
  return parsed
}

function isAllowed({ hostname, port, protocol }: URL, hosts: AllowedHosts): boolean {
  const asked = port === '' ? (protocol === 'https:' ? '443' : '80') : port
  const ways = new Set([`${hostname}:${asked}`, `${hostname}:*`, ...(asked === '443' ? [hostname] : [])])
  return hosts.some((host) => ways.has(host))
}

/**
 * Adds an address of the actor's agency that notices are sent to. The secret that signs them is in the answer, and never shown
 * again.
 * @throws AppError `not_allowed`, `bad_input` for an address that the operator does not allow, `limit_exceeded`
 */
export async function addWebhook(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { url: string; hosts: AllowedHosts },
): Promise<WebhookTable> {
  authorize(actor, 'webhook.manage')
  const { href, host } = requireAllowed(input.url, input.hosts)
  const agencyId = agencyOf(actor)
  return ctx.store.db.transaction().execute(async (tx) => {
    const { count } = await tx
      .selectFrom('webhook')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('agency_id', '=', agencyId)
      .where('removed_at', 'is', null)
      .executeTakeFirstOrThrow()
    if (count >= MAX_WEBHOOKS)
      throw new AppError('limit_exceeded', `An agency may have ${MAX_WEBHOOKS} webhooks; remove one first.`)
    const row = withDigest('webhook', {
      id: newId(),
      agency_id: agencyId,
      url: href,
      secret: randomBytes(SECRET_BYTES).toString('base64url'),
      added_by: actor.name,
      added_at: nowIso(),
      removed_by: null,
      removed_at: null,
    })
    await tx.insertInto('webhook').values(row).execute()
    await appendAuditEvent(tx, actor, {
      action: 'webhook.add',
      agencyId,
      subject: `webhook ${row.id}`,
      details: { host },
    })
    return row
  })
}

/** Webhooks of the actor's agency, with how their deliveries stand. */
export async function listWebhooks(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
): Promise<ListedWebhook[]> {
  authorize(actor, 'webhook.manage')
  const { db } = ctx.store
  const rows = await db
    .selectFrom('webhook')
    .selectAll()
    .where('agency_id', '=', agencyOf(actor))
    .where('removed_at', 'is', null)
    .orderBy('id')
    .execute()
  return Promise.all(
    rows.map(async (row) => {
      const deliveries = db
        .selectFrom('delivery')
        .where('channel', '=', 'webhook')
        .where('target_id', '=', row.id)
      const states = await deliveries
        .select(({ fn }) => ['state', fn.countAll<number>().as('count'), fn.max('sent_at').as('sent')])
        .groupBy('state')
        .execute()
      const failed = await deliveries
        .select('last_error')
        .where('last_error', 'is not', null)
        .where('state', '!=', 'sent')
        .orderBy('id', 'desc')
        .executeTakeFirst()
      const of = (state: string) => states.find((one) => one.state === state)
      return {
        ...checkedRow('webhook', row, row.id),
        waiting: of('waiting')?.count ?? 0,
        givenUp: of('given_up')?.count ?? 0,
        lastSentAt: of('sent')?.sent ?? null,
        lastError: failed?.last_error ?? null,
      }
    }),
  )
}

/** Stops sending there; what waits is not sent any more. @throws AppError `not_allowed`, `not_found` */
export async function removeWebhook(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<void> {
  authorize(actor, 'webhook.manage')
  await ctx.store.db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('webhook')
      .select('id')
      .where('id', '=', input.id)
      .where('agency_id', '=', agencyOf(actor))
      .where('removed_at', 'is', null)
      .executeTakeFirst()
    if (row === undefined) throw new AppError('not_found', 'Your agency has no such webhook.')
    await changeRow(tx, 'webhook', row.id, {
      removed_by: actor.name,
      removed_at: nowIso(),
      secret: '',
    })
    await tx
      .updateTable('delivery')
      .set({ state: 'given_up', last_error: 'The webhook was removed.' })
      .where('target_id', '=', row.id)
      .where('state', '=', 'waiting')
      .execute()
    await appendAuditEvent(tx, actor, {
      action: 'webhook.remove',
      agencyId: agencyOf(actor),
      subject: `webhook ${row.id}`,
      details: undefined,
    })
  })
}
