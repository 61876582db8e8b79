/** Significant digits of what is no exact count. */
const DIGITS = 2
/** From here on whole numbers have digits enough. */
const WHOLE_FROM = 10 ** DIGITS

/** The figure alone: two significant digits. A bound is rounded up, so that it still is one. */
export function strangersFigure(expected: number, extrapolated: boolean): string {
  if (expected === 0) return '0'
  if (expected >= WHOLE_FROM) return (extrapolated ? Math.ceil(expected) : Math.round(expected)).toString()
  const rounded = Number(expected.toPrecision(DIGITS))
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
