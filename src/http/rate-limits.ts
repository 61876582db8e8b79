import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import { visitorOf } from './entry.ts'
import type { HttpContext } from './http-context.ts'
import {
  ACCOUNT_PICTURES_A_MINUTE,
  ACCOUNT_REQUESTS_A_MINUTE,
  AGENCY_REQUESTS_A_MINUTE,
  SIGN_IN_REQUESTS_A_MINUTE,
} from './limits.ts'

const TIME_WINDOW = '1 minute'
const LARGEST_CACHE = 20_000

/** Limits requests by account, by agency, and by address for who is not signed in; counted in each process. */
export async function limitRates(app: FastifyInstance, ctx: Pick<HttpContext, 'refusals'>): Promise<void> {
  await app.register(rateLimit, { global: false, cache: LARGEST_CACHE })
  const limit = (max: number, keyGenerator: (request: FastifyRequest) => string) =>
    app.createRateLimit({ max, timeWindow: TIME_WINDOW, keyGenerator })
  const byAccount = limit(ACCOUNT_REQUESTS_A_MINUTE, ({ actor, ip }) => `account ${actor?.accountId ?? ip}`)
  const byAccountPictures = limit(
    ACCOUNT_PICTURES_A_MINUTE,
    ({ actor, ip }) => `pictures ${actor?.accountId ?? ip}`,
  )
  const byAgency = limit(AGENCY_REQUESTS_A_MINUTE, ({ actor, ip }) => `agency ${actor?.agencyId ?? ip}`)
  const byAddress = limit(SIGN_IN_REQUESTS_A_MINUTE, ({ ip }) => `sign-in ${ip}`)
  const check = async (request: FastifyRequest, limiter: typeof byAccount): Promise<void> => {
    const result = await limiter(request)
    if (result.isAllowed || !result.isExceeded) return
    const { actor } = request
    await ctx.refusals.record(actor ?? visitorOf(request), {
      action: 'access.limit',
      agencyId: actor?.agencyId,
      subject: undefined,
      details: { requestsAMinute: result.max },
    })
    const retryAfterSeconds = result.ttlInSeconds
    throw new AppError('too_many_requests', `Too many requests. Try again in ${retryAfterSeconds} s.`, {
      retryAfterSeconds,
    })
  }
  app.addHook('preParsing', async (request) => {
    const { access, operation, isPicture = false } = request.routeOptions.config
    // Files of the web app: one page is dozens of them, and a whole agency may come from one address.
    if (operation === 'web') return
    if (isPicture) return check(request, byAccountPictures)
    if (access === 'public' && request.method === 'POST') await check(request, byAddress)
    await check(request, byAccount)
    if (request.actor !== undefined) await check(request, byAgency)
  })
}
