import type { PackManifest } from './pack/manifest.ts'

type Calibration = NonNullable<PackManifest['calibration']>

/**
 * False match rate that a similarity stands for: the share of pairs of different people whose similarity is at least
 * as high. Between measured points log10(FMR) is linear; beyond the last one the line goes on (an exponential tail,
 * the generalised Pareto distribution with shape 0, Coles 2001, ch. 4), which is an extrapolation.
 * @param similarity -1 to 1
 * @returns 0 to 1, and whether it lies beyond what was measured
 */
export function falseMatchRate(
  calibration: Calibration,
  similarity: number,
): { rate: number; extrapolated: boolean } {
  const { points } = calibration
  const last = points.length - 1
  if (similarity <= points[0].similarity) return { rate: points[0].falseMatchRate, extrapolated: false }
  const upper = points.findIndex((point) => point.similarity >= similarity)
  const to = upper === -1 ? last : upper
  const rate = 10 ** interpolate(points[to - 1], points[to], similarity)
  return { rate, extrapolated: similarity > points[last].similarity }
}

function interpolate(
  from: Calibration['points'][number],
  to: Calibration['points'][number],
  similarity: number,
): number {
  const [low, high] = [Math.log10(from.falseMatchRate), Math.log10(to.falseMatchRate)]
  return low + ((similarity - from.similarity) / (to.similarity - from.similarity)) * (high - low)
}

/** The similarity at which strangers match at a given rate: the inverse of {@link falseMatchRate}. */
export function similarityAt(calibration: Calibration, rate: number): number {
  const { points } = calibration
  const upper = points.findIndex((point) => point.falseMatchRate <= rate)
  const to = Math.max(1, upper === -1 ? points.length - 1 : upper)
  const [from, until] = [points[to - 1], points[to]]
  const [low, high] = [Math.log10(from.falseMatchRate), Math.log10(until.falseMatchRate)]
  return from.similarity + ((Math.log10(rate) - low) / (high - low)) * (until.similarity - from.similarity)
}
