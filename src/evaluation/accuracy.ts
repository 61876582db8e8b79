import { similarity } from '../engine/embed/similarity.ts'

/** A face with its person, for measuring. */
export interface Sample {
  person: string
  template: Float32Array
}

/** 1:1 comparison over all pairs, and 1:N search of each face among all others. Rates are 0 to 1. */
export interface Accuracy {
  /** Share of the searches whose most similar face is of the same person; only people with another face count. */
  rank1: number
  searches: number
  /** Share of mated pairs at or above the threshold at which the given share of non-mated pairs passes. */
  tar: Record<string, number>
  /** The thresholds used for {@link tar}. */
  thresholds: Record<string, number>
  /** Where false matches and false non-matches are equally frequent. */
  equalErrorRate: number
  matedPairs: number
  nonMatedPairs: number
  /** Open set: share of mated searches without their mate at or above the threshold, at the given false positive share. */
  fnir: Record<string, number>
  /** Searches by people who were left out of the gallery. */
  nonMatedSearches: number
}

/** Points of the curves, and the errors worth looking at. */
export interface AccuracyDetail {
  accuracy: Accuracy
  /** False match rate and false non-match rate over thresholds. */
  det: { falseMatchRate: number; falseNonMatchRate: number; threshold: number }[]
  /** Share of searches whose mate is among the first n. */
  cmc: number[]
  /** Indices of the least similar mated and the most similar non-mated pairs. */
  worstMated: { a: number; b: number; similarity: number }[]
  worstNonMated: { a: number; b: number; similarity: number }[]
}

export const FALSE_ACCEPT_RATES = ['0.01', '0.001', '0.0001'] as const
export const FALSE_POSITIVE_RATE = '0.01'
const CMC_RANKS = 20
const WORST_SHOWN = 8

/** Measures a set of labelled faces against itself. Memory: 2 bytes a pair of faces, 350 MB for 13,233 faces. */
export function measureAccuracy(samples: readonly Sample[]): AccuracyDetail {
  const { mated, impostors, worstNonMated, probes } = comparePairs(samples)
  mated.sort((a, b) => a.similarity - b.similarity)
  // Numbers in one piece of memory: as objects, the pairs of ten thousand faces do not fit a heap.
  // oxlint-disable-next-line unicorn/no-array-sort -- a sorted copy would take as much memory again
  impostors.sort().reverse()
  const genuine = mated.map((pair) => pair.similarity)
  const thresholds = Object.fromEntries(
    FALSE_ACCEPT_RATES.map((rate) => [rate, thresholdAt(impostors, Number(rate))]),
  )
  const ranks = probes.flatMap(({ rank }) => (rank === undefined ? [] : [rank]))
  const openSet = measureOpenSet(probes)
  const det = traceDet(genuine, impostors)
  return {
    accuracy: {
      rank1: share(ranks, (rank) => rank === 1),
      searches: ranks.length,
      tar: Object.fromEntries(
        FALSE_ACCEPT_RATES.map((rate) => [rate, share(genuine, (score) => score >= thresholds[rate])]),
      ),
      thresholds,
      equalErrorRate: equalErrorRate(det),
      matedPairs: genuine.length,
      nonMatedPairs: impostors.length,
      fnir: { [FALSE_POSITIVE_RATE]: openSet.fnir },
      nonMatedSearches: openSet.nonMatedSearches,
    },
    det,
    cmc: Array.from({ length: CMC_RANKS }, (_, index) => share(ranks, (rank) => rank <= index + 1)),
    worstMated: mated.slice(0, WORST_SHOWN),
    worstNonMated,
  }
}

interface Pair {
  a: number
  b: number
  similarity: number
}

/** What the search with one face among all others gives. */
interface ProbeResult {
  /** Rank of the first face of the same person; undefined where there is none. */
  rank: number | undefined
  bestMate: number | undefined
  /** -1 where everybody else is the same person. */
  bestNonMate: number
}

interface Compared {
  mated: Pair[]
  /** Similarities of all pairs of different people, in no order. */
  impostors: Float32Array
  worstNonMated: Pair[]
  probes: ProbeResult[]
}

/** Compares each face with all others, one face after another, so that no more than one face's results are held. */
function comparePairs(samples: readonly Sample[]): Compared {
  const mated: Pair[] = []
  const worstNonMated: Pair[] = []
  const impostors = new Float32Array((samples.length * (samples.length - 1)) / 2 - countMated(samples))
  const probes: ProbeResult[] = []
  const scores = new Float64Array(samples.length)
  let filled = 0
  for (const [a, { person, template }] of samples.entries()) {
    let bestMate: number | undefined
    let bestNonMate = -1
    for (const [b, other] of samples.entries()) {
      if (a === b) continue
      const score = similarity(template, other.template)
      scores[b] = score
      const isMate = other.person === person
      if (isMate) bestMate = Math.max(bestMate ?? -1, score)
      else bestNonMate = Math.max(bestNonMate, score)
      if (b < a) continue
      if (isMate) mated.push({ a, b, similarity: score })
      else {
        impostors[filled++] = score
        keepWorst(worstNonMated, { a, b, similarity: score })
      }
    }
    const best = bestMate
    const ahead =
      best === undefined ? [] : samples.filter((other, b) => other.person !== person && scores[b] > best)
    probes.push({ rank: best === undefined ? undefined : ahead.length + 1, bestMate, bestNonMate })
  }
  return { mated, impostors, worstNonMated, probes }
}

