import os from 'node:os'
import type { Logger } from 'pino'
import { openAuthentication } from '../access/authentication.ts'
import { LiveWork } from '../access/live-work.ts'
import type { Anchors } from '../audit/anchors/anchors.ts'
import { Refusals } from '../audit/refusals.ts'
import { openInstanceKey } from '../audit/signing-key.ts'
import type { Supervisor } from '../background/supervisor.ts'
import { ConcurrencyLimit } from '../concurrency/concurrency-limit.ts'
import { agencyQuotaBytesOf, publicUrlOf, webhookHostsOf, type ServiceConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { AppError, reasonOf } from '../errors.ts'
import { uploadLoops } from '../imports/read-uploads.ts'
import { openJobs } from '../jobs/open-jobs.ts'
import type { MailSettings } from '../mail/submit-mail.ts'
import { CopyMaker } from '../media/playable-copy.ts'
import { Deliverer } from '../notices/deliver.ts'
import { PicturePool } from '../pictures/picture-pool.ts'
import { retentionLoop } from '../retention/retention-loop.ts'
import { ExifReader } from '../sources/exif/exif-reader.ts'
import { Watcher } from '../watch/watcher.ts'
import { BodyBudget } from './body-budget.ts'
import type { HttpContext } from './http-context.ts'
import { KeepSigned } from './keep-signed.ts'

/** Photos that may wait for the engine for each of its workers; more are sent away, so that nobody waits without end. */
const WAITING_A_WORKER = 8
const RETRY_AFTER_SECONDS = 2

/** Says in the log that a part failed; its loop begins it anew. */
function troubleOf(log: Logger, part: string): (error: unknown) => void {
  return (error) => log.error({ part, reason: reasonOf(error) }, 'part failed')
}

/**
 * Makes what the routes work with, and adds the parts of it that work by themselves while requests are answered: they end
 * after the last request, the signing last of all.
 * @throws AppError `bad_input` naming a key or a place for checkpoints that is wrong
 */
export async function addFoundations(
  parts: Supervisor,
  ctx: Context,
  config: ServiceConfig,
  log: Logger,
  stopping: AbortSignal,
): Promise<{ http: HttpContext; anchors: Anchors }> {
  const { store } = ctx
  const live = new LiveWork(store.lookups, troubleOf(log, 'cut_offs'))
  const refusals = new Refusals(store.db, troubleOf(log, 'refusals'))
  const jobs = openJobs({ ...ctx, live }, log, troubleOf(log, 'jobs'))
  const publicUrl = publicUrlOf(config)
  const http: HttpContext = {
    ...ctx,
    live,
    refusals,
    jobs,
    parts,
    stopping,
    bodies: new BodyBudget(),
    readings: readingLimit(),
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
  const signed = new KeepSigned(http, config, log, troubleOf(log, 'signing'))
  parts.add({ name: 'signing', loops: [signed.loop], end: () => signed.end() })
  // Before the log is signed for the last time.
  parts.add({ name: 'refusals', loops: [refusals.loop], end: () => refusals.flush() })
  parts.add({ name: 'pictures', end: () => http.pictures.close() })
  parts.add({ name: 'exif', end: () => http.exif.close() })
  parts.add({ name: 'cut_offs', begin: () => live.countFromNow(), loops: [live.loop] })
  parts.add({ name: 'jobs', loops: [jobs] })
  return { http, anchors: signed.anchors }
}

/** Adds what goes on beside the requests: it ends before they do. */
export function addBackground(parts: Supervisor, http: HttpContext, log: Logger): void {
  parts.add({ name: 'uploads', loops: uploadLoops(http, log, troubleOf(log, 'uploads')) })
  const { mail } = http
  const delivery = { mail, hosts: http.webhookHosts, publicUrl: http.publicUrl, now: Date.now }
  const deliverer = new Deliverer(http, delivery, troubleOf(log, 'notices'))
  parts.add({ name: 'notices', loops: [deliverer.loop] })
  const watcher = new Watcher(http, troubleOf(log, 'watcher'))
  parts.add({ name: 'watcher', loops: [watcher.loop], end: () => watcher.stop() })
  parts.add({ name: 'retention', loops: [retentionLoop(http, log, troubleOf(log, 'retention'))] })
}

/** As many photos as the engine has workers, and a few that wait. */
function readingLimit(): ConcurrencyLimit {
  const places = os.availableParallelism()
  const detail = 'All workers are busy with photos. Nothing was kept; try again in a moment.'
  return new ConcurrencyLimit({
    places,
    mostWaiting: places * WAITING_A_WORKER,
    refusal: () => new AppError('busy', detail, { retryAfterSeconds: RETRY_AFTER_SECONDS }),
  })
}

function mailOf({ smtpUrl, mailFrom }: ServiceConfig): MailSettings | undefined {
  return smtpUrl === undefined || mailFrom === undefined ? undefined : { smtpUrl, mailFrom }
}
