import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'
import type { PartState } from '../part-state.ts'
import type { HttpContext } from './http-context.ts'

/** Parts that start when first needed; one that failed is tried again by itself. */
export function partStates(ctx: Pick<Context, 'index' | 'engineState'>): Record<string, PartState> {
  return { engine: ctx.engineState(), index: ctx.index.state }
}

/** `/health`: the process answers. `/ready`: it can read the record, no part of it has failed, and it is not stopping. */
export function addHealth(app: FastifyInstance, ctx: HttpContext): void {
  app.get('/health', { config: { access: 'public', operation: 'health' } }, async () => ({ status: 'ok' }))
  app.get('/ready', { config: { access: 'public', operation: 'ready' } }, async (_request, reply) => {
    const readable = await ctx.reader
      .selectFrom('setting')
      .select('key')
      .limit(1)
      .execute()
      .then(
        () => true,
        () => false,
      )
    const parts = { record: readable ? 'ready' : 'failed', ...partStates(ctx) }
    const isReady = !Object.values(parts).includes('failed') && !ctx.stopping.aborted
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', parts })
  })
}
