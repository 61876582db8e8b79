import { expect, test } from 'vitest'
import type { Candidate } from './candidate-facts.ts'
import { groupCandidates } from './group-candidates.ts'

/** As much of a candidate as grouping looks at. */
function candidate(
  rank: number,
  mediaId: string,
  person: { id: string; name: string } | null = null,
): Candidate {
  return { rank, mediaId, person, media: null } as unknown as Candidate
}

test('by person and photo: linked photos and photos with several candidates have groups, the rest share one', () => {
  const anna = { id: 'p1', name: 'Anna' }
  const groups = groupCandidates(
    [
      candidate(1, 'm1'),
      candidate(2, 'm2', anna),
      candidate(3, 'm3'),
      candidate(4, 'm4', anna),
      candidate(5, 'm5'),
      candidate(6, 'm5'),
    ],
    'person',
    { unknown: 'gone', rest: 'One photo each' },
  )
  expect(groups.map(({ title, candidates }) => [title, candidates.map(({ rank }) => rank)])).toEqual([
    ['Anna', [2, 4]],
    ['gone', [5, 6]],
    ['One photo each', [1, 3]],
  ])
})
