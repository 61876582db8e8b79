import { expect, test } from 'vitest'
import { formatsOf } from './use-formats.ts'

/** Spaces that do not break, which Ukrainian puts between thousands, as plain ones. */
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

test.each([
  ['en', '0.700', '1,234,567', '12,000'],
  ['uk', '0,700', '1 234 567', '12 000'],
] as const)('numbers in %s', (language, similarity, count, rough) => {
  const format = formatsOf(language)
  expect(format.similarity(0.7)).toBe(similarity)
  expect(plain(format.count(1_234_567))).toBe(count)
  expect(plain(format.rough(12_345))).toBe(rough)
})

test('a share has at most one decimal, a similarity always three', () => {
  const { percent, similarity } = formatsOf('en')
  expect([0, 0.5, 0.1234, 1].map(percent)).toEqual(['0%', '50%', '12.3%', '100%'])
  expect([0, 0.123_456, -0.05, 1].map(similarity)).toEqual(['0.000', '0.123', '-0.050', '1.000'])
})

test('a day stands before its month in both languages', () => {
  expect(formatsOf('en').day('2022-04-03')).toBe('3 Apr 2022')
  expect(plain(formatsOf('uk').day('2022-04-03'))).toMatch(/^3 квіт\. 2022/)
})
