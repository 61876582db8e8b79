import { setTimeout as delay } from 'node:timers/promises'
import type { AccountActor } from '../access/actor.ts'
import { runningImports } from '../collections/import/import-uploads.ts'
import { runningImport } from '../contract/import-endpoints.ts'
import type { HttpContext } from './http-context.ts'

/** Keeps proxies from closing a quiet stream, and tells the browser that the other end lives. */
const HEARTBEAT_MS = 15_000
/** How often the progress of imports is looked at, for accounts that may see it. */
const LOOK_EVERY_MS = 1000
/** How long the browser waits before it connects again. */
const RETRY_MS = 2000

/**
 * Server-sent events until access, connection or service end; says which of access and service it was. Whoever may import
 * is sent the agency's imports that have not ended, whenever something about them changed, whichever process works on them.
 */
export async function* eventStream(
  ctx: HttpContext,
  actor: AccountActor,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield `retry: ${RETRY_MS}\n${event('hello', {})}`
  const { agencyId } = actor
  const seesImports = actor.permissions.has('collection.import') && agencyId !== undefined
  let told = '[]'
  let quietMs = 0
  while (!signal.aborted) {
    const waitMs = seesImports ? LOOK_EVERY_MS : HEARTBEAT_MS
    await delay(waitMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) break
    const imports = seesImports ? JSON.stringify(await importsOf(ctx, agencyId)) : told
    quietMs += waitMs
    if (imports !== told) {
      told = imports
      quietMs = 0
      yield event('imports', imports)
    } else if (quietMs >= HEARTBEAT_MS) {
      quietMs = 0
      yield ': alive\n\n'
    }
  }
  yield event(ctx.stopping.aborted ? 'service_stops' : 'cut_off', {})
}

async function importsOf(ctx: HttpContext, agencyId: string): Promise<object[]> {
  return runningImport.array().parse(await runningImports(ctx.reader, agencyId))
}

/** @param data JSON, or what becomes it */
function event(name: string, data: object | string): string {
  return `event: ${name}\ndata: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}
