import { readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { credentialsKey, type NpmSettings, placeOf, PUBLIC_REGISTRY, registryOf } from './npm-settings.ts'

/** What is asked of a registry. */
export interface RegistryRequest {
  url: URL
  /** The registry that sent us there: its credentials are for its own host. */
  registry: URL
  accept: string
  /** More than so many bytes are refused. */
  maxBytes: number
  onReceived?: (bytes: number) => void
}

/** More bytes came than can be right. Asking again would not help. */
export class TooManyBytes extends Error {}

class RefusedByRegistry extends Error {
  readonly status: number
  constructor(url: URL, status: number) {
    super(`${url.host} answered ${status}`)
    this.status = status
  }
}

/** The registry's page of a package: the largest of the public registry have some 20 MB. */
const MAX_PAGE_BYTES = 64 * 2 ** 20
const MAX_REDIRECTS = 5
/** Answers that another try may change, and connections that may come about, as npm has them. */
const PASSING_STATUS = new Set([408, 420, 429])
const PASSING_CODES = new Set(['ECONNRESET', 'ECONNREFUSED', 'EADDRINUSE', 'ETIMEDOUT', 'EPIPE'])

/**
 * Where a registry has a package's tarball.
 * @throws Error when the registry does not answer, or has no such version
 */
export async function findTarball(name: string, version: string, settings: NpmSettings): Promise<URL> {
  const registry = registryOf(name, settings)
  const page = await getFromRegistry(
    {
      url: new URL(name.replace('/', '%2f'), registry),
      registry,
      // The short page, where a registry has one.
      accept: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*',
      maxBytes: MAX_PAGE_BYTES,
    },
    settings,
  )
  const { versions } = JSON.parse(page.toString('utf8')) as {
    versions?: Record<string, { dist?: { tarball?: string } }>
  }
  const address = versions?.[version]?.dist?.tarball
  if (address === undefined) throw new Error(`${registry.host} has no version ${version} of it`)
  const tarball = new URL(address)
  // Mirrors pass on pages in which the public registry's address stands; npm asks the mirror then.
  const replaced = settings.get('replace-registry-host') ?? 'npmjs'
  const host = replaced === 'npmjs' ? new URL(PUBLIC_REGISTRY).host : replaced
  return host === 'always' || host === tarball.host ? new URL(tarball.pathname, registry) : tarball
}

/**
 * Gets one file from a registry with the user's proxy, certificates and credentials, and tries again as npm does.
 * @throws Error with the reason; {@link TooManyBytes}
 */
export async function getFromRegistry(request: RegistryRequest, settings: NpmSettings): Promise<Buffer> {
  const number = (name: string, otherwise: number): number => Number(settings.get(name) ?? otherwise)
  const tries = 1 + number('fetch-retries', 2)
  for (let tried = 1; ; tried += 1) {
    try {
      return await getOnce(request, settings, number('fetch-timeout', 300_000))
    } catch (error) {
      if (tried >= tries || !mayPass(error)) throw error
    }
    const waitMs = number('fetch-retry-mintimeout', 10_000) * number('fetch-retry-factor', 10) ** (tried - 1)
    await delay(Math.min(waitMs, number('fetch-retry-maxtimeout', 60_000)))
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof RefusedByRegistry) return error.status >= 500 || PASSING_STATUS.has(error.status)
  return PASSING_CODES.has((error as NodeJS.ErrnoException).code ?? '')
}

async function getOnce(request: RegistryRequest, settings: NpmSettings, timeoutMs: number): Promise<Buffer> {
  let { url } = request
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const answer = await ask(url, request, settings, timeoutMs)
    const { statusCode: status = 0, headers } = answer
    if (status >= 300 && status < 400 && headers.location !== undefined) {
      answer.destroy()
      url = new URL(headers.location, url)
      continue
    }
    if (status !== 200) {
      answer.destroy()
      throw new RefusedByRegistry(url, status)
    }
    return await readBody(answer, request)
  }
  throw new Error(`${request.url.host} sends on to elsewhere more than ${MAX_REDIRECTS} times`)
}

