import type { Command } from 'commander'
import pino, { type Logger } from 'pino'
import { Closing } from '../closing.ts'
import { readServiceConfig, type ServiceConfig } from '../config.ts'
import { openContext } from '../open-context.ts'
import { reasonOf } from '../errors.ts'
import { startService } from '../http/start-service.ts'
import { warn } from './output/terminal.ts'
import { addRecordOptions, operatorKey, print, type RecordOptions } from './record-options.ts'
import { startEngine } from './start-engine.ts'
import { secretSetting } from './secret-settings.ts'

/** A process that has ended its work and still lives is ended. */
const END_WITHIN_MS = 500

interface ServeOptions extends RecordOptions {
  host?: string
  port?: string
  publicUrl?: string
  tlsCert?: string
  tlsKey?: string
  trustProxy?: string
  metricsPort?: string
  logLevel?: string
  auditKey?: string
  auditAnchors?: string
  mailFrom?: string
  webhookHosts?: string
  agencyQuotaGb?: string
}

/** `likeness serve`: the service, until it is told to stop. */
export function addServeCommand(program: Command): void {
  addRecordOptions(
    program
      .command('serve')
      .description('run the service for several people and agencies')
      .option('--host <address>', 'address to listen on; 127.0.0.1 unless LIKENESS_HOST says otherwise')
      .option('--port <number>', 'port to listen on; 8787 unless LIKENESS_PORT says otherwise')
      .option('--public-url <url>', 'address that browsers use, when it is another')
      .option('--tls-cert <file>', 'certificate (PEM), to serve HTTPS itself')
      .option('--tls-key <file>', 'key of the certificate (PEM)')
      .option('--trust-proxy <addresses>', 'proxies whose X-Forwarded-For is believed')
      .option('--metrics-port <number>', 'port for Prometheus, on 127.0.0.1 only')
      .option('--log-level <level>', 'silent, error, warn, info or debug')
      .option(
        '--audit-key <file>',
        'Ed25519 key that signs the audit log; kept in the state folder of this user otherwise',
      )
      .option(
        '--audit-anchors <places>',
        'where checkpoints of the audit log go by themselves, with commas between: folder:/PATH, mailto:ADDRESS, https://… or instance:https://…',
      )
      .option(
        '--mail-from <address>',
        'address that e-mail comes from; the server is given in LIKENESS_SMTP_URL, which may hold a password',
      )
      .option('--webhook-hosts <hosts>', 'hosts that webhooks may go to, with commas between')
      .option('--agency-quota-gb <number>', 'most GB of originals that each agency may keep'),
  ).action(async (options: ServeOptions) => {
    const config = readServiceConfig(
      { ...options },
      {
        ...process.env,
        LIKENESS_SMTP_URL: secretSetting('LIKENESS_SMTP_URL'),
        LIKENESS_ANCHOR_KEY: secretSetting('LIKENESS_ANCHOR_KEY'),
      },
    )
    const log = pino({ level: config.logLevel, base: { pid: process.pid } })
    const stop = stopSignal()
    try {
      await serve(options, config, log, stop)
    } finally {
      // Everything was closed, or failed to be: what still hangs must not keep a process that does nothing any more.
      setTimeout(() => process.exit(), END_WITHIN_MS).unref()
    }
  })
}

async function serve(
  options: ServeOptions,
  config: ServiceConfig,
  log: Logger,
  stop: Promise<NodeJS.Signals>,
): Promise<void> {
  const closing = new Closing()
  const ctx = await openContext({
    dataFolder: options.data,
    operatorKey: operatorKey(options.keyFile),
    createEngine: startEngine,
    inThreads: true,
  })
  closing.add(() => ctx.close())
  try {
    const service = await startService(ctx, config, log)
    closing.add(() => service.stop())
    log.info({ address: service.address }, 'listening')
    if (service.setupLink !== undefined) {
      // Not into the log, which is kept: the link makes whoever follows it the operator.
      warn(`Set up this instance, once, within 24 hours:\n  ${service.setupLink}`)
    }
    if (options.json === true)
      print(JSON.stringify({ address: service.address, setupLink: service.setupLink }))
    // One that came during the start stops it now.
    log.info({ signal: await stop }, 'stopping')
  } catch (error) {
    await closing.close().catch((other: unknown) => log.error({ reason: reasonOf(other) }, 'not closed'))
    throw error
  }
  await closing.close()
  log.info('stopped')
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal))
  })
}
