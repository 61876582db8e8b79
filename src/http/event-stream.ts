import { setTimeout as delay } from 'node:timers/promises'
import type { AccountActor } from '../actor/actor.ts'
import { SEES_LESS } from '../access/suspensions.ts'
import { runningImports } from '../imports/import-uploads.ts'
import { runningImport } from '../contract/import-endpoints.ts'
import { currentJobs } from '../jobs/jobs.ts'
import type { HttpContext } from './http-context.ts'
import { heldLineup } from '../blind-verification/lineup-holder.ts'
import { followAlerts, NO_ALERTS } from '../watch/show-alerts.ts'
import { jobReply } from './routes/job-routes.ts'

/** Keeps proxies from closing a quiet stream, and tells the browser that the other end lives. */
const HEARTBEAT_MS = 15_000
/** How often the progress of imports is looked at, for accounts that may see it. */
const LOOK_EVERY_MS = 1000
/** How long the browser waits before it connects again. */
const RETRY_MS = 2000

/**
 * Server-sent events until access, connection or service end, or the account sees less than it did; says which it was. Whoever may import
 * or erase is sent the agency's imports that have not ended and current jobs, whoever may see alerts how many there are, whenever something about them changed, whichever
 * process works on them.
 */
export async function* eventStream(
  ctx: HttpContext,
  actor: AccountActor,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield `retry: ${RETRY_MS}\n${event('hello', '{}')}`
  const followed = followedBy(ctx, actor)
  const told = new Map(followed.map(({ name }) => [name, '[]']))
  let quietMs = 0
  while (!signal.aborted) {
    const waitMs = followed.length > 0 ? LOOK_EVERY_MS : HEARTBEAT_MS
    await delay(waitMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) break
    quietMs += waitMs
    for (const { name, read } of followed) {
      const now = JSON.stringify(await read())
      if (told.get(name) === now) continue
      told.set(name, now)
      quietMs = 0
      yield event(name, now)
    }
    if (quietMs < HEARTBEAT_MS) continue
    quietMs = 0
    yield ': alive\n\n'
  }
  yield event(
    ctx.stopping.aborted ? 'service_stops' : signal.reason === SEES_LESS ? 'sees_less' : 'cut_off',
    '{}',
  )
}

/** What an account is kept up to date about. */
function followedBy(
  { store }: HttpContext,
  actor: AccountActor,
): { name: string; read: () => Promise<unknown> }[] {
  const { agencyId, permissions } = actor
  if (agencyId === undefined) return []
  return [
    ...(permissions.has('collection.import')
      ? [
          {
            name: 'imports',
            read: async () => runningImport.array().parse(await runningImports(store.db, agencyId)),
          },
        ]
      : []),
    ...(permissions.has('collection.erase')
      ? [{ name: 'jobs', read: async () => (await currentJobs(store.db, agencyId)).map(jobReply) }]
      : []),
    ...(permissions.has('alert.read') ? [{ name: 'alerts', read: alertCounts(store, actor) }] : []),
  ]
}

/** How many alerts wait. A number that goes up would compare faces for whoever holds a line-up: they are told of none. */
function alertCounts({ db, lookups }: HttpContext['store'], actor: AccountActor): () => Promise<unknown> {
  const read = followAlerts(db, actor)
  return async () => ((await heldLineup(lookups, actor.accountId)) === undefined ? read() : NO_ALERTS)
}

/** @param data JSON */
function event(name: string, data: string): string {
  return `event: ${name}\ndata: ${data}\n\n`
}