function countMated(samples: readonly Sample[]): number {
  const faces = new Map<string, number>()
  for (const { person } of samples) faces.set(person, (faces.get(person) ?? 0) + 1)
  return [...faces.values()].reduce((sum, count) => sum + (count * (count - 1)) / 2, 0)
}

/** Keeps the most similar pairs, falling; of equals the first. */
function keepWorst(worst: Pair[], pair: Pair): void {
  if (worst.length === WORST_SHOWN && worst[WORST_SHOWN - 1].similarity >= pair.similarity) return
  const at = worst.findIndex(({ similarity: other }) => other < pair.similarity)
  worst.splice(at === -1 ? worst.length : at, 0, pair)
  worst.length = Math.min(worst.length, WORST_SHOWN)
}

/**
 * The lowest threshold that at most the given share of non-mated scores passes. Where the share means less than one
 * pair, none may pass.
 * @param impostors falling
 */
function thresholdAt(impostors: ArrayLike<number>, rate: number): number {
  const allowed = Math.floor(rate * impostors.length)
  const next = impostors[allowed]
  return next === undefined ? -1 : nextAbove(next)
}

/** The smallest step above a similarity that matters; scores are float32. */
function nextAbove(score: number): number {
  return score + 2 ** -24
}

function share<T>(items: readonly T[], passes: (item: T) => boolean): number {
  return items.length === 0 ? 0 : items.filter(passes).length / items.length
}

/**
 * Open-set identification, leaving people out in turn: with each person's faces removed from the gallery their
 * searches are non-mated and their highest score is a chance of a false positive; with their faces present (but the
 * probe) they are mated. The threshold lets {@link FALSE_POSITIVE_RATE} of the non-mated searches through
 * (ISO/IEC 19795-1; NIST FRTE 1:N reports FNIR at fixed FPIR in this way).
 */
function measureOpenSet(probes: readonly ProbeResult[]): { fnir: number; nonMatedSearches: number } {
  const highestNonMated = probes.map(({ bestNonMate }) => bestNonMate).toSorted((a, b) => b - a)
  const threshold = thresholdAt(highestNonMated, Number(FALSE_POSITIVE_RATE))
  const mated = probes.flatMap(({ bestMate }) => (bestMate === undefined ? [] : [bestMate]))
  return { fnir: share(mated, (score) => score < threshold), nonMatedSearches: highestNonMated.length }
}

const DET_POINTS = 200

/** @param genuine rising @param impostors falling */
function traceDet(genuine: readonly number[], impostors: Float32Array): AccuracyDetail['det'] {
  const low = Math.min(genuine[0] ?? -1, impostors[impostors.length - 1] ?? -1)
  const high = Math.max(genuine[genuine.length - 1] ?? 1, impostors[0] ?? 1)
  return Array.from({ length: DET_POINTS + 1 }, (_, index) => {
    const threshold = low + ((high - low) * index) / DET_POINTS
    return {
      threshold,
      falseMatchRate: impostors.length === 0 ? 0 : countFrom(impostors, threshold) / impostors.length,
      falseNonMatchRate: share(genuine, (score) => score < threshold),
    }
  })
}

/** How many of some falling scores are at or above a threshold. */
function countFrom(falling: Float32Array, threshold: number): number {
  let [low, high] = [0, falling.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (falling[middle] >= threshold) low = middle + 1
    else high = middle
  }
  return low
}

function equalErrorRate(det: AccuracyDetail['det']): number {
  const gap = ({ falseMatchRate, falseNonMatchRate }: (typeof det)[number]): number =>
    Math.abs(falseMatchRate - falseNonMatchRate)
  const nearest = det.reduce((best, point) => (gap(point) < gap(best) ? point : best))
  return (nearest.falseMatchRate + nearest.falseNonMatchRate) / 2
}

/**
 * Rank-1 of degraded probes among clean references: each found probe against every clean face but its own.
 * @param probes in the order of `references`; undefined where no face was found
 * @returns share of all probes, found or not, whose most similar clean face is of the same person
 */
export function rank1OfProbes(
  probes: readonly (Float32Array | undefined)[],
  references: readonly Sample[],
): number {
  const right = probes.filter((probe, index) => {
    if (probe === undefined) return false
    let best = -2
    let person: string | undefined
    for (const [other, reference] of references.entries()) {
      if (other === index) continue
      const score = similarity(probe, reference.template)
      if (score > best) {
        best = score
        person = reference.person
      }
    }
    return person === references[index].person
  })
  return probes.length === 0 ? 0 : right.length / probes.length
}
