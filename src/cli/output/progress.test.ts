import process from 'node:process'
import { afterEach, expect, test, vi } from 'vitest'
import { ProgressLine } from './progress.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('into a pipe a line is written every ten seconds, whole and without control characters', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const isTty = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY')
  Object.defineProperty(process.stderr, 'isTTY', { value: false, configurable: true })
  let written = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text)
    return true
  })
  try {
    const line = new ProgressLine('Reading photos')
    for (let done = 0; done <= 300; done++) {
      line.update(done, 6000, `${done} of 6000 files`)
      vi.advanceTimersByTime(100)
    }
    line.end()
  } finally {
    if (isTty === undefined) Reflect.deleteProperty(process.stderr, 'isTTY')
    else Object.defineProperty(process.stderr, 'isTTY', isTty)
  }
  expect(written.split('\n')).toEqual([
    'Reading photos: 2 %, 100 of 6000 files, 10.0 a second, 10 min left',
    'Reading photos: 3 %, 200 of 6000 files, 10.0 a second, 10 min left',
    'Reading photos: 5 %, 300 of 6000 files, 10.0 a second, 10 min left',
    '',
  ])
})
