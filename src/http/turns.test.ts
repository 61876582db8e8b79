import Fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { ORDER_HEADER } from '../contract/client/api-client.ts'
import { Turns } from './turns.ts'

/** A service with one address, whose first writing lasts until it is told to end. */
async function slowService() {
  const events: string[] = []
  const gate = Promise.withResolvers<void>()
  const came = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const turns = new Turns()
  // A connection that its client left is not waited for.
  const app = Fastify({ forceCloseConnections: true })
  app.put('/draft', {
    onRequest: async (request, reply) => {
      if (request.headers['x-name'] === 'second') came.resolve()
      await turns.take(request, reply)
    },
    handler: async (request) => {
      const name = String(request.headers['x-name'])
      request.answering = (async () => {
        events.push(`${name} begins`)
        if (name === 'first') await gate.promise
        events.push(`${name} ends`)
        if (name === 'second') ended.resolve()
      })()
      await request.answering
      return {}
    },
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => app.close())
  const put = (name: string, cookie: string, signal?: AbortSignal, order?: string) =>
    fetch(`${address}/draft`, {
      method: 'PUT',
      headers: { 'x-name': name, cookie, ...(order === undefined ? {} : { [ORDER_HEADER]: order }) },
      ...(signal === undefined ? {} : { signal }),
    })
  return { events, gate, came, ended, put }
}

test.each([
  ['waits for its answer', false],
  ['is gone before its answer', true],
])(
  'of two writings of one caller the one that came first is done first, also when who sent it %s',
  async (_how, leaves) => {
    const { events, gate, came, ended, put } = await slowService()
    const leaving = new AbortController()
    const first = put('first', 'a=1', leaving.signal).catch(() => undefined)
    await expect.poll(() => events).toEqual(['first begins'])
    const second = put('second', 'a=1')
    await came.promise
    if (leaves) leaving.abort()
    await put('other caller', 'a=2')
    expect(events).toEqual(['first begins', 'other caller begins', 'other caller ends'])
    gate.resolve()
    await Promise.all([first, second, ended.promise])
    expect(events.slice(3)).toEqual(['first ends', 'second begins', 'second ends'])
  },
)

test('a writing that a later one of its page overtook is refused; those of another page are not', async () => {
  const { events, gate, put } = await slowService()
  gate.resolve()
  const [page, otherPage] = ['0123456789abcdef', 'fedcba9876543210']
  expect((await put('second', 'a=1', undefined, `${page} 2`)).ok).toBe(true)
  expect((await put('first', 'a=1', undefined, `${page} 1`)).ok).toBe(false)
  expect((await put('other page', 'a=1', undefined, `${otherPage} 1`)).ok).toBe(true)
  expect((await put('third', 'a=1', undefined, `${page} 3`)).ok).toBe(true)
  expect(events.filter((event) => event.endsWith('ends'))).toEqual([
    'second ends',
    'other page ends',
    'third ends',
  ])
})
