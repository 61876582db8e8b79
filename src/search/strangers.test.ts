import { expect, test } from 'vitest'
import { strangersWords } from '../report/pdf/write-source.ts'
import { EN } from '../report/texts/en.ts'
import { UK } from '../report/texts/uk.ts'
import { scoreMeaning, strangersOfSearch } from './score-meaning.ts'
import { strangersText } from '../html-reports/strangers-text.ts'

const PAIRS = 9200
const pack = {
  source: 'made up',
  people: 18,
  pairs: PAIRS,
  points: [
    { similarity: 0.25, falseMatchRate: 1e-2 },
    { similarity: 0.33, falseMatchRate: 1e-3 },
  ],
}

test('of 9,200 pairs compared, nothing rarer than one of them is said, however alike two faces are', () => {
  const { strangersAmong, falseMatchRate } = scoreMeaning(undefined, pack)
  for (const similarity of [0.45, 0.6, 0.8, 1]) {
    expect(falseMatchRate(similarity)).toEqual({ value: 1 / PAIRS, extrapolated: true })
    expect(strangersAmong(184, similarity)).toEqual({ value: 184 / PAIRS, extrapolated: true })
  }
  const measured = strangersAmong(184, 0.33)!
  expect(measured.value).toBeCloseTo(0.184, 6)
  expect(measured.extrapolated).toBe(false)
})

test('a measure of more pairs says more, by the same rule', () => {
  const many = { ...pack, pairs: 10_000_000 }
  expect(scoreMeaning(undefined, many).falseMatchRate(0.41)).toMatchObject({ extrapolated: false })
  expect(scoreMeaning(undefined, many).falseMatchRate(0.9)).toEqual({ value: 1e-7, extrapolated: true })
})

test.each([
  [0.0200001, true, 'under 0.021'],
  [0.02, true, 'under 0.02'],
  [0.000652, true, 'under 0.00066'],
  [123.4, true, 'under 124'],
  [0.0184, false, '0.018'],
  [123.4, false, '123'],
  [undefined, false, 'not measured'],
  [null, false, 'not measured'],
] as const)('%s strangers, of which only the bound is known: %s, is said as %s', (expected, bound, words) => {
  expect(strangersText(expected, bound)).toBe(words)
})

test('what a search of before kept is shown within what it was measured on', () => {
  const search = { scores: JSON.stringify({ source: 'pack', pairs: PAIRS }), faces_searched: 184 }
  expect(strangersOfSearch(search, 1e-9)).toEqual({ value: 184 / PAIRS, extrapolated: true })
  expect(strangersOfSearch(search, 0.5)).toEqual({ value: 0.5, extrapolated: false })
  expect(strangersOfSearch({ ...search, scores: '{"source":"none"}' }, null)).toBeUndefined()
})

test('a report says the bound as one, in both languages', () => {
  const candidate = { rank: 1, faceId: 'f', mediaSha256: null, similarity: 0.7, strangersExpected: 0.02 }
  expect(strangersWords({ ...candidate, extrapolated: true }, EN.labels)).toBe('fewer than 0.02')
  expect(strangersWords({ ...candidate, extrapolated: true }, UK.labels)).toBe('менш ніж 0.02')
  expect(strangersWords({ ...candidate, extrapolated: false }, UK.labels)).toBe('0.02')
})
