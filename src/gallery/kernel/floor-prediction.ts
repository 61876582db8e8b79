import { normalTailQuantile } from '../normal-quantile.ts'

/**
 * [Note: the predicted floor]
 * Early in a scan little is known of what the best will be, so early rows get looks that later ones do not. After a first part
 * of the rows the floor is therefore raised to what it should be in the end: similarities of strangers fall off like a normal
 * distribution, so the spread follows from the w-th best of the n rows seen, and the w-th best of all N from the spread.
 * It is a guess, and is checked: when fewer than w rows reach it, the query is scanned again without guessing.
 */
/** Rows that one hand-off gives to a worker; the kernel has the same number. */
const CHUNK_ROWS = 8192
/** Rows that are scanned before guessing: a share of all, but at least so many. */
const WARM_UP_SHARE = 1 / 16
const FEWEST_WARM_UP_ROWS = 2 * CHUNK_ROWS
/** Smaller galleries are scanned before a guess is of use. */
export const FEWEST_ROWS_FOR_GUESSING = 131_072
/** Share of the expected rise that is trusted. */
const TRUSTED_RISE = 1
/** Standard deviations of the w-th best that the guess stays below it. */
const CAUTION = 2.5
/** The tail must be a tail for its quantile to say anything. */
const WIDEST_TAIL = 0.05

/** Rows to scan before guessing: whole hand-offs, or the rest of the last one would be left out. */
export function warmUpRows(all: number): number {
  const rows = Math.max(FEWEST_WARM_UP_ROWS, all * WARM_UP_SHARE)
  return Math.floor(rows / CHUNK_ROWS) * CHUNK_ROWS
}

/**
 * @param wth similarity of the `wanted`-th best of `seen` rows
 * @param all rows in the end
 * @returns a floor, not below `wth`
 */
export function predictFloor(wth: number, wanted: number, seen: number, all: number): number {
  if (wth <= 0 || wanted / seen > WIDEST_TAIL || all <= seen) return wth
  const here = normalTailQuantile(wanted / seen)
  const there = normalTailQuantile(wanted / all)
  const spread = wth / here
  // The w-th largest of many normal numbers varies by about spread / (quantile x sqrt(w)).
  const doubt = (CAUTION * spread) / (here * Math.sqrt(wanted))
  return Math.max(wth, wth + TRUSTED_RISE * spread * (there - here) - doubt)
}
