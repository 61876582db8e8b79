import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { localOperator } from '../actor/actor.ts'
import { inviteFirstOperator } from '../access/invitations.ts'
import { checkPracticeStart } from '../access/practice.ts'
import { Supervisor } from '../background/supervisor.ts'
import type { ServiceConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { AppError, reasonOf } from '../errors.ts'
import { createApp } from './create-app.ts'
import { STOP_WITHIN_MS } from './limits.ts'
import { createMetrics, serveMetrics } from './metrics.ts'
import { invitationLink } from './routes/account-routes.ts'
import { addBackground, addFoundations } from './service-parts.ts'

export interface Service {
  /** Where it listens, as a URL. */
  readonly address: string
  /** One-time link for the first operator; undefined once there is one. */
  readonly setupLink: string | undefined
  /** Takes no more requests, ends streams, lets the rest finish, signs the audit log. */
  stop(): Promise<void>
}

/**
 * Starts the HTTP service on an open context: what answers requests is made ready, then it listens, then work in the
 * background begins, see [Note: supervisor]. When any of it fails, what was begun is ended first. The caller closes the
 * context afterwards.
 * @param options `practice`: for a record for practice, and no other; see [Note: practice]
 * @throws AppError `conflict` when the port is taken, `bad_input` when the address cannot be listened on or the record is
 *   of the other kind
 */
export async function startService(
  ctx: Context,
  config: ServiceConfig,
  log: Logger,
  { practice = false } = {},
): Promise<Service> {
  const parts = new Supervisor()
  try {
    await checkPracticeStart(ctx.store.db, practice, config)
    const { address, setupLink } = await start(parts, ctx, config, log)
    return { address, setupLink, stop: () => parts.stop() }
  } catch (error) {
    await parts.stop().catch((other: unknown) => notStopped(log, other))
    throw toListenError(error)
  }
}

async function start(
  parts: Supervisor,
  ctx: Context,
  config: ServiceConfig,
  log: Logger,
): Promise<Pick<Service, 'address' | 'setupLink'>> {
  const stopping = new AbortController()
  const { http, anchors } = await addFoundations(parts, ctx, config, log, stopping.signal)
  const metrics = createMetrics(http, anchors)
  const app = await createApp(http, config, log, metrics)
  let address = ''
  parts.add({
    name: 'requests',
    async begin() {
      address = await app.listen({ host: config.host, port: config.port })
    },
    end: () => closeWithin(app, STOP_WITHIN_MS),
  })
  const { metricsPort } = config
  if (metricsPort !== undefined) {
    const server = serveMetrics(metrics)
    parts.add({ name: 'metrics', begin: () => server.listen(metricsPort), end: () => server.close() })
  }
  addBackground(parts, http, log)
  // The first step of a stop: streams end.
  parts.add({ name: 'streams', end: () => stopping.abort() })
  await parts.start((error) => notStopped(log, error))
  const setupToken = await inviteFirstOperator(http, localOperator(undefined))
  return {
    address,
    setupLink: setupToken === undefined ? undefined : invitationLink(http.publicUrl, setupToken),
  }
}

function notStopped(log: Logger, error: unknown): void {
  log.error({ reason: reasonOf(error) }, 'not closed')
}

/** What the operating system says of an address that cannot be listened on, as a sentence. */
function toListenError(error: unknown): unknown {
  const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string }
  const place = `${address ?? 'this machine'}, port ${port ?? 'unknown'}`
  if (code === 'EADDRINUSE')
    return new AppError('conflict', `Another program listens on ${place} already. Choose another port.`, {
      cause: error,
    })
  if (code === 'EACCES' && port !== undefined)
    return new AppError('bad_input', `Listening on ${place} is not permitted to this user.`, { cause: error })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new AppError('bad_input', `This machine has no address to listen on: ${reasonOf(error)}.`, {
      cause: error,
    })
  return error
}

/** Waits for requests under way, but not for ever: a client that does not take its answer must not keep the service. */
async function closeWithin(app: FastifyInstance, ms: number): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), ms)
  await app.close()
  clearTimeout(timer)
}
