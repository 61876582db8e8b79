import { expect, test } from 'vitest'
import type { Sample } from './accuracy.ts'
import { measureOneEnrolled } from './one-enrolled.ts'

/** A unit vector in the plane at an angle, so that similarities are cosines that can be checked by hand. */
function at(person: string, degrees: number): Sample {
  const radians = (degrees * Math.PI) / 180
  return { person, template: Float32Array.of(Math.cos(radians), Math.sin(radians)) }
}

// Enrolled at 0, 90 and 180 degrees; found again 5 and 20 degrees beside, and, once, nearer to somebody else.
const enrolled = [at('a', 0), at('a', 5), at('a', 20), at('b', 90), at('b', 95), at('c', 180), at('c', 100)]
const strangers = Array.from({ length: 10 }, (_, i) => at(`stranger ${i}`, 200 + 4 * i))

test('strangers set the threshold; mates below it are missed, by every photo but the enrolled one', () => {
  const measured = measureOneEnrolled([...enrolled, ...strangers])!
  // The nearest stranger is at 200, 20 degrees from the one at 180; the second at 204.
  expect(measured.openSet).toMatchObject({ enrolled: 3, matedSearches: 4, nonMatedSearches: 10 })
  expect(Object.keys(measured.openSet.fnir)).toEqual(['0.1'])
  expect(measured.openSet.thresholds['0.1']).toBeCloseTo(Math.cos((24 * Math.PI) / 180), 6)
  expect(measured.openSet.fnir['0.1'].value).toBe(1 / 4)
  expect(measured.closedSet).toMatchObject({ enrolled: 13, searches: 4 })
  expect(measured.closedSet.rank1.value).toBe(3 / 4)
  // Only the one at 90 is nearer to 100 than the own one at 180 is.
  expect(measured.closedSet.rank20.value).toBe(1)
})

test('an interval holds its rate, is the same every time, and is wide with three people', () => {
  const [first, second] = [0, 1].map(() => measureOneEnrolled([...enrolled, ...strangers])!.closedSet.rank1)
  expect(first).toEqual(second)
  expect(first.from).toBeLessThan(first.value)
  expect(first.to).toBeGreaterThan(first.value)
})

test('without strangers, or without mates, there is nothing to say', () => {
  expect(measureOneEnrolled(enrolled)).toBeUndefined()
  expect(measureOneEnrolled(strangers)).toBeUndefined()
})
