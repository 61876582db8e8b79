/**
 * The number that a standard normal variable exceeds with this probability.
 * Rational approximation 26.2.23 of Abramowitz and Stegun; off by less than 0.00045, which is plenty for planning.
 * @param tail 0 to 0.5, both excluded
 */
export function normalTailQuantile(tail: number): number {
  const t = Math.sqrt(-2 * Math.log(tail))
  const numerator = 2.515517 + t * (0.802853 + t * 0.010328)
  const denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
  return t - numerator / denominator
}

/** Terms of the continued fraction: from z = 0.5 on they give six digits. */
const FRACTION_TERMS = 200
/** Below this the fraction converges too slowly, and the integral is taken from its series instead. */
const SERIES_UP_TO = 1

/**
 * P(Z >= z) of a standard normal variable: Laplace's continued fraction in the tail, the power series of the integral near 0
 * (Abramowitz and Stegun 26.2.14 and 26.2.10).
 */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z)
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (z > SERIES_UP_TO) {
    let fraction = z
    for (let i = FRACTION_TERMS; i >= 1; i--) fraction = z + i / fraction
    return density / fraction
  }
  let term = z
  let sum = z
  for (let i = 1; Math.abs(term) > Number.EPSILON * z; i++) {
    term *= (z * z) / (2 * i + 1)
    sum += term
  }
  return 0.5 - density * sum
}
