import { expect, test } from 'vitest'
import { ProgressLine } from './progress.ts'

test('into a pipe a line is written every ten seconds, whole and without control characters', () => {
  let written = ''
  let nowMs = 0
  const pipe = { write: (text: string) => (written += text) }
  const line = new ProgressLine('Reading photos', pipe, () => nowMs)
  for (let done = 0; done <= 300; done++) {
    line.update(done, 6000, `${done} of 6000 files`)
    nowMs += 100
  }
  line.end()
  expect(written.split('\n')).toEqual([
    'Reading photos: 2 %, 100 of 6000 files, 10.0 a second, 10 min left',
    'Reading photos: 3 %, 200 of 6000 files, 10.0 a second, 10 min left',
    'Reading photos: 5 %, 300 of 6000 files, 10.0 a second, 10 min left',
    '',
  ])
})
