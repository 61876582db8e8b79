import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { benchAfterKey, LARGEST_ZOOM, NEW_BENCH, SMALLEST_ZOOM, zoomAbout, type Bench } from './view.ts'

const place = fc.double({ min: -2000, max: 2000, noNaN: true })
const zoom = fc.double({ min: SMALLEST_ZOOM, max: LARGEST_ZOOM, noNaN: true })
const view = fc.record({ zoom, panX: place, panY: place, turn: fc.integer({ min: -180, max: 180 }) })

/** The bench after keys that all mean something. */
function after(keys: string, bench: Bench = NEW_BENCH): Bench {
  return keys.split('').reduce((now, key) => benchAfterKey(now, key)!, bench)
}

describe('zooming', () => {
  test('leaves what is under the pointer where it is, within the limits', () => {
    fc.assert(
      fc.property(
        view,
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        place,
        place,
        (before, factor, x, y) => {
          const now = zoomAbout(before, factor, x, y)
          expect(now.zoom).toBeGreaterThanOrEqual(SMALLEST_ZOOM)
          expect(now.zoom).toBeLessThanOrEqual(LARGEST_ZOOM)
          expect(now.turn).toBe(before.turn)
          // The place of the picture under the pointer, in its own size.
          expect((x - now.panX) / now.zoom).toBeCloseTo((x - before.panX) / before.zoom, 6)
          expect((y - now.panY) / now.zoom).toBeCloseTo((y - before.panY) / before.zoom, 6)
        },
      ),
    )
  })

  test('in and out again is as before, and 0 brings the faces back', () => {
    expect(after('++--').view.zoom).toBeCloseTo(1, 12)
    expect(after('+++[0')).toEqual(NEW_BENCH)
  })
})

describe('keys', () => {
  test('choose how the pictures are laid on each other', () => {
    expect(['1', '2', '3', '4'].map((key) => after(key).mode)).toEqual(['side', 'overlay', 'wipe', 'blink'])
  })

  test('turn by one degree, and move the picture against the arrow', () => {
    expect(after(']]]').view.turn).toBe(3)
    expect(after('[').view.turn).toBe(-1)
    const right = benchAfterKey(NEW_BENCH, 'ArrowRight')!
    expect(right.view.panX).toBeLessThan(0)
    expect(benchAfterKey(right, 'ArrowLeft')).toEqual(NEW_BENCH)
    const down = benchAfterKey(NEW_BENCH, 'ArrowDown')!
    expect(down.view.panY).toBeLessThan(0)
    expect(benchAfterKey(down, 'ArrowUp')).toEqual(NEW_BENCH)
  })

  test('f turns the candidate alone, g shows a grid, v hides notes, each until it is pressed again', () => {
    const flipped = after('f')
    expect([flipped.candidate.flipped, flipped.probe.flipped]).toEqual([true, false])
    for (const key of 'fgv') {
      expect(after(key), key).not.toEqual(NEW_BENCH)
      expect(after(key + key), key).toEqual(NEW_BENCH)
    }
  })

  test('l and w change what is brought together, and begin in the middle again', () => {
    expect(after('+l')).toEqual({ ...NEW_BENCH, frame: 'boxes' })
    expect(after('+w')).toEqual({ ...NEW_BENCH, frame: 'whole' })
    expect(after('ll')).toEqual(NEW_BENCH)
    expect(after('ww')).toEqual(NEW_BENCH)
  })

  test('that mean nothing here are left to the page', () => {
    for (const key of ['Tab', 'Enter', 'Escape', ' ', 'x', '5', 'F'])
      expect(benchAfterKey(NEW_BENCH, key)).toBeUndefined()
  })
})
