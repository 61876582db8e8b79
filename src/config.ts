import { z } from 'zod'
import { AppError } from './errors.ts'

const DEFAULT_PORT = 8787
const LARGEST_PORT = 65_535

const port = z.coerce.number().int().min(0).max(LARGEST_PORT)

const serviceSchema = z.object({
  /** Address to listen on; the machine itself unless said otherwise. */
  host: z.string().default('127.0.0.1'),
  port: port.default(DEFAULT_PORT),
  /** Address that browsers use; passkeys and cookies are bound to it. Default: http(s)://localhost:PORT. */
  publicUrl: z.url().optional(),
  tlsCert: z.string().optional(),
  tlsKey: z.string().optional(),
  /** Addresses or ranges of proxies whose X-Forwarded-For is believed, with commas between. */
  trustProxy: z.string().optional(),
  /** Port of the metrics, on 127.0.0.1 only; none: no metrics. */
  metricsPort: port.optional(),
  logLevel: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  /** File of the key that signs the audit log; in the state folder of the service's user unless said otherwise. */
  auditKey: z.string().optional(),
  /** Places that get the checkpoints of the audit log, with commas between; see src/audit/anchors/anchor-list.ts. */
  auditAnchors: z.string().optional(),
  /** API key for those places that are other instances. */
  anchorKey: z.string().optional(),
  /** smtp://USER:PASSWORD@HOST:PORT or smtps://…; none: no e-mail is sent. */
  smtpUrl: z.url({ protocol: /^smtps?$/ }).optional(),
  /** Address that e-mail comes from. */
  mailFrom: z.string().optional(),
  /** Hosts that webhooks may go to, `host` (port 443), `host:port` or `host:*`, with commas between; none: there are no webhooks. */
  webhookHosts: z.string().optional(),
  /** Most bytes of originals that each agency may keep, in GB of 2^30; none: no limit. */
  agencyQuotaGb: z.coerce.number().positive().optional(),
})

export type ServiceConfig = z.infer<typeof serviceSchema>

/** Names of the settings in the environment. */
const ENVIRONMENT: Record<keyof ServiceConfig, string> = {
  host: 'LIKENESS_HOST',
  port: 'LIKENESS_PORT',
  publicUrl: 'LIKENESS_PUBLIC_URL',
  tlsCert: 'LIKENESS_TLS_CERT',
  tlsKey: 'LIKENESS_TLS_KEY',
  trustProxy: 'LIKENESS_TRUST_PROXY',
  metricsPort: 'LIKENESS_METRICS_PORT',
  logLevel: 'LIKENESS_LOG_LEVEL',
  auditKey: 'LIKENESS_AUDIT_KEY',
  auditAnchors: 'LIKENESS_AUDIT_ANCHORS',
  anchorKey: 'LIKENESS_ANCHOR_KEY',
  smtpUrl: 'LIKENESS_SMTP_URL',
  mailFrom: 'LIKENESS_MAIL_FROM',
  webhookHosts: 'LIKENESS_WEBHOOK_HOSTS',
  agencyQuotaGb: 'LIKENESS_AGENCY_QUOTA_GB',
}

/**
 * Settings of the service: what is given, else the environment, else the default.
 * @throws AppError `bad_input` naming the setting
 */
export function readServiceConfig(
  given: Record<string, unknown>,
  environment: Record<string, string | undefined>,
): ServiceConfig {
  const names = Object.keys(ENVIRONMENT) as (keyof ServiceConfig)[]
  const values = Object.fromEntries(
    names.map((name) => [name, given[name] ?? (environment[ENVIRONMENT[name]] || undefined)]),
  )
  const parsed = serviceSchema.safeParse(values)
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues
    throw new AppError('bad_input', `Setting ${String(path[0])} is wrong: ${message}.`)
  }
  const { tlsCert, tlsKey } = parsed.data
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new AppError('bad_input', 'Expected both a certificate and its key for TLS, received one of them.')
  }
  if (parsed.data.smtpUrl !== undefined && parsed.data.mailFrom === undefined) {
    throw new AppError('bad_input', 'Expected an address that e-mail comes from beside the mail server.')
  }
  return parsed.data
}

/** Hosts that the operator lets webhooks go to. */
export function webhookHostsOf({ webhookHosts }: ServiceConfig): string[] {
  return (webhookHosts ?? '')
    .split(',')
    .flatMap((host) => (host.trim() === '' ? [] : [host.trim().toLowerCase()]))
}

/** Most bytes of originals that an agency may keep; undefined: no limit. */
export function agencyQuotaBytesOf({ agencyQuotaGb }: ServiceConfig): number | undefined {
  return agencyQuotaGb === undefined ? undefined : Math.floor(agencyQuotaGb * 1024 ** 3)
}

/** Where browsers reach the service. */
export function publicUrlOf(config: ServiceConfig): URL {
  const scheme = config.tlsCert === undefined ? 'http' : 'https'
  return new URL(config.publicUrl ?? `${scheme}://localhost:${config.port}`)
}
