import { fitTail, tailProbability, type Tail } from './tail-fit.ts'

/**
 * [Note: what a score means]
 * How often strangers in this very gallery are as similar as a candidate says more than a similarity does. Many pairs of its own
 * faces are compared (int8 templates, 1e8 pairs by default). The false match rate FMR(s) is the share of strangers' pairs that
 * reach s: counted where the sample is thick, beyond it a generalised Pareto tail fitted to exceedances of a high threshold
 * (Pickands 1975; Coles, "An Introduction to Statistical Modeling of Extreme Values", 2001, section 4.2). For a search of N
 * faces the false positive identification rate is FPIR = 1 - (1 - FMR)^N (ISO/IEC 19795-1), and N x FMR strangers are
 * expected to score so high.
 *
 * Pairs of unlabelled mates are the trouble: few among all pairs, but all at its upper end, just where the tail is. Pairs
 * that people have linked are left out when `personOf` tells. Of the rest the tail is fitted only between two quantiles: of the pairs
 * above the upper one only their number is used, so it makes no difference how similar mates are. That quantile is ten times
 * the share that mates would have if every face had `ASSUMED_MATES` unlinked others in the gallery, so that their number
 * changes little either. More mates than that make strangers seem more similar than they are: the error is to the safe side.
 */
export interface Calibration {
  /** Pairs compared. */
  pairs: number
  /** Faces held when it was measured. */
  faces: number
  /** Bins of equal width over cosines from -1 to 1, cut to those up to the tail's start: share of pairs at or above each. */
  body: { binWidth: number; firstCosine: number; survival: number[] }
  tail: Tail
  /** Pairs were counted up to here; beyond, rates are the tail's and less certain. */
  countedUpTo: number
}

/** Unlinked mates per face that the fit withstands. */
const ASSUMED_MATES = 2
/** Times that strangers outnumber mates at the upper end of what is fitted. */
const OUTNUMBERED = 10
/** The tail is fitted from here up ... */
const TAIL_START = 1e-2
/** ... to here at most, so that some thousand pairs of 1e8 are above. */
const THINNEST_END = 1e-5
/** The fit's range spans at least this ratio of probabilities. */
const LEAST_SPAN = 10
const WIDEST_TAIL_START = 0.2
/** Fewer pairs than this in the fitted range say nothing about a tail. */
const FEWEST_TAIL_PAIRS = 500

/**
 * @param histogram pairs by cosine, bins of equal width from -1 to 1
 * @returns undefined when there are too few pairs to fit a tail to
 */
export function calibrationFrom(histogram: Float64Array, faces: number): Calibration | undefined {
  const pairs = histogram.reduce((sum, count) => sum + count, 0)
  if (pairs === 0) return undefined
  const bins = histogram.length
  const binWidth = 2 / bins
  const survival = new Float64Array(bins + 1)
  for (let bin = bins - 1; bin >= 0; bin--) survival[bin] = survival[bin + 1] + histogram[bin] / pairs
  const mates = faces > 1 ? ASSUMED_MATES / (faces - 1) : 1
  const end = Math.max(THINNEST_END, OUTNUMBERED * mates)
  const start = Math.min(WIDEST_TAIL_START, Math.max(TAIL_START, end * LEAST_SPAN))
  const binAt = (share: number): number => survival.findIndex((value) => value <= share)
  const first = binAt(start)
  const last = binAt(Math.min(end, start / 2))
  const inRange = (survival[first] - survival[last]) * pairs
  if (first < 0 || last <= first + 2 || inRange < FEWEST_TAIL_PAIRS) return undefined
  const tail = fitTail(
    histogram.subarray(first, last),
    binWidth,
    -1 + first * binWidth,
    survival[first],
    survival[last],
  )
  const nonEmpty = survival.findIndex((value) => value < 1)
  const firstBin = Math.max(0, nonEmpty - 1)
  return {
    pairs,
    faces,
    body: {
      binWidth,
      firstCosine: -1 + firstBin * binWidth,
      survival: Array.from(survival.subarray(firstBin, first + 1)),
    },
    tail,
    countedUpTo: -1 + last * binWidth,
  }
}

/** Share of strangers' pairs that are at least this similar, 0 to 1. */
export function falseMatchRate({ body, tail }: Calibration, similarity: number): number {
  if (similarity >= tail.start) return tailProbability(tail, similarity)
  const place = (similarity - body.firstCosine) / body.binWidth
  if (place <= 0) return 1
  const bin = Math.floor(place)
  const [here, next] = [body.survival[bin], body.survival[Math.min(bin + 1, body.survival.length - 1)]]
  return here + (next - here) * (place - bin)
}

/** How many strangers among so many faces are expected to be at least this similar to a probe. */
export function strangersExpected(calibration: Calibration, similarity: number, faces: number): number {
  return faces * falseMatchRate(calibration, similarity)
}

/** Probability that a search of so many faces, none of the probe's person, has a candidate at least this similar. */
export function falsePositiveRate(calibration: Calibration, similarity: number, faces: number): number {
  // 1 - (1 - p)^n without losing small p.
  return -Math.expm1(
    faces * Math.log1p(-Math.min(falseMatchRate(calibration, similarity), 1 - Number.EPSILON)),
  )
}

/** The similarity that strangers' pairs reach with this probability, for choosing thresholds. */
export function similarityAt(calibration: Calibration, rate: number): number {
  let [low, high] = [-1, 1]
  // 2^-40 of the range is far below what templates can tell.
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2
    if (falseMatchRate(calibration, middle) > rate) low = middle
    else high = middle
  }
  return high
}
