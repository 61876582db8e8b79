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

/** Measures a set of labelled faces against itself. */
export function measureAccuracy(samples: readonly Sample[]): AccuracyDetail {
  const { mated, nonMated } = comparePairs(samples)
  mated.sort((a, b) => a.similarity - b.similarity)
  nonMated.sort((a, b) => b.similarity - a.similarity)
  const impostors = nonMated.map((pair) => pair.similarity)
  const genuine = mated.map((pair) => pair.similarity)
  const thresholds = Object.fromEntries(
    FALSE_ACCEPT_RATES.map((rate) => [rate, thresholdAt(impostors, Number(rate))]),
  )
  const ranks = ranksOfMates(samples)
  const openSet = measureOpenSet(samples)
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
    worstNonMated: nonMated.slice(0, WORST_SHOWN),
  }
}

interface Pair {
  a: number
  b: number
  similarity: number
}

function comparePairs(samples: readonly Sample[]): { mated: Pair[]; nonMated: Pair[] } {
  const mated: Pair[] = []
  const nonMated: Pair[] = []
  for (let a = 0; a < samples.length; a++) {
    for (let b = a + 1; b < samples.length; b++) {
      const pair = { a, b, similarity: similarity(samples[a].template, samples[b].template) }
      if (samples[a].person === samples[b].person) mated.push(pair)
      else nonMated.push(pair)
    }
  }
  return { mated, nonMated }
}

/**
 * The lowest threshold that at most the given share of non-mated scores passes. Where the share means less than one
 * pair, none may pass.
 * @param impostors falling
 */
function thresholdAt(impostors: readonly number[], rate: number): number {
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

/** For each face whose person has another one: the rank of the first face of the same person. */
function ranksOfMates(samples: readonly Sample[]): number[] {
  return samples.flatMap((probe, index) => {
    const others = samples.filter((_, other) => other !== index)
    const mates = others.filter(({ person }) => person === probe.person)
    if (mates.length === 0) return []
    const best = Math.max(...mates.map(({ template }) => similarity(probe.template, template)))
    const ahead = others.filter(
      ({ person, template }) => person !== probe.person && similarity(probe.template, template) > best,
    )
    return [ahead.length + 1]
  })
}

/**
 * Open-set identification, leaving people out in turn: with each person's faces removed from the gallery their
 * searches are non-mated and their highest score is a chance of a false positive; with their faces present (but the
 * probe) they are mated. The threshold lets {@link FALSE_POSITIVE_RATE} of the non-mated searches through
 * (ISO/IEC 19795-1; NIST FRTE 1:N reports FNIR at fixed FPIR in this way).
 */
function measureOpenSet(samples: readonly Sample[]): { fnir: number; nonMatedSearches: number } {
  const highestNonMated = samples
    .map((probe) =>
      samples.reduce(
        (best, { person, template }) =>
          person === probe.person ? best : Math.max(best, similarity(probe.template, template)),
        -1,
      ),
    )
    .toSorted((a, b) => b - a)
  const threshold = thresholdAt(highestNonMated, Number(FALSE_POSITIVE_RATE))
  const mated = samples.flatMap((probe, index) => {
    const mates = samples.filter(({ person }, other) => person === probe.person && other !== index)
    return mates.length === 0
      ? []
      : [Math.max(...mates.map(({ template }) => similarity(probe.template, template)))]
  })
  return { fnir: share(mated, (score) => score < threshold), nonMatedSearches: highestNonMated.length }
}

const DET_POINTS = 200

function traceDet(genuine: readonly number[], impostors: readonly number[]): AccuracyDetail['det'] {
  const low = Math.min(genuine[0] ?? -1, impostors[impostors.length - 1] ?? -1)
  const high = Math.max(genuine[genuine.length - 1] ?? 1, impostors[0] ?? 1)
  return Array.from({ length: DET_POINTS + 1 }, (_, index) => {
    const threshold = low + ((high - low) * index) / DET_POINTS
    return {
      threshold,
      falseMatchRate: share(impostors, (score) => score >= threshold),
      falseNonMatchRate: share(genuine, (score) => score < threshold),
    }
  })
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
