import { similarity } from '../engine/embed/similarity.ts'
import { seededBits } from '../gallery/kernel/transform.ts'
import type { Sample } from './accuracy.ts'

/** A rate, 0 to 1, with its 95 % interval by bootstrap over people. */
export interface Rate {
  value: number
  from: number
  to: number
}

/**
 * One photo of each person enrolled, the first, as a collection of missing persons has it; the others are searched with.
 * Open set (ISO/IEC 19795-1, NIST FRTE 1:N): those of two photos or more are enrolled, people of one photo are the
 * strangers. Closed set: everybody is enrolled.
 */
export interface OneEnrolled {
  openSet: {
    enrolled: number
    matedSearches: number
    nonMatedSearches: number
    /** FPIR -> FNIR(N, 1, T), T the similarity that this share of strangers' searches reach; a share of less than one is left out. */
    fnir: Record<string, Rate>
    thresholds: Record<string, number>
  }
  closedSet: { enrolled: number; searches: number; rank1: Rate; rank20: Rate }
}

const FALSE_POSITIVE_RATES = ['0.1', '0.01', '0.001'] as const
const RESAMPLINGS = 400
const SEED = 19795

interface Search {
  person: string
  /** Its first photo is enrolled in the open set. */
  isMated: boolean
  mate: number
  /** Highest among those enrolled in the open set, the mate apart. */
  highestOther: number
  /** In the closed set; undefined for photos that are enrolled there. */
  rank: number | undefined
}

/** Measures it. @returns undefined when nobody has two photos, or everybody has */
export function measureOneEnrolled(samples: readonly Sample[]): OneEnrolled | undefined {
  const byPerson = Map.groupBy(samples, ({ person }) => person)
  const firsts = [...byPerson].map(([person, [first, ...rest]]) => ({
    person,
    first,
    isMated: rest.length > 0,
  }))
  const enrolled = firsts.filter(({ isMated }) => isMated).length
  if (enrolled === 0 || enrolled === firsts.length) return undefined
  const searches = [...byPerson.values()].flatMap(([first, ...rest]) =>
    (rest.length > 0 ? rest : [first]).map((sample) => searchWith(sample, firsts)),
  )
  const mated = searches.filter(({ isMated }) => isMated)
  const strangers = searches.filter(({ isMated }) => !isMated)
  const highest = strangers.map(({ highestOther }) => highestOther).toSorted((a, b) => b - a)
  const rates = FALSE_POSITIVE_RATES.filter((rate) => Number(rate) * highest.length >= 1)
  const thresholds = Object.fromEntries(
    rates.map((rate) => [rate, highest[Math.floor(Number(rate) * highest.length)]]),
  )
  const missed = (rate: string) => (search: Search) => search.mate <= thresholds[rate]
  return {
    openSet: {
      enrolled,
      matedSearches: mated.length,
      nonMatedSearches: strangers.length,
      fnir: Object.fromEntries(rates.map((rate) => [rate, rateOf(mated, missed(rate))])),
      thresholds,
    },
    closedSet: {
      enrolled: firsts.length,
      searches: mated.length,
      rank1: rateOf(mated, ({ rank }) => rank === 1),
      rank20: rateOf(mated, ({ rank }) => rank !== undefined && rank <= 20),
    },
  }
}

/** A figure in words, for people. */
interface Figure {
  name: string
  value: string
  of: string
}

/** Its figures in words, for people. */
export function oneEnrolledFigures(measured: OneEnrolled | undefined): Figure[] {
  if (measured === undefined) return []
  const { openSet, closedSet } = measured
  const open = `one photo of each of ${openSet.enrolled} people enrolled, ${openSet.matedSearches} mated and ${openSet.nonMatedSearches} non-mated searches`
  const closed = `one photo of each of ${closedSet.enrolled} people enrolled, ${closedSet.searches} searches`
  return [
    ...Object.entries(openSet.fnir).map(([fpir, rate]) =>
      figure(`FNIR at FPIR ${fpir}, one enrolled`, rate, open),
    ),
    figure('rank-1, one enrolled', closedSet.rank1, closed),
    figure('rank-20, one enrolled', closedSet.rank20, closed),
  ]
}

function figure(name: string, { value, from, to }: Rate, of: string): Figure {
  return {
    name,
    value: value.toFixed(4),
    of: `95 % interval ${from.toFixed(4)} to ${to.toFixed(4)}; ${of}`,
  }
}

function searchWith(
  { person, template }: Sample,
  firsts: readonly { person: string; first: Sample; isMated: boolean }[],
): Search {
  let [mate, highestOther, isMated] = [-1, -1, false]
  const scores: number[] = []
  for (const other of firsts) {
    const score = similarity(template, other.first.template)
    if (other.person === person) [mate, isMated] = [score, other.isMated]
    else {
      scores.push(score)
      if (other.isMated) highestOther = Math.max(highestOther, score)
    }
  }
  const rank = isMated ? 1 + scores.filter((score) => score > mate).length : undefined
  return { person, isMated, mate, highestOther, rank }
}

/** A share of searches; people, with all their searches, are drawn again and again for the interval. */
function rateOf(searches: readonly Search[], counts: (search: Search) => boolean): Rate {
  const people = [...Map.groupBy(searches, ({ person }) => person).values()].map((own) => ({
    of: own.length,
    counted: own.filter(counts).length,
  }))
  const next = seededBits(SEED)
  const shares = Array.from({ length: RESAMPLINGS }, () => {
    const drawn = people.map(() => people[next() % people.length])
    return sum(drawn.map(({ counted }) => counted)) / sum(drawn.map(({ of }) => of))
  }).toSorted((a, b) => a - b)
  const [from, to] = [0.025, 0.975].map((share) => shares[Math.floor(share * RESAMPLINGS)])
  return { value: searches.filter(counts).length / searches.length, from, to }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
