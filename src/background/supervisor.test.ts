import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WorkLoop } from '../concurrency/work-loop.ts'
import { Supervisor, type Part } from './supervisor.ts'

const SOON_MS = 5
const LONG_MS = 3_600_000
const QUICK = { firstMs: SOON_MS, longestMs: SOON_MS }

function ignored(): void {}

/** A server that is begun and ended as a part. */
function listener(name: string, port: () => number): { part: Part; server: Server } {
  const server = createServer()
  onTestFinished(() => void server.close())
  const part: Part = {
    name,
    async begin() {
      server.listen(port(), '127.0.0.1')
      await once(server, 'listening')
    },
    end: () => void server.close(),
  }
  return { part, server }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** A loop that counts its steps. */
function counter(): { loop: WorkLoop; steps: () => number } {
  let steps = 0
  const loop = new WorkLoop({
    everyMs: SOON_MS,
    onTrouble: ignored,
    async step() {
      steps += 1
      return false
    },
  })
  return { loop, steps: () => steps }
}

test('a start that fails half-way says why, ends what was begun, and nothing has worked', async () => {
  const parts = new Supervisor()
  const first = listener('first', () => 0)
  const { loop, steps } = counter()
  parts.add({ ...first.part, loops: [loop] })
  // On the port of the first.
  const second = listener('second', () => portOf(first.server))
  parts.add(second.part)
  const third = listener('third', () => 0)
  parts.add(third.part)
  await expect(parts.start(ignored)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect([first, second, third].map(({ server }) => server.listening)).toEqual([false, false, false])
  expect(steps()).toBe(0)
  loop.start()
  await loop.stop()
  expect(steps()).toBe(0)
})

test('what fails to end when a start fails is told, and the start still says its own reason', async () => {
  const parts = new Supervisor()
  const told: unknown[] = []
  parts.add({
    name: 'stuck',
    end() {
      throw new Error('does not end')
    },
  })
  parts.add({
    name: 'broken',
    begin() {
      throw new Error('does not begin')
    },
  })
  await expect(parts.start((error) => told.push(error))).rejects.toThrow('does not begin')
  expect(told).toMatchObject([{ message: 'does not end' }])
})

test('a stop ends every part, the last begun first, also when one of them throws, and says so', async () => {
  const parts = new Supervisor()
  const ended: string[] = []
  const { loop, steps } = counter()
  const server = listener('server', () => 0)
  parts.add({ ...server.part, loops: [loop] })
  parts.add({ name: 'first', end: () => ended.push('first') })
  parts.add({
    name: 'broken',
    end() {
      ended.push('broken')
      throw new Error('does not end')
    },
  })
  parts.add({ name: 'last', end: async () => ended.push('last') })
  await parts.start(ignored)
  await expect.poll(steps).toBeGreaterThan(1)
  await expect(parts.stop()).rejects.toThrow('does not end')
  expect(ended).toEqual(['last', 'broken', 'first'])
  expect(server.server.listening).toBe(false)
  const atStop = steps()
  loop.wake()
  await parts.stop()
  expect(steps()).toBe(atStop)
  expect(loop.status.state).toBe('idle')
})

test('a part whose step fails is begun anew until it works; meanwhile it says so, and why', async () => {
  const parts = new Supervisor()
  let isBroken = false
  let kept: object | undefined
  const made = new Set<object>()
  const loop = new WorkLoop({
    everyMs: SOON_MS,
    retry: QUICK,
    onTrouble: ignored,
    async step() {
      kept ??= {}
      made.add(kept)
      if (isBroken) throw new Error('broken')
      return false
    },
    async reset() {
      kept = undefined
    },
  })
  parts.add({ name: 'worker', loops: [loop, counter().loop] })
  parts.add({ name: 'other', loops: [counter().loop] })
  onTestFinished(() => parts.stop())
  await parts.start(ignored)
  const stateOf = (name: string) => parts.states[name].state
  await expect.poll(() => [stateOf('worker'), stateOf('other')]).toEqual(['ready', 'ready'])
  expect([made.size, parts.states.worker.lastFailure]).toEqual([1, undefined])
  isBroken = true
  await expect.poll(() => stateOf('worker')).toBe('failed')
  expect(stateOf('other')).toBe('ready')
  await expect.poll(() => parts.states.worker.failures).toBeGreaterThan(2)
  isBroken = false
  await expect.poll(() => stateOf('worker')).toBe('ready')
  expect(made.size).toBeGreaterThan(2)
  expect(parts.states.worker.lastFailure).toMatchObject({ error: { message: 'broken' } })
})

test('a loop works at once when it is woken, and a stop waits for the step under way', async () => {
  const begun: AbortSignal[] = []
  const gate = Promise.withResolvers<void>()
  const loop = new WorkLoop({
    everyMs: LONG_MS,
    onTrouble: ignored,
    async step(signal) {
      begun.push(signal)
      if (begun.length === 2) await gate.promise
      return false
    },
  })
  loop.start()
  await expect.poll(() => begun.length).toBe(1)
  loop.wake()
  await expect.poll(() => begun.length).toBe(2)
  let hasStopped = false
  const stop = loop.stop().finally(() => {
    hasStopped = true
  })
  expect(begun[1].aborted).toBe(true)
  await new Promise(setImmediate)
  expect(hasStopped).toBe(false)
  gate.resolve()
  await stop
  expect(begun).toHaveLength(2)
})
