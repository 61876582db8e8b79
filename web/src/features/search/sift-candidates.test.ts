import { expect, test } from 'vitest'
import type { Candidate } from '../../ui/candidate-facts.ts'
import { OPEN_SIEVE, passes, type Sieve } from './sift-candidates.ts'
import type { KeptMark, Marks } from './use-marks.ts'

type Media = NonNullable<Candidate['media']>

/** What of a photo a sieve looks at. */
function found(
  rank: number,
  facts: { at?: string; exifAt?: string; name?: string; note?: string },
): Candidate {
  const source = {
    name: facts.name ?? `${rank}.jpg`,
    capturedAt: facts.at ?? null,
    note: facts.note ?? null,
    collector: null,
    sourceUrl: `https://archive.example/${rank}`,
  }
  const media = {
    collections: [{ id: rank % 2 === 0 ? 'even' : 'odd' }],
    sources: [source],
    exifCapturedAt: facts.exifAt ?? null,
  }
  return { rank, person: null, media: media as unknown as Media } as Candidate
}

const LIST = [
  found(1, { at: '2022-04-01', note: 'Станція Бровари' }),
  found(2, { exifAt: '2022-04-05T10:00:00', name: 'Platform.JPG' }),
  found(3, { at: '2022-04-09', exifAt: '2020-01-01T00:00:00' }),
  found(4, {}),
]
const MARKS: Record<number, KeptMark['mark']> = { 1: 'later', 3: 'rejected' }
const marks: Marks = {
  of: (rank) =>
    MARKS[rank] === undefined
      ? undefined
      : { rank, mark: MARKS[rank], accountId: 'a', markedBy: 'A', markedAt: '2022-05-01T00:00:00Z' },
  toggle: () => undefined,
  error: null,
}

test.each<[string, Partial<Sieve>, number[]]>([
  ['nothing', {}, [1, 2, 3, 4]],
  ['a collection', { collection: 'even' }, [2, 4]],
  ['words of a note, in whatever case', { words: '  бровари ' }, [1]],
  ['words of a name', { words: 'platform' }, [2]],
  ['words of an address', { words: 'archive.example/3' }, [3]],
  ['words that are nowhere', { words: 'nowhere' }, []],
  ['a first day: what has no day passes not', { since: '2022-04-01' }, [1, 2, 3]],
  ['a last day, which is taken in whole', { until: '2022-04-05' }, [1, 2]],
  ['a day of the source before that of the camera', { since: '2022-04-09', until: '2022-04-09' }, [3]],
  ['no mark', { marks: 'unmarked' }, [2, 4]],
  ['kept for later', { marks: 'later' }, [1]],
  ['all but what was rejected', { marks: 'not_rejected' }, [1, 2, 4]],
  ['two wishes at once', { collection: 'odd', marks: 'not_rejected' }, [1]],
])('a list is sifted by %s', (_what, wishes, left) => {
  const sieve = { ...OPEN_SIEVE, ...wishes }
  expect(LIST.filter((one) => passes(one, sieve, marks)).map(({ rank }) => rank)).toEqual(left)
})
