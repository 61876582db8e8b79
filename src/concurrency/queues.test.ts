import { expect, test } from 'vitest'
import { BackOff, waitAfter } from './back-off.ts'
import { ConcurrencyLimit } from './concurrency-limit.ts'
import { SerialQueue } from './serial-queue.ts'

test('a serial queue does one piece after another in the order they came, also after one that fails', async () => {
  const queue = new SerialQueue()
  const events: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = queue.run(async () => {
    await gate.promise
    events.push('first')
  })
  const second = queue.run(async () => {
    events.push('second')
    throw new Error('second fails')
  })
  const third = queue.run(async () => events.push('third'))
  expect(events).toEqual([])
  gate.resolve()
  const [one, two, three] = await Promise.allSettled([first, second, third])
  expect([one.status, two.status, three.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(events).toEqual(['first', 'second', 'third'])
})

test('a serial queue refuses what is too much, and what comes after it was closed; what it took is done', async () => {
  const queue = new SerialQueue({ most: 2, refusal: () => new Error('too many') })
  const gate = Promise.withResolvers<void>()
  const done: number[] = []
  const first = queue.run(() => gate.promise)
  const second = queue.run(async () => done.push(2))
  await expect(queue.run(async () => done.push(3))).rejects.toThrow('too many')
  const closed = queue.close(() => new Error('closed'))
  await expect(queue.run(async () => done.push(4))).rejects.toThrow('closed')
  gate.resolve()
  await Promise.all([first, second, closed])
  expect(done).toEqual([2])
})

test('a limit lets in as many as it says, then who waits longest; who gives up leaves the queue, too many are refused', async () => {
  const limit = new ConcurrencyLimit({ places: 2, mostWaiting: 2, refusal: () => new Error('too many') })
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
  const begun: number[] = []
  const leaving = new AbortController()
  const run = (number: number, signal?: AbortSignal): Promise<void> =>
    limit.run(async () => {
      begun.push(number)
      await gates[number].promise
    }, signal)
  const works = [run(0), run(1)]
  const given = run(2, leaving.signal)
  works.push(run(3))
  await expect.poll(() => begun).toEqual([0, 1])
  expect(limit.waiting).toBe(2)
  await expect(run(0)).rejects.toThrow('too many')
  leaving.abort(new Error('gone'))
  await expect(given).rejects.toThrow('gone')
  expect(limit.waiting).toBe(1)
  gates[0].resolve()
  await expect.poll(() => begun).toEqual([0, 1, 3])
  for (const { resolve } of gates) resolve()
  await Promise.all(works)
  // A place is free again.
  await limit.run(async () => begun.push(9))
  expect(begun).toEqual([0, 1, 3, 9])
})

test('waits after failures double up to the longest, and begin anew after a success', () => {
  const backOff = new BackOff(10, 50)
  expect([backOff.failed(), backOff.failed(), backOff.failed(), backOff.failed()]).toEqual([10, 20, 40, 50])
  backOff.succeeded()
  expect(backOff.failed()).toBe(10)
  expect(waitAfter(10_000, 1, 60_000)).toBe(60_000)
})
