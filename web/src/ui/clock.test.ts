import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clock } from './clock.ts'

test('a time in a video stands as players show it', () => {
  expect([0, 9.9, 60, 599, 3600, 36_061].map(clock)).toEqual([
    '0:00',
    '0:09',
    '1:00',
    '9:59',
    '1:00:00',
    '10:01:01',
  ])
})

test('whatever the time, read back it is the whole seconds', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 400_000, noNaN: true }), (seconds) => {
      const read = clock(seconds)
        .split(':')
        .reduce((sum, part) => sum * 60 + Number(part), 0)
      expect(read).toBe(Math.floor(seconds))
    }),
  )
})
