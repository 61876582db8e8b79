import { expect, test } from 'vitest'
import { meaning } from './compare-command.ts'

test('no rarity is said that nobody measured', () => {
  expect(meaning(1.6e-10, 9200)).toBe(
    'Rarer than measured: fewer than one in 9,200 pairs of different people scores as high.',
  )
  expect(meaning(1 / 500, 9200)).toBe('About one in 500 pairs of different people scores as high.')
  expect(meaning(0.6, 9200)).toMatch(/^Most pairs/)
})
