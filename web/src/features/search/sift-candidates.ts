import { capturedAt, sourceName, type Candidate } from '../../ui/candidate-facts.ts'
import type { Marks } from './use-marks.ts'

/** What of a list is shown; nothing is searched again. */
export interface Sieve {
  collection: string
  words: string
  /** First and last day of capture, YYYY-MM-DD; empty: any. */
  since: string
  until: string
  marks: 'all' | 'unmarked' | 'later' | 'not_rejected'
}

export const OPEN_SIEVE: Sieve = { collection: '', words: '', since: '', until: '', marks: 'all' }

/** Whether a candidate passes. Without a day of capture it passes no filter of days. */
export function passes(candidate: Candidate, sieve: Sieve, marks: Marks): boolean {
  const { collection, words, since, until } = sieve
  const mark = marks.of(candidate.rank)?.mark
  const day = capturedAt(candidate)?.slice(0, 'YYYY-MM-DD'.length)
  return (
    (collection === '' || candidate.media?.collections.some(({ id }) => id === collection) === true) &&
    (since === '' || (day !== undefined && day >= since)) &&
    (until === '' || (day !== undefined && day <= until)) &&
    (sieve.marks === 'all' ||
      (sieve.marks === 'unmarked' && mark === undefined) ||
      (sieve.marks === 'later' && mark === 'later') ||
      (sieve.marks === 'not_rejected' && mark !== 'rejected')) &&
    hasWords(candidate, words)
  )
}

function hasWords(candidate: Candidate, words: string): boolean {
  const wanted = words.trim().toLowerCase()
  if (wanted === '') return true
  const { media, person } = candidate
  const facts = [
    sourceName(candidate),
    capturedAt(candidate),
    person?.name,
    person?.ref,
    ...(media?.sources ?? []).flatMap(({ note, collector, sourceUrl }) => [note, collector, sourceUrl]),
  ]
  return facts.some((fact) => fact?.toLowerCase().includes(wanted))
}
