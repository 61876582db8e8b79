import os from 'node:os'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { localOperator } from '../actor/actor.ts'
import { openAuthentication } from '../access/authentication.ts'
import { inviteFirstOperator } from '../access/invitations.ts'
import { checkPracticeStart } from '../access/practice.ts'
import { LiveWork } from '../access/live-work.ts'
import { Refusals } from '../audit/refusals.ts'
import { openInstanceKey } from '../audit/signing-key.ts'
import { agencyQuotaBytesOf, publicUrlOf, webhookHostsOf, type ServiceConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { ExifReader } from '../sources/exif/exif-reader.ts'
import { startReadingUploads } from '../imports/read-uploads.ts'
import { runRetention } from '../retention/run-retention.ts'
import { Closing } from '../closing.ts'
import { AppError, reasonOf } from '../errors.ts'
import { openJobs } from '../jobs/open-jobs.ts'
import type { MailSettings } from '../mail/submit-mail.ts'
import { Deliverer } from '../notices/deliver.ts'
import { PicturePool } from '../pictures/picture-pool.ts'
import { ConcurrencyLimit } from '../pictures/concurrency-limit.ts'
import { Watcher } from '../watch/watcher.ts'
import { CopyMaker } from '../media/playable-copy.ts'
import { BodyBudget } from './body-budget.ts'
import { createApp } from './create-app.ts'
import type { HttpContext } from './http-context.ts'
import { KeepSigned } from './keep-signed.ts'
import { STOP_WITHIN_MS } from './limits.ts'
import { createMetrics, serveMetrics } from './metrics.ts'
import { invitationLink } from './routes/account-routes.ts'

/** How often what has passed its date is looked for; first when the service starts. */
const RETENTION_EVERY_MS = 60 * 60 * 1000

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
 * background begins. When any of it fails, what was begun is ended first. The caller closes the context afterwards.
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
  const closing = new Closing()
  try {
    await checkPracticeStart(ctx.store.db, practice, config)
    const { address, setupLink } = await start(ctx, config, log, closing)
    return { address, setupLink, stop: () => closing.close() }
  } catch (error) {
    await closing.close().catch((other: unknown) => log.error({ reason: reasonOf(other) }, 'not closed'))
    throw toListenError(error)
  }
}

async function start(
  ctx: Context,
  config: ServiceConfig,
  log: Logger,
  closing: Closing,
): Promise<Pick<Service, 'address' | 'setupLink'>> {
  const { http, jobs, signed } = await makeContext(ctx, config, log, closing)
  const stopping = new AbortController()
  const metrics = createMetrics(http, signed.anchors)
  const app = await createApp({ ...http, stopping: stopping.signal }, config, log, metrics)
  closing.add(() => closeWithin(app, STOP_WITHIN_MS))
  const address = await app.listen({ host: config.host, port: config.port })
  if (config.metricsPort !== undefined) {
    const metricsServer = await serveMetrics(metrics, config.metricsPort)
    closing.add(() => metricsServer.close())
  }
  const setupToken = await inviteFirstOperator(http, localOperator(undefined))
  // Only now, so that a start that fails has nothing under way that would have to end first.
  jobs.start()
  signed.start()
  startBackground(ctx, http, { log, closing, stopping: stopping.signal })
  // The first step of a stop: no more requests, streams end.
  closing.add(() => stopping.abort())
  return {
    address,
    setupLink: setupToken === undefined ? undefined : invitationLink(http.publicUrl, setupToken),
  }
}

/** What the routes work with; nothing of it is under way yet. */
async function makeContext(
  ctx: Context,
  config: ServiceConfig,
  log: Logger,
  closing: Closing,
): Promise<{ http: Omit<HttpContext, 'stopping'>; jobs: ReturnType<typeof openJobs>; signed: KeepSigned }> {
  const { store } = ctx
  const reader = store.lookups
  const live = await LiveWork.start(reader, (error) =>
    log.error({ reason: reasonOf(error) }, 'record not readable'),
  )
  const refusals = new Refusals(store.db, (error) =>
    log.error({ reason: reasonOf(error) }, 'refusals not written'),
  )
  const publicUrl = publicUrlOf(config)
  const jobs = openJobs({ ...ctx, reader, live }, log)
  const http = {
    ...ctx,
    reader,
    live,
    refusals,
    jobs,
    bodies: new BodyBudget(),
    readings: new ConcurrencyLimit(os.availableParallelism()),
    pictures: new PicturePool(),
    copies: new CopyMaker(),
    exif: new ExifReader(),
    auth: await openAuthentication(store.db, publicUrl),
    signingKey: openInstanceKey(store.dataFolder, config.auditKey),
    publicUrl,
    mail: mailOf(config),
    webhookHosts: webhookHostsOf(config),
    agencyQuotaBytes: agencyQuotaBytesOf(config),
  }
  const signed = new KeepSigned(http, config, log)
  closing.add(() => signed.stop())
  // Before the log is signed for the last time.
  closing.add(() => refusals.stop())
  closing.add(() => http.pictures.close())
  closing.add(() => http.exif.close())
  closing.add(() => live.stop())
  closing.add(() => jobs.stop())
  return { http, jobs, signed }
}

/** What goes on beside the requests, until the service stops. */
function startBackground(
  ctx: Context,
  http: Omit<HttpContext, 'stopping'>,
  { log, closing, stopping }: { log: Logger; closing: Closing; stopping: AbortSignal },
): void {
  const uploads = startReadingUploads(http, log)
  closing.add(() => uploads.stop())
  const { mail } = http
  const delivery = { mail, hosts: http.webhookHosts, publicUrl: http.publicUrl, now: Date.now }
  const deliverer = new Deliverer(ctx, delivery, (error) =>
    log.error({ reason: reasonOf(error) }, 'notices not sent'),
  )
  deliverer.start()
  closing.add(() => deliverer.stop())
  const watcher = new Watcher(ctx, (error) => log.error({ reason: reasonOf(error) }, 'matching failed'))
  watcher.start()
  closing.add(() => watcher.stop())
  const retention = startRetention(ctx, log, stopping)
  closing.add(() => retention.stop())
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

/** Erases what passes its date, as long as the service runs. Several processes may: each transaction looks anew. */
function startRetention(ctx: Context, log: Logger, signal: AbortSignal): { stop(): Promise<void> } {
  const actor = localOperator('retention job')
  const run = async (): Promise<void> => {
    try {
      const report = await runRetention(ctx, actor, { dryRun: false, signal })
      const due = report.collections.filter(({ held }) => !held)
      const { logEmptied, indexCleared } = report
      if (due.length > 0) log.info({ collections: due.length, logEmptied, indexCleared }, 'retention')
    } catch (error) {
      log.error({ reason: reasonOf(error) }, 'retention failed')
    }
  }
  let last = run()
  const timer = setInterval(() => {
    last = last.then(run)
  }, RETENTION_EVERY_MS)
  return {
    async stop() {
      clearInterval(timer)
      await last
    },
  }
}

/** Waits for requests under way, but not for ever: a client that does not take its answer must not keep the service. */
async function closeWithin(app: FastifyInstance, ms: number): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), ms)
  await app.close()
  clearTimeout(timer)
}

function mailOf({ smtpUrl, mailFrom }: ServiceConfig): MailSettings | undefined {
  return smtpUrl === undefined || mailFrom === undefined ? undefined : { smtpUrl, mailFrom }
}
