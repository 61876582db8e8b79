import { normalTailQuantile } from '../normal-quantile.ts'
import { CHUNK_ROWS } from './shard-layout.ts'

/**
 * [Note: the predicted floor]
 * Early in a scan little is known of what the best will be, so early rows get looks that later ones do not. At some points of
 * the way the floor is therefore raised to what it should be in the end: similarities of strangers fall off like a normal
 * distribution, so the spread follows from the w-th best of the n rows seen, and the w-th best of all N from the spread.
 * It is a guess, and is checked: when fewer than w rows reach it, the query is scanned again without guessing.
 */
/** Shares of all rows after which the floor is guessed anew: first early, then better. */
const GUESS_AFTER = [1 / 256, 1 / 64, 1 / 16, 1 / 4]
/** Smaller galleries are scanned before a guess is of use. */
const FEWEST_ROWS_FOR_GUESSING = 131_072
/**
 * Standard deviations of the w-th best that the guess stays below it: measured in docs/decisions/gallery-scan.md, where
 * fewer than one guess in two hundred is too high.
 */
const CAUTION = 3.5
/** The tail must be a tail for its quantile to say anything. */
const WIDEST_TAIL = 0.05

/** Numbers of rows after which to guess, whole hand-offs, or the rest of the last one would be left out. */
export function guessingPoints(all: number): number[] {
  if (all < FEWEST_ROWS_FOR_GUESSING) return []
  return GUESS_AFTER.map((share) => Math.ceil((all * share) / CHUNK_ROWS) * CHUNK_ROWS)
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
  return Math.max(wth, wth + spread * (there - here) - doubt)
}
