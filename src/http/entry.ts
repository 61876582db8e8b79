import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccountActor, Visitor } from '../actor/actor.ts'
import { requireOpenDevice } from '../access/device-approvals.ts'
import { resolveActor } from '../access/resolve-actor.ts'
import { hasSecondFactor } from '../access/second-factors.ts'
import type { Browser } from '../access/devices.ts'
import type { Endpoint, EndpointAccess } from '../contract/endpoint.ts'
import { AppError } from '../errors.ts'
import type { HttpContext } from './http-context.ts'

/** Browsers take a cookie of such a name from this host alone, over HTTPS, for all of its paths. */
const HOST_ONLY = '__Host-'
const DEVICE_COOKIE = 'likeness.device'
/** How long a browser keeps the name of its device. */
const DEVICE_COOKIE_SECONDS = 400 * 24 * 60 * 60
const UNSAFE_METHODS = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

export function visitorOf(request: FastifyRequest): Visitor {
  return { kind: 'visitor', name: 'visitor', requestId: request.id, address: request.ip }
}

export function browserOf(request: FastifyRequest): Browser {
  const headers = new Headers()
  const { cookie } = request.headers
  if (cookie !== undefined) headers.set('cookie', cookie)
  return {
    headers,
    // Without the prefix: where the service is reached without HTTPS, and from browsers that have it from before.
    deviceToken: cookieOf(cookie, HOST_ONLY + DEVICE_COOKIE) ?? cookieOf(cookie, DEVICE_COOKIE),
    userAgent: request.headers['user-agent'] ?? '',
  }
}

/** The line that lets a browser be known as the same device again. */
export function deviceCookie(token: string, publicUrl: URL): string {
  const isSecure = publicUrl.protocol === 'https:'
  const secure = isSecure ? '; Secure' : ''
  return `${isSecure ? HOST_ONLY : ''}${DEVICE_COOKIE}=${token}; Path=/; Max-Age=${DEVICE_COOKIE_SECONDS}; HttpOnly; SameSite=Strict${secure}`
}

/**
 * Refuses what another site makes a browser send. Cookies are SameSite=Strict already; this holds where a browser or a
 * neighbour on the same site does not keep to that. Requests with an API key carry nothing that a browser adds by itself.
 * @throws AppError `foreign_origin`
 */
export function checkOrigin(request: FastifyRequest, publicUrl: URL): void {
  if (!UNSAFE_METHODS.has(request.method) || apiKeyOf(request) !== undefined) return
  const { origin, 'sec-fetch-site': site } = request.headers
  const sameSite = site === undefined || site === 'same-origin' || site === 'none'
  const sameOrigin = origin === undefined ? site !== undefined : origin === publicUrl.origin
  if (sameSite && sameOrigin) return
  throw new AppError(
    'foreign_origin',
    `Requests that change something must come from ${publicUrl.origin}, in an Origin header, or carry an API key.`,
  )
}

/**
 * Who makes the request.
 * @throws AppError `signed_out`, `cut_off`, `second_factor_missing`, `device_not_approved`
 */
export async function enter(
  ctx: HttpContext,
  request: FastifyRequest,
  reply: FastifyReply,
  access: EndpointAccess,
): Promise<AccountActor | undefined> {
  if (access === 'public') return undefined
  const { requestId, address } = visitorOf(request)
  const { headers } = browserOf(request)
  const found = await resolveActor(ctx, {
    headers,
    apiKey: apiKeyOf(request),
    requestId,
    address,
  })
  if (found === undefined) throw new AppError('signed_out', 'Sign in first.')
  if (found.cookies.length > 0) reply.header('set-cookie', found.cookies)
  const { actor } = found
  if (access === 'password') return actor
  if (actor.via.kind === 'session' && actor.via.assurance === 'password') {
    const next = (await hasSecondFactor(ctx, actor.accountId))
      ? 'Sign in with your code or passkey.'
      : 'Set up codes from an app, or a passkey, first.'
    throw new AppError('second_factor_missing', next)
  }
  requireOpenDevice(actor)
  return actor
}

/**
 * Refuses what an account or key may not do, and writes that down; asked only after the limits on requests, so that
 * nobody fills the log with refusals.
 * @throws AppError `not_allowed`
 */
export async function permit(
  ctx: HttpContext,
  actor: AccountActor,
  request: FastifyRequest,
  { access, boundKeys }: Endpoint,
): Promise<void> {
  const { via } = actor
  const isBound = via.kind === 'api_key' && via.caseId !== undefined && boundKeys !== true
  const isOpen = access === 'public' || access === 'password' || access === 'signed_in'
  if (!isBound && (isOpen || actor.permissions.has(access))) return
  await ctx.refusals.record(actor, {
    action: 'access.refuse',
    agencyId: actor.agencyId,
    subject: undefined,
    details: { permission: access, method: request.method, route: request.routeOptions.url ?? '' },
  })
  throw new AppError(
    'not_allowed',
    isBound
      ? 'This API key is bound to one case and can do nothing outside of it.'
      : `Your account may not do this (${access}). Ask an administrator of your agency.`,
  )
}

/** The key of `Authorization: Bearer`. */
function apiKeyOf(request: FastifyRequest): string | undefined {
  const match = /^Bearer (\S{1,200})$/.exec(request.headers.authorization ?? '')
  return match?.[1]
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  const entry = header?.split(';').find((part) => part.trim().startsWith(`${name}=`))
  return entry?.trim().slice(name.length + 1)
}
