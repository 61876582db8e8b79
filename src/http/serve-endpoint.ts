import { addAbortSignal, Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { AccountActor } from '../actor/actor.ts'
import { SEES_LESS } from '../access/suspensions.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { API_PREFIX } from '../contract/endpoints.ts'
import { AppError } from '../errors.ts'
import { refuseHolder } from '../blind-verification/lineup-holder.ts'
import { browserOf, enter, permit, visitorOf } from './entry.ts'
import type { AnyHandler, EndpointRequest } from './handlers.ts'
import type { HttpContext } from './http-context.ts'
import { onceOnly } from './idempotency.ts'
import { JSON_BODY_BYTES, PHOTO_BODY_BYTES } from './limits.ts'
import { ShapeError } from './problem.ts'
import { RangedFile, sendRanged } from './ranged-file.ts'
import { Turns } from './turns.ts'

declare module 'fastify' {
  interface FastifyRequest {
    actor: AccountActor | undefined
    work: { signal: AbortSignal; done: () => void } | undefined
  }
}

/**
 * [Note: archived pages]
 * A page that somebody else wrote is served as a document that may do nothing: it runs no script, has an origin of its own
 * that is nobody's, fetches nothing from anywhere, ours included, and can only stand in a frame of the app. Whatever the
 * rewriting of the page may have missed, the browser refuses because of these.
 */
export const REPLAY_HEADERS = {
  'content-security-policy':
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
  'x-frame-options': 'SAMEORIGIN',
  'x-dns-prefetch-control': 'off',
}

/** Answers that are files to be kept, never shown by the browser in the place of a page; each with the ending of its name. */
const FILE_ENDINGS: Partial<Record<NonNullable<Endpoint['stream']>, string>> = {
  'application/jsonl': 'jsonl',
  'application/json': 'json',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'application/octet-stream': 'bin',
}

/** Answers that go on for as long as somebody listens or plays, and show what a case or a grant opened. */
const GOES_ON: ReadonlySet<Endpoint['stream']> = new Set(['text/event-stream', 'video/webm'])

/**
 * Serves one endpoint of the contract: who may call it is settled before the body is read; the request's parts are
 * checked by their schemas; the reply is cut to what the contract declares; a cut-off ends it on the way.
 */
export function serveEndpoint(
  app: FastifyInstance,
  ctx: HttpContext,
  name: string,
  endpoint: Endpoint,
  handler: AnyHandler,
): void {
  const turns = new Turns()
  app.route({
    method: endpoint.method,
    url: `${API_PREFIX}${endpoint.path}`,
    config: {
      access: endpoint.access,
      operation: name,
      // A player asks for a film piece by piece, as a list does for its pictures.
      isPicture: /^(image|video)\//.test(endpoint.stream ?? ''),
    },
    bodyLimit: endpoint.photoBody === true ? PHOTO_BODY_BYTES : JSON_BODY_BYTES,
    onRequest: async (request, reply) => {
      if (endpoint.method === 'PUT') await turns.take(request, reply)
      request.actor = await enter(ctx, request, reply, endpoint.access)
      if (request.actor === undefined) return
      request.work = ctx.live.begin(request.actor, GOES_ON.has(endpoint.stream))
      reply.raw.once('close', () => request.work?.done())
    },
    // After it is settled who calls and how often they may, before the body is read.
    preParsing: async (request, reply, payload) => {
      if (request.actor !== undefined) await permit(ctx, request.actor, request, endpoint)
      if (endpoint.photoBody === true)
        reply.raw.once('close', ctx.bodies.take(request.headers['content-length']))
      return payload
    },
    handler: async (request, reply) => {
      const answering = answer(ctx, request, reply, name, endpoint, handler)
      request.answering = answering
      return send(reply, endpoint, await answering, { name, access: request.work?.signal })
    },
  })
}

async function answer(
  ctx: HttpContext,
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  endpoint: Endpoint,
  handler: AnyHandler,
): Promise<unknown> {
  const closed = new AbortController()
  reply.raw.once('close', () => closed.abort())
  const signal = AbortSignal.any([
    closed.signal,
    ctx.stopping,
    ...(request.work === undefined ? [] : [request.work.signal]),
  ])
  const { actor } = request
  const refuse = async (): Promise<void> => {
    if (endpoint.shutToVerifiers !== true || actor === undefined) return
    const photo = Buffer.isBuffer(request.body) ? request.body : undefined
    await refuseHolder(ctx, actor, name, photo, signal)
  }
  await refuse()
  const checked = {
    actor: request.actor,
    visitor: visitorOf(request),
    browser: browserOf(request),
    range: request.headers.range,
    params: part(endpoint.params, request.params, 'params'),
    query: part(endpoint.query, request.query, 'query'),
    body:
      endpoint.photoBody === true
        ? photoOf(request.body)
        : part(endpoint.body, request.body ?? undefined, 'body'),
    signal,
    setCookies: (cookies: readonly string[]) => void reply.header('set-cookie', [...cookies]),
  } as EndpointRequest<Endpoint>
  const result: unknown = await Promise.race([
    perform(ctx, request, checked, handler),
    cutOff(request.work?.signal),
  ])
  // Whoever took a line-up while this was worked on is told nothing by it either.
  await refuse()
  if (endpoint.reply === undefined) return result
  // A list of 500 candidates takes some milliseconds to make, to check and to write: in between others get a turn.
  await nextTurn()
  const checkedReply: unknown = endpoint.reply.parse(result)
  await nextTurn()
  return checkedReply
}

async function perform(
  ctx: HttpContext,
  request: FastifyRequest,
  checked: EndpointRequest<Endpoint>,
  handler: AnyHandler,
): Promise<unknown> {
  if (typeof handler === 'function') return handler(checked)
  return onceOnly(ctx, request.actor!, request, {
    first: (actor) => handler.first({ ...checked, actor }),
    again: (made) => handler.again(checked, made),
  })
}

/** Sends what an operation gave: `access` ends with the caller's access, and whatever is still being sent with it. */
function send(
  reply: FastifyReply,
  endpoint: Endpoint,
  result: unknown,
  { name, access }: { name: string; access: AbortSignal | undefined },
): FastifyReply {
  if (result instanceof RangedFile) return sendRanged(reply, result, access)
  if (endpoint.stream !== undefined) {
    const body =
      result instanceof Readable || Buffer.isBuffer(result)
        ? result
        : Readable.from(result as AsyncIterable<string>)
    // A stream of events says itself that it ends; of anything else the rest is not given.
    if (access !== undefined && endpoint.stream !== 'text/event-stream' && body instanceof Readable)
      addAbortSignal(access, body)
    if (endpoint.stream === 'text/html') reply.headers(REPLAY_HEADERS)
    const ending = FILE_ENDINGS[endpoint.stream]
    if (ending !== undefined)
      reply.header('content-disposition', `attachment; filename="likeness-${name}.${ending}"`)
    return reply.type(endpoint.stream).send(body)
  }
  if (endpoint.reply === undefined) return reply.code(204).send()
  return reply.code(endpoint.status ?? 200).send(result)
}

/** Never resolves; rejects when the account is cut off. */
function cutOff(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => {
      if (signal?.reason !== SEES_LESS) reject(new AppError('cut_off', 'Your access has just ended.'))
    }
    if (signal?.aborted === true) end()
    else signal?.addEventListener('abort', end, { once: true })
  })
}

function part(schema: z.ZodType | undefined, value: unknown, name: string): unknown {
  if (schema === undefined) return undefined
  if (holdsUnwritableText(value)) {
    throw new ShapeError([
      { path: name, message: 'contains a NUL character or half of a surrogate pair, which cannot be kept' },
    ])
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new ShapeError(
    parsed.error.issues.map(({ path, message }) => ({ path: [name, ...path].join('.'), message })),
  )
}

function photoOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body) && body.byteLength > 0) return body
  throw new ShapeError([{ path: 'body', message: 'expected the bytes of a photo' }])
}

/** Whether any text in it would come back from the database as another one. */
function holdsUnwritableText(value: unknown): boolean {
  const rest = [value]
  while (rest.length > 0) {
    const next = rest.pop()
    if (typeof next === 'string') {
      if (next.includes('\0') || !next.isWellFormed()) return true
    } else if (typeof next === 'object' && next !== null) {
      rest.push(...Object.keys(next), ...(Object.values(next) as unknown[]))
    }
  }
  return false
}
