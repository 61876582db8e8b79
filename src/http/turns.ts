import type { FastifyReply, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** Ends when what the request does is done, whether or not anybody waits for the answer. */
    answering: Promise<unknown> | undefined
  }
}

/**
 * Writings of one caller to one address, one after the other in the order in which they came: a browser that leaves a page
 * sends its last draft while the one before is still on its way, and the last one is what counts.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  /** Waits until those that came before have ended. Takes its place at once, before anything else is waited for. */
  async take(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const key = keyOf(request)
    const before = this.#last.get(key)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last.set(key, promise)
    reply.raw.once('close', () => {
      void (async () => {
        await Promise.allSettled([before, request.answering])
        if (this.#last.get(key) === promise) this.#last.delete(key)
        resolve()
      })()
    })
    await before
  }
}

/** By what the caller shows, so that nobody waits for somebody else's request. */
function keyOf({ url, headers }: FastifyRequest): string {
  return JSON.stringify([url, headers.authorization, headers.cookie])
}
