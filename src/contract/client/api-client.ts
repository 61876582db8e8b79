import type { z } from 'zod'
import type { Endpoint } from '../endpoint.ts'
import { endpoints, type EndpointName } from '../endpoints.ts'
import { addressOf, type AddressInput, type Given } from './address-of.ts'

type Endpoints = typeof endpoints

/**
 * Browsers keep no more than 64 KB of a page's requests after it was left, all together (Fetch Standard, 4.6), and refuse
 * the one that goes beyond: half of it, so that the one that is under way and the last one fit.
 */
const KEEPALIVE_BYTES = 32 * 1024

/** Whether a request with this body can go on after its page was left. */
export function outlivesPage(body: string | Uint8Array): boolean {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body).byteLength : body.byteLength
  return bytes <= KEEPALIVE_BYTES
}

/**
 * Header of a writing (PUT): who writes, and the how-manieth writing of theirs it is, `ID NUMBER`. Requests that a page sends
 * as it is left may overtake each other on the way; the service does not let an earlier one undo a later one.
 */
export const ORDER_HEADER = 'likeness-order'

/** What a call takes, by the contract. */
export type CallInput<Name extends EndpointName> = AddressInput<Name> &
  (Endpoints[Name] extends { photoBody: true } ? { body: Uint8Array } : Given<Endpoints[Name], 'body'>) & {
    /** The same key and request are done once. */
    idempotencyKey?: string
    signal?: AbortSignal
    /** The request outlives the page that sends it, when its body is at most `KEEPALIVE_BYTES`. */
    keepalive?: boolean
  }

/** What a call gives, by the contract; the response itself for streams. */
export type CallReply<Name extends EndpointName> = Endpoints[Name] extends { stream: string }
  ? Response
  : Endpoints[Name] extends { reply: infer Schema extends z.ZodType }
    ? z.output<Schema>
    : undefined

/** The service said no, with a problem document (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly code: string
  readonly requestId: string
  readonly retryAfterSeconds: number | undefined

  constructor(
    status: number,
    body: { code?: string; detail?: string; requestId?: string },
    retryAfter: string | null,
  ) {
    super(body.detail ?? `The service answered ${status}.`)
    this.status = status
    this.code = body.code ?? 'internal'
    this.requestId = body.requestId ?? ''
    this.retryAfterSeconds = secondsOf(retryAfter)
  }
}

export interface ApiClientOptions {
  /** Where the service is; '' in a browser, for the page's own. */
  server: string
  /** For programs; browsers use the session's cookie. */
  apiKey?: string
  fetch?: typeof fetch
}

/**
 * Calls the API by the names of its operations.
 * @example
 * const client = new ApiClient({ server: 'https://likeness.example', apiKey })
 * const { items } = await client.call('listCases', { query: { status: 'open' } })
 */
export class ApiClient {
  readonly #options: ApiClientOptions
  readonly #writer = writerId()
  #writings = 0

  constructor(options: ApiClientOptions) {
    this.#options = options
  }

  /** @throws ApiProblem when the service refuses; whatever `fetch` throws when it cannot be reached */
  async call<Name extends EndpointName>(name: Name, input: CallInput<Name>): Promise<CallReply<Name>> {
    const endpoint: Endpoint = endpoints[name]
    const response = await this.send(name, input)
    if (!response.ok) {
      const body = (await response.json().catch(() => ({}))) as {
        code?: string
        detail?: string
        requestId?: string
      }
      throw new ApiProblem(response.status, body, response.headers.get('retry-after'))
    }
    if (endpoint.stream !== undefined) return response as CallReply<Name>
    if (endpoint.reply === undefined) return undefined as CallReply<Name>
    return (await response.json()) as CallReply<Name>
  }

  /** The bare response, whatever its status. */
  async send<Name extends EndpointName>(name: Name, input: CallInput<Name>): Promise<Response> {
    const endpoint: Endpoint = endpoints[name]
    const { body, idempotencyKey, signal, keepalive } = input as {
      body?: unknown
      idempotencyKey?: string
      signal?: AbortSignal
      keepalive?: boolean
    }
    const headers = new Headers()
    if (this.#options.apiKey !== undefined) headers.set('authorization', `Bearer ${this.#options.apiKey}`)
    if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey)
    if (endpoint.method === 'PUT') headers.set(ORDER_HEADER, `${this.#writer} ${++this.#writings}`)
    const isPhoto = endpoint.photoBody === true
    if (body !== undefined)
      headers.set('content-type', isPhoto ? 'application/octet-stream' : 'application/json')
    const url = `${this.#options.server}${addressOf(name, input)}`
    const sent =
      body === undefined ? undefined : isPhoto ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body)
    return (this.#options.fetch ?? fetch)(url, {
      method: endpoint.method,
      headers,
      ...(sent === undefined ? {} : { body: sent }),
      ...(keepalive === true && outlivesPage(sent ?? '') ? { keepalive } : {}),
      ...(signal === undefined ? {} : { signal }),
    })
  }
}

/** Names a client among those of one account. `crypto.randomUUID` would be missing where a page came without TLS. */
function writerId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

/** Of a Retry-After: a number of seconds, or a date, as something between may write it (RFC 9110, 10.2.3). */
function secondsOf(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter)
  const atMs = retryAfter.endsWith('GMT') ? Date.parse(retryAfter) : Number.NaN
  return Number.isNaN(atMs) ? undefined : Math.max(0, Math.ceil((atMs - Date.now()) / 1000))
}
