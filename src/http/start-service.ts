import os from 'node:os'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { localOperator } from '../access/actor.ts'
import { openAuthentication } from '../access/authentication.ts'
import { inviteFirstOperator } from '../access/invitations.ts'
import { LiveWork } from '../access/live-work.ts'
import { signLog } from '../audit/sign-log.ts'
import { openInstanceKey } from '../audit/signing-key.ts'
import { publicUrlOf, webhookHostsOf, type ServiceConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { startReadingUploads } from '../collections/import/read-uploads.ts'
import { runRetention } from '../collections/retention/run-retention.ts'
import { reasonOf } from '../errors.ts'
import { startJobs } from '../jobs/start-jobs.ts'
import { Deliverer } from '../notices/deliver.ts'
import { PicturePool } from '../pictures/picture-pool.ts'
import { ReaderGate } from '../pictures/reader-gate.ts'
import { Watcher } from '../watch/watcher.ts'
import { CopyMaker } from '../video/playable-copy.ts'
import { createApp } from './create-app.ts'
import type { HttpContext } from './http-context.ts'
import { STOP_WITHIN_MS } from './limits.ts'
import { createMetrics, serveMetrics } from './metrics.ts'
import { invitationLink } from './routes/account-routes.ts'

/** How often the audit log is signed while events come. */
const CHECKPOINT_EVERY_MS = 10_000
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

/** Starts the HTTP service on an open context. The caller closes the context afterwards. */
export async function startService(ctx: Context, config: ServiceConfig, log: Logger): Promise<Service> {
  const { store } = ctx
  const reader = store.record.openReader()
  const stopping = new AbortController()
  const live = await LiveWork.start(reader, (error) =>
    log.error({ reason: reasonOf(error) }, 'record not readable'),
  )
  const publicUrl = publicUrlOf(config)
  const jobs = startJobs({ ...ctx, reader, live }, log)
  const http: HttpContext = {
    ...ctx,
    reader,
    live,
    jobs,
    gate: new ReaderGate(os.availableParallelism()),
    pictures: new PicturePool(),
    copies: new CopyMaker(),
    auth: await openAuthentication(store.db, publicUrl),
    signingKey: openInstanceKey(store.dataFolder, config.auditKey),
    publicUrl,
    webhookHosts: webhookHostsOf(config),
    stopping: stopping.signal,
  }
  const uploads = startReadingUploads(http, log)
  const metrics = createMetrics(() => live.size)
  const app = await createApp(http, config, log, metrics)
  const address = await app.listen({ host: config.host, port: config.port })
  const metricsServer =
    config.metricsPort === undefined ? undefined : await serveMetrics(metrics, config.metricsPort)
  const setupToken = await inviteFirstOperator(http, localOperator(undefined))
  const timer = setInterval(() => {
    void signLog(http, http.signingKey).then(
      () => store.record.checkpointWhenDue(),
      (error: unknown) => log.error({ reason: reasonOf(error) }, 'audit log not signed'),
    )
  }, CHECKPOINT_EVERY_MS)
  const retention = startRetention(ctx, log, stopping.signal)
  const watcher = new Watcher(ctx, (error) => log.error({ reason: reasonOf(error) }, 'matching failed'))
  watcher.start()
  const { smtpUrl, mailFrom } = config
  const mail = smtpUrl === undefined || mailFrom === undefined ? undefined : { smtpUrl, mailFrom }
  const delivery = { mail, hosts: http.webhookHosts, publicUrl, now: Date.now }
  const deliverer = new Deliverer(ctx, delivery, (error) =>
    log.error({ reason: reasonOf(error) }, 'notices not sent'),
  )
  deliverer.start()
  return {
    address,
    setupLink: setupToken === undefined ? undefined : invitationLink(publicUrl, setupToken),
    async stop() {
      stopping.abort()
      clearInterval(timer)
      await retention.stop()
      await watcher.stop()
      await deliverer.stop()
      metricsServer?.close()
      await closeWithin(app, STOP_WITHIN_MS)
      await jobs.stop()
      await uploads.stop()
      await live.stop()
      await http.pictures.close()
      await signLog(http, http.signingKey).catch((error: unknown) =>
        log.error({ reason: reasonOf(error) }, 'audit log not signed'),
      )
      await reader.destroy()
    },
  }
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
