import { expect, test } from 'vitest'
import { singlesLast } from './singles-last.ts'

test('photos with one candidate share the last group; whom people have named, and photos with several, have their own', () => {
  const anna = { id: 'p1' }
  const groups = singlesLast(
    [
      { key: 'm1', title: 'one.jpg', candidates: [{ rank: 1, person: null }] },
      { key: 'p1', title: 'Anna', candidates: [{ rank: 2, person: anna }] },
      { key: 'm3', title: 'three.jpg', candidates: [{ rank: 3, person: null }] },
      {
        key: 'm5',
        title: 'five.jpg',
        candidates: [
          { rank: 4, person: null },
          { rank: 5, person: null },
        ],
      },
    ],
    'One photo each',
  )
  expect(groups.map(({ title, candidates }) => [title, candidates.map(({ rank }) => rank)])).toEqual([
    ['Anna', [2]],
    ['five.jpg', [4, 5]],
    ['One photo each', [1, 3]],
  ])
})
