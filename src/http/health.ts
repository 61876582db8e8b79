import type { FastifyInstance } from 'fastify'
import type { PartStatus } from '../concurrency/part-state.ts'
import type { HttpContext } from './http-context.ts'
import { answeringParts, failureCode, partStatuses } from './part-statuses.ts'

/**
 * `/health`: the process answers. `/ready`: it can read the record, nothing that answers requests has failed, and it is not
 * stopping. What works by itself is named there too: one of it that failed is no reason to send nobody here.
 */
export function addHealth(app: FastifyInstance, ctx: HttpContext): void {
  app.get('/health', { config: { access: 'public', operation: 'health' } }, async () => ({ status: 'ok' }))
  app.get('/ready', { config: { access: 'public', operation: 'ready' } }, async (_request, reply) => {
    const isReadable = await ctx.store.lookups
      .selectFrom('setting')
      .select('key')
      .limit(1)
      .execute()
      .then(
        () => true,
        () => false,
      )
    const isReady = isReadable && !anyFailed(answeringParts(ctx)) && !ctx.stopping.aborted
    const all = partStatuses(ctx)
    const status = !isReady ? 'not ready' : anyFailed(all) ? 'degraded' : 'ready'
    return reply.code(isReady ? 200 : 503).send({
      status,
      parts: { record: isReadable ? 'ready' : 'failed', ...statesOf(all) },
      lastErrors: lastErrorsOf(all),
    })
  })
}

function anyFailed(parts: Record<string, PartStatus>): boolean {
  return Object.values(parts).some(({ state }) => state === 'failed')
}

function statesOf(parts: Record<string, PartStatus>): Record<string, string> {
  return Object.fromEntries(Object.entries(parts).map(([name, { state }]) => [name, state]))
}

/** The newest failure of each part that has failed since the start. */
function lastErrorsOf(
  parts: Record<string, PartStatus>,
): Record<string, { code: string; at: string; failures: number }> {
  return Object.fromEntries(
    Object.entries(parts).flatMap(([name, { failures, lastFailure }]) =>
      lastFailure === undefined
        ? []
        : [
            [
              name,
              { code: failureCode(lastFailure), at: new Date(lastFailure.atMs).toISOString(), failures },
            ],
          ],
    ),
  )
}
