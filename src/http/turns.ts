import type { FastifyReply, FastifyRequest } from 'fastify'
import { ORDER_HEADER } from '../contract/client/api-client.ts'
import { AppError } from '../errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Ends when what the request does is done, whether or not anybody waits for the answer. */
    answering: Promise<unknown> | undefined
  }
}

/** Addresses of writers whose newest writing is remembered; those that wrote longest ago are forgotten first. */
const MAX_NEWEST = 10_000

/**
 * Writings of one caller to one address, one after the other in the order in which they came: a browser that leaves a page
 * sends its last draft while the one before is still on its way, and the last one is what counts. One that
 * says by its `ORDER_HEADER` that it was sent before another one that has come already is refused.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()
  /** By address and writer. */
  readonly #newest = new Map<string, number>()

  /**
   * Waits until those that came before have ended. Takes its place at once, before anything else is waited for.
   * @throws AppError `conflict` when a later one has come before it
   */
  async take(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const key = keyOf(request)
    this.#refuseOvertaken(key, request)
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

  #refuseOvertaken(key: string, { headers }: FastifyRequest): void {
    const [, writer, number] = /^([0-9a-f]{16}) ([0-9]{1,15})$/.exec(String(headers[ORDER_HEADER])) ?? []
    if (writer === undefined) return
    const place = `${writer} ${key}`
    if ((this.#newest.get(place) ?? 0) > Number(number)) {
      throw new AppError('conflict', 'What was written later has come before this, and stays.')
    }
    this.#newest.delete(place)
    this.#newest.set(place, Number(number))
    const [oldest] = this.#newest.keys()
    if (this.#newest.size > MAX_NEWEST) this.#newest.delete(oldest)
  }
}

/** By what the caller shows, so that nobody waits for somebody else's request. */
function keyOf({ url, headers }: FastifyRequest): string {
  return JSON.stringify([url, headers.authorization, headers.cookie])
}
