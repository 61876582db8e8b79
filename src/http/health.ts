import type { FastifyInstance } from 'fastify'
import type { HttpContext } from './http-context.ts'

/** `/health`: the process answers. `/ready`: it can read the record and is not stopping. */
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
    if (readable && !ctx.stopping.aborted) return { status: 'ready' }
    return reply.code(503).send({ status: 'not ready' })
  })
}
