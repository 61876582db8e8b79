/** Significant digits of what is no exact count. */
const DIGITS = 2
/** From here on whole numbers have digits enough. */
const WHOLE_FROM = 10 ** DIGITS

/** A bound below this is said as this: it still is one, and people need not count zeros. */
const LEAST_BOUND = 0.0001

/** The figure alone: two significant digits, written out. A bound is rounded up, so that it still is one. */
export function strangersFigure(expected: number, extrapolated: boolean): string {
  if (expected === 0) return '0'
  if (expected >= WHOLE_FROM) return (extrapolated ? Math.ceil(expected) : Math.round(expected)).toString()
  if (extrapolated && expected < LEAST_BOUND) return LEAST_BOUND.toString()
  const rounded = Number(expected.toPrecision(DIGITS))
  if (!extrapolated && rounded < LEAST_BOUND)
    return rounded.toFixed(DIGITS - 1 - Math.floor(Math.log10(rounded)))
  if (!extrapolated || rounded >= expected) return rounded.toString()
  const step = 10 ** (Math.floor(Math.log10(expected)) + 1 - DIGITS)
  return Number((rounded + step).toPrecision(DIGITS)).toString()
}

/** Strangers expected to score as high, in English: a number, or what it is under where nothing rarer was measured. */
export function strangersText(expected: number | null | undefined, extrapolated: boolean): string {
  if (expected === null || expected === undefined) return 'not measured'
  const figure = strangersFigure(expected, extrapolated)
  return extrapolated ? `under ${figure}` : figure
}
