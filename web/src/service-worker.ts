/// <reference lib="webworker" />
// Keeps the shell, so that the app opens without a connection and says so. Nothing of the API is ever kept here: no
// face, no name, no list. The service sends all of that with `no-store` as well.

const worker = globalThis as unknown as ServiceWorkerGlobalScope
const SHELL = 'shell-1'
const PAGE = '/'
/** Parts of the shell: programs and styles, whose names change with their content, and what the page names itself. */
const PARTS = /^\/(assets\/.+|icon\.svg|app\.webmanifest|color-scheme\.js)$/

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.add(PAGE)))
  void worker.skipWaiting()
})

worker.addEventListener('activate', (event) => {
  event.waitUntil(worker.clients.claim())
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return
  if (request.mode === 'navigate' && !url.pathname.startsWith('/api/')) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(PAGE)) ?? Response.error()))
  } else if (PARTS.test(url.pathname)) {
    event.respondWith(part(request))
  }
})

async function part(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL)
  const kept = await cache.match(request)
  if (kept !== undefined && request.url.includes('/assets/')) return kept
  const fresh = await fetch(request).catch(() => kept)
  if (fresh === undefined) return Response.error()
  if (fresh.ok) await cache.put(request, fresh.clone())
  return fresh
}
