import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import helmet from '@fastify/helmet'
import Fastify, {
  LogController,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteOptions,
} from 'fastify'
import type { Logger } from 'pino'
import type { ServiceConfig } from '../config.ts'
import type { EndpointAccess, Endpoint } from '../contract/endpoint.ts'
import { endpoints } from '../contract/endpoints.ts'
import { AppError, reasonOf } from '../errors.ts'
import { newId } from '../store/ids.ts'
import { addDocumentation } from './documentation.ts'
import { checkOrigin } from './entry.ts'
import type { AnyHandler, Handlers } from './handlers.ts'
import { addHealth } from './health.ts'
import type { HttpContext } from './http-context.ts'
import { CONNECTION_TIMEOUT_MS, JSON_BODY_BYTES, REQUEST_TIMEOUT_MS } from './limits.ts'
import { countRequests, type Metrics } from './metrics.ts'
import { problemOf, toAppError } from './problem.ts'
import { limitRates } from './rate-limits.ts'
import { accountRoutes } from './routes/account-routes.ts'
import { auditRoutes } from './routes/audit-routes.ts'
import { browseRoutes } from './routes/browse-routes.ts'
import { caseRoutes } from './routes/case-routes.ts'
import { collectionRoutes } from './routes/collection-routes.ts'
import { examinationRoutes } from './routes/examination-routes.ts'
import { identificationRoutes } from './routes/identification-routes.ts'
import { importRoutes } from './routes/import-routes.ts'
import { jobRoutes } from './routes/job-routes.ts'
import { markRoutes } from './routes/mark-routes.ts'
import { missingRoutes } from './routes/missing-routes.ts'
import { modelRoutes } from './routes/model-routes.ts'
import { noticeRoutes } from './routes/notice-routes.ts'
import { oversightRoutes } from './routes/oversight-routes.ts'
import { personRoutes } from './routes/person-routes.ts'
import { reportRoutes } from './routes/report-routes.ts'
import { searchRoutes } from './routes/search-routes.ts'
import { sessionRoutes } from './routes/session-routes.ts'
import { watchRoutes } from './routes/watch-routes.ts'
import { videoRoutes } from './routes/video-routes.ts'
import { serveEndpoint } from './serve-endpoint.ts'
import { addWebApp, sendPage } from './web-app.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call; a route without it does not start. */
    access?: EndpointAccess
    operation?: string
    /** Pictures are counted apart, see rate-limits.ts. */
    isPicture?: boolean
  }
}

/** When trying again makes sense where those who are busy cannot say; searches of a gallery take less. */
const BUSY_SECONDS = 1

/**
 * The HTTP service: every endpoint of the contract, its documentation, health. Anything else is not found.
 * @throws AppError `internal` when a route declares no access
 */
export async function createApp(
  ctx: HttpContext,
  config: ServiceConfig,
  log: Logger,
  metrics: Metrics,
): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: log as never,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => newId(),
    trustProxy: config.trustProxy === undefined ? false : config.trustProxy.split(','),
    bodyLimit: JSON_BODY_BYTES,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    frameworkErrors: refuseAddress,
    ...(config.tlsCert === undefined ? {} : { https: readCertificate(config.tlsCert, config.tlsKey!) }),
  }) as unknown as FastifyInstance
  app.decorateRequest('actor', undefined)
  app.decorateRequest('work', undefined)
  app.decorateRequest('answering', undefined)
  requireAccess(app)
  app.addContentTypeParser(
    /^(application\/octet-stream|(image|video)\/.+)$/,
    { parseAs: 'buffer' },
    (_request, body, done) => done(null, body),
  )
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        objectSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // Component libraries set styles on elements; scripts are where the danger is.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'blob:', 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        mediaSrc: ["'self'", 'blob:'],
        workerSrc: ["'self'"],
        // Archived pages stand in frames, under a policy of their own: see serve-endpoint.ts.
        frameSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: ctx.publicUrl.protocol === 'https:',
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store')
    checkOrigin(request, ctx.publicUrl)
  })
  handleErrors(app)
  countRequests(app, metrics)
  await limitRates(app, ctx)
  addHealth(app, ctx)
  await addDocumentation(app)
  await addWebApp(app)
  const handlers: Handlers = {
    ...sessionRoutes(ctx),
    ...accountRoutes(ctx),
    ...caseRoutes(ctx),
    ...collectionRoutes(ctx),
    ...browseRoutes(ctx),
    ...importRoutes(ctx),
    ...jobRoutes(ctx),
    ...searchRoutes(ctx),
    ...markRoutes(ctx),
    ...auditRoutes(ctx),
    ...oversightRoutes(ctx),
    ...personRoutes(ctx),
    ...missingRoutes(ctx),
    ...identificationRoutes(ctx),
    ...examinationRoutes(ctx),
    ...reportRoutes(ctx),
    ...modelRoutes(ctx),
    ...watchRoutes(ctx),
    ...noticeRoutes(ctx),
    ...videoRoutes(ctx),
  }
  for (const [name, endpoint] of Object.entries(endpoints) as [keyof Handlers, Endpoint][]) {
    serveEndpoint(app, ctx, name, endpoint, handlers[name] as AnyHandler)
  }
  await app.ready()
  return app
}

/** @throws AppError `bad_input` when the files cannot be read, are no certificate and key, or do not belong together */
function readCertificate(certFile: string, keyFile: string): { cert: Buffer; key: Buffer } {
  try {
    const files = { cert: readFileSync(certFile), key: readFileSync(keyFile) }
    createSecureContext(files)
    return files
  } catch (error) {
    throw new AppError(
      'bad_input',
      `The certificate ${certFile} and its key ${keyFile} cannot be used: ${reasonOf(error)}.`,
      { cause: error },
    )
  }
}

/** Deny by default: whoever adds a route and forgets to say who may call it has a service that does not start. */
export function requireAccess(app: FastifyInstance): void {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => void routes.push(route))
  app.addHook('onReady', async () => {
    const open = routes.find(({ config }) => config?.access === undefined)
    if (open === undefined) return
    throw new AppError('internal', `Route ${String(open.method)} ${open.url} declares no access.`)
  })
}

/** An address that cannot be decoded is refused before any hook or handler runs. */
function refuseAddress(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(toAppError(thrown), request.id)
  void reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}

function handleErrors(app: FastifyInstance): void {
  app.setNotFoundHandler(async (request, reply) => {
    if (sendPage(request, reply)) return reply
    const problem = problemOf(new AppError('not_found', 'There is nothing at this address.'), request.id)
    return reply.code(problem.status).type('application/problem+json').send(problem)
  })
  app.setErrorHandler(async (thrown, request, reply) => {
    const error = toAppError(thrown)
    if (error.status >= 500) logError(request, error)
    const retryAfter = error.retryAfterSeconds ?? (error.code === 'busy' ? BUSY_SECONDS : undefined)
    if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
    return reply.code(error.status).type('application/problem+json').send(problemOf(error, request.id))
  })
}

/** With the stack, for whoever runs the service; the sentence may name files, never people. */
function logError(request: FastifyRequest, error: AppError): void {
  const cause = error.cause instanceof Error ? error.cause : error
  request.log.error(
    {
      requestId: request.id,
      operation: request.routeOptions.config.operation,
      code: error.code,
      stack: cause.stack,
    },
    'request failed',
  )
}
