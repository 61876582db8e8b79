/// <reference lib="webworker" />
// Keeps the shell, so that the app opens without a connection and says so. Nothing of the API is ever kept here: no
// face, no name, no list. The service sends all of that with `no-store` as well.

const worker = globalThis as unknown as ServiceWorkerGlobalScope
const SHELL = 'shell-2'
const PAGE = '/'
/** Files of the build that is served now; see web/packed-files.ts. */
const LIST = '/shell.json'
/** Parts of the shell: programs and styles, whose names change with their content, and what the page names itself. */
const PARTS = /^\/(assets\/.+|icon\.svg|app\.webmanifest|color-scheme\.js)$/

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.add(PAGE)))
  void worker.skipWaiting()
})

worker.addEventListener('activate', (event) => {
  event.waitUntil(removeOtherCaches().then(() => worker.clients.claim()))
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return
  if (request.mode === 'navigate' && !url.pathname.startsWith('/api/')) {
    const fresh = fetch(request)
    event.respondWith(fresh.catch(async () => (await caches.match(PAGE)) ?? Response.error()))
    event.waitUntil(fresh.then(renewShell, () => undefined))
  } else if (PARTS.test(url.pathname)) {
    event.respondWith(part(request))
  }
})

/** Keeps the page as it is now, and drops parts of builds before. */
async function renewShell(): Promise<void> {
  const [page, list] = await Promise.all([fetch(PAGE), fetch(LIST)])
  if (!page.ok || !list.ok) return
  const files = new Set((await list.json()) as string[])
  const cache = await caches.open(SHELL)
  await cache.put(PAGE, page)
  for (const kept of await cache.keys()) {
    const { pathname } = new URL(kept.url)
    if (pathname.startsWith('/assets/') && !files.has(pathname)) await cache.delete(kept)
  }
}

async function removeOtherCaches(): Promise<void> {
  for (const name of await caches.keys()) if (name !== SHELL) await caches.delete(name)
}

async function part(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL)
  const kept = await cache.match(request)
  if (kept !== undefined && request.url.includes('/assets/')) return kept
  const fresh = await fetch(request).catch(() => kept)
  if (fresh === undefined) return Response.error()
  if (fresh.ok) await cache.put(request, fresh.clone())
  return fresh
}
