import { normalTail, normalTailQuantile } from './normal-quantile.ts'

/**
 * A tail from `start` on: the greater of a generalised Pareto tail, share (1 + shape (s - start) / scale)^(-1/shape), and of a
 * normal one, P(Z >= intercept + slope s). Scores of strangers are nearly normal, and the Pareto tail that fits a normal variable
 * best ends at some score, as if no stranger could ever pass it; where scores fall off more slowly, the normal one promises too much.
 */
export interface Tail {
  start: number
  /** Probability of being at or above `start`. */
  share: number
  scale: number
  /** Negative: the Pareto tail ends; 0: it falls exponentially; positive: like a power. */
  shape: number
  intercept: number
  slope: number
}

/** Cosines of strangers are bounded and fall off about as fast as a normal variable: shapes beyond these are noise or mates. */
const LEAST_SHAPE = -0.5
const GREATEST_SHAPE = 0.2
const SHAPE_STEP = 0.01
/** Golden section steps for the scale: each narrows it to 0.618. */
const SCALE_STEPS = 60
const GOLDEN = (Math.sqrt(5) - 1) / 2

/**
 * Fits both tails: the Pareto one by maximum likelihood to binned exceedances of `start`, censored at the last bin's end (of
 * what lies above only its number counts, not how far); the normal one through the two quantiles.
 * @param counts pairs per bin, from `start` up
 * @param share share of all pairs at or above `start`
 * @param shareAbove share of all pairs above these bins
 */
export function fitTail(
  counts: Float64Array,
  binWidth: number,
  start: number,
  share: number,
  shareAbove: number,
): Tail {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const above = (total * shareAbove) / (share - shareAbove)
  const meanExcess = counts.reduce((sum, count, bin) => sum + count * (bin + 0.5) * binWidth, 0) / total
  let best = { scale: meanExcess, shape: 0, likelihood: -Infinity }
  const shapes = Math.round((GREATEST_SHAPE - LEAST_SHAPE) / SHAPE_STEP)
  for (let step = 0; step <= shapes; step++) {
    const shape = LEAST_SHAPE + step * SHAPE_STEP
    const fit = bestScale(shape, counts, above, binWidth, meanExcess)
    if (fit.likelihood > best.likelihood) best = { shape, ...fit }
  }
  const end = start + counts.length * binWidth
  const slope = (normalTailQuantile(shareAbove) - normalTailQuantile(share)) / (end - start)
  const intercept = normalTailQuantile(share) - slope * start
  return { start, share, scale: best.scale, shape: best.shape, intercept, slope }
}

/** Probability of a similarity at or above `similarity`, which must not be below the tail's start. */
export function tailProbability(tail: Tail, similarity: number): number {
  const pareto = tail.share * survivalOf(similarity - tail.start, tail.scale, tail.shape)
  return Math.max(pareto, normalTail(tail.intercept + tail.slope * similarity))
}

function bestScale(
  shape: number,
  counts: Float64Array,
  above: number,
  binWidth: number,
  meanExcess: number,
): { scale: number; likelihood: number } {
  // Scales from a tenth to a hundred times the mean excess, searched by their logarithm.
  let [low, high] = [Math.log(meanExcess / 10), Math.log(meanExcess * 100)]
  const value = (logScale: number): number => likelihoodOf(Math.exp(logScale), shape, counts, above, binWidth)
  for (let step = 0; step < SCALE_STEPS; step++) {
    const a = high - GOLDEN * (high - low)
    const b = low + GOLDEN * (high - low)
    if (value(a) > value(b)) high = b
    else low = a
  }
  const scale = Math.exp((low + high) / 2)
  return { scale, likelihood: likelihoodOf(scale, shape, counts, above, binWidth) }
}

function likelihoodOf(
  scale: number,
  shape: number,
  counts: Float64Array,
  countAbove: number,
  binWidth: number,
): number {
  let sum = 0
  let here = 1
  for (let bin = 0; bin < counts.length; bin++) {
    const next = survivalOf((bin + 1) * binWidth, scale, shape)
    if (counts[bin] > 0) {
      if (here <= next) return -Infinity
      sum += counts[bin] * Math.log(here - next)
    }
    here = next
  }
  if (countAbove === 0) return sum
  return here > 0 ? sum + countAbove * Math.log(here) : -Infinity
}

/** P(excess >= x) of a generalised Pareto distribution. */
function survivalOf(excess: number, scale: number, shape: number): number {
  // Near 0 the power is the exponential, and the formula loses its digits.
  if (Math.abs(shape) < 1e-6) return Math.exp(-excess / scale)
  const base = 1 + (shape * excess) / scale
  return base <= 0 ? 0 : base ** (-1 / shape)
}
