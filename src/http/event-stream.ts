import { setTimeout as delay } from 'node:timers/promises'
import type { HttpContext } from './http-context.ts'

/** Keeps proxies from closing a quiet stream, and tells the browser that the other end lives. */
const HEARTBEAT_MS = 15_000
/** How long the browser waits before it connects again. */
const RETRY_MS = 2000

/** Server-sent events until access, connection or service end; says which of access and service it was. */
export async function* eventStream(ctx: HttpContext, signal: AbortSignal): AsyncGenerator<string> {
  yield `retry: ${RETRY_MS}\n${event('hello', {})}`
  while (!signal.aborted) {
    await delay(HEARTBEAT_MS, undefined, { signal }).catch(() => undefined)
    if (!signal.aborted) yield ': alive\n\n'
  }
  yield event(ctx.stopping.aborted ? 'service_stops' : 'cut_off', {})
}

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
