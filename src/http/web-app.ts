import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** What `npm run build:web` made; the same place seen from `src/http` and from `dist/http`. */
const WEB_FOLDER = fileURLToPath(new URL('../../dist/web', import.meta.url))
const PAGE = path.join(WEB_FOLDER, 'index.html')
/** Files below it have a hash of their content in their name. */
const HASHED = `${path.sep}assets${path.sep}`

/**
 * Serves the files of the web app, when it was built. They hold nothing secret: who is signed out needs them too. Only
 * these files can be asked for: each has a route of its own.
 */
export async function addWebApp(app: FastifyInstance): Promise<void> {
  if (!existsSync(PAGE)) return
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public', operation: 'web' }
    })
    await scope.register(fastifyStatic, {
      root: WEB_FOLDER,
      wildcard: false,
      // Packed when the app was built, see web/packed-files.ts: chosen by what the browser accepts, not by address.
      preCompressed: true,
      globIgnore: ['**/*.br', '**/*.gz'],
      decorateReply: false,
      cacheControl: false,
      setHeaders: (reply, file) =>
        void reply.header(
          'cache-control',
          file.includes(HASHED) ? 'public, max-age=31536000, immutable' : 'no-cache',
        ),
    })
  })
}

/** Answers a browser that asks for a page: the app itself makes the ones that are no files. */
export function sendPage(request: FastifyRequest, reply: FastifyReply): boolean {
  const { method, url, headers } = request
  const wanted = method === 'GET' && !url.startsWith('/api/') && (headers.accept ?? '').includes('text/html')
  if (!wanted || !existsSync(PAGE)) return false
  void reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(readFileSync(PAGE))
  return true
}
