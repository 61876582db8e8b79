import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { MAX_VIDEO_READERS } from './limits.ts'
import { videoReadersOf } from './video-readers.ts'

test('few videos are read at once, whoever asks: of one import one, and all are read in the end', async () => {
  const engine = {}
  const reading: string[] = []
  const done: (() => void)[] = []
  let most = 0
  const ask = (importId: string): Promise<void> =>
    videoReadersOf(engine).run(
      importId,
      async () => {
        expect(reading).not.toContain(importId)
        reading.push(importId)
        most = Math.max(most, reading.length)
        await new Promise<void>((resolve) => done.push(resolve))
        reading.splice(reading.indexOf(importId), 1)
      },
      undefined,
    )
  const asked = Array.from({ length: 5 }, (_, at) => [ask(`import ${at}`), ask(`import ${at}`)]).flat()
  for (let ended = 0; ended < asked.length; ended++) {
    await nextTurn()
    done[ended]()
  }
  await Promise.all(asked)
  expect(most).toBe(MAX_VIDEO_READERS)
})

test('who waits for a place and is not wanted any more leaves at once, and holds nobody up', async () => {
  const readers = videoReadersOf({})
  const long = Promise.withResolvers<void>()
  const running = readers.run('a', () => long.promise, undefined)
  const stop = new AbortController()
  const given = readers.run('a', () => Promise.reject(new Error('must not start')), stop.signal)
  const later = readers.run('a', () => Promise.resolve('read'), undefined)
  stop.abort(new Error('not wanted'))
  await expect(given).rejects.toThrow('not wanted')
  long.resolve()
  await running
  expect(await later).toBe('read')
})