async function readBody(answer: http.IncomingMessage, request: RegistryRequest): Promise<Buffer> {
  const chunks: Buffer[] = []
  let receivedBytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    receivedBytes += chunk.length
    if (receivedBytes > request.maxBytes)
      throw new TooManyBytes(`${request.url.host} sent more than ${request.maxBytes} bytes`)
    chunks.push(chunk)
    request.onReceived?.(receivedBytes)
  }
  return Buffer.concat(chunks)
}

/** Sends one request, each on a connection of its own. Credentials go only where the settings say that they belong. */
async function ask(
  url: URL,
  request: RegistryRequest,
  settings: NpmSettings,
  timeoutMs: number,
): Promise<http.IncomingMessage> {
  const key = credentialsKey(url, request.registry, settings)
  const authorization = authorizationOf(key, settings)
  const headers = { accept: request.accept, ...(authorization && { authorization }) }
  const proxyEnv = proxyOf(settings)
  const [library, agent] =
    url.protocol === 'http:'
      ? [http, new http.Agent({ proxyEnv })]
      : [https, new https.Agent({ proxyEnv, ...(await certificatesOf(key, settings)) })]
  return await new Promise((resolve, reject) => {
    const sent = library.get(url, { headers, agent }, resolve)
    sent.on('error', reject)
    sent.setTimeout(timeoutMs, () => {
      sent.destroy(Object.assign(new Error(`${url.host} is silent`), { code: 'ETIMEDOUT' }))
    })
  })
}

function authorizationOf(key: string | undefined, settings: NpmSettings): string | undefined {
  if (key === undefined) return undefined
  const of = (name: string): string | undefined => settings.get(`${key}:${name}`)
  const [token, auth, username, password] = [of('_authToken'), of('_auth'), of('username'), of('_password')]
  if (token !== undefined) return `Bearer ${token}`
  if (auth !== undefined) return `Basic ${auth}`
  if (username === undefined || password === undefined) return undefined
  const pair = `${username}:${Buffer.from(password, 'base64').toString('utf8')}`
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}

/** npm's own proxy settings, else those of the environment, as Node's agents take them. */
function proxyOf(settings: NpmSettings): NodeJS.ProcessEnv {
  const set = (name: string): string | undefined => {
    const value = settings.get(name)
    return value === 'null' || value === 'false' ? undefined : value
  }
  const { env } = process
  const general = set('proxy')
  const httpProxy = set('https-proxy') ?? general ?? env['http_proxy'] ?? env['HTTP_PROXY']
  const httpsProxy = set('https-proxy') ?? general ?? env['https_proxy'] ?? env['HTTPS_PROXY']
  const without = set('noproxy') ?? env['no_proxy'] ?? env['NO_PROXY']
  // For npm a name stands for what lies below it, too; Node wants that said with a dot.
  const names = without?.split(',').flatMap((name) => {
    const bare = name.trim().replace(/^\./, '')
    return bare === '' ? [] : [bare, `.${bare}`]
  })
  return {
    ...(httpProxy && { HTTP_PROXY: httpProxy }),
    ...(httpsProxy && { HTTPS_PROXY: httpsProxy }),
    ...(names && { NO_PROXY: names.join(',') }),
  }
}

async function certificatesOf(key: string | undefined, settings: NpmSettings): Promise<https.AgentOptions> {
  const read = async (name: string): Promise<string | undefined> => {
    const file = settings.get(name)
    return file === undefined ? undefined : await readFile(placeOf(file), 'utf8')
  }
  // In one line of a file line breaks are written as \n.
  const text = (name: string): string | undefined => settings.get(name)?.replaceAll(String.raw`\n`, '\n')
  const ca = (await read('cafile')) ?? text('ca')
  const cert = (key && (await read(`${key}:certfile`))) ?? text('cert')
  const privateKey = (key && (await read(`${key}:keyfile`))) ?? text('key')
  return {
    ...(ca && { ca }),
    ...(cert && privateKey && { cert, key: privateKey }),
    rejectUnauthorized: settings.get('strict-ssl') !== 'false',
  }
}
