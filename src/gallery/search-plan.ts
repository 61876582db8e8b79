import { AppError } from '../errors.ts'
import { GALLERY_LIMITS } from './limits.ts'
import { isTemplateLength } from './kernel/transform.ts'
import type { GalleryFilter, SearchOptions } from './types.ts'

/**
 * [Note: the shortlist]
 * How many rows deserve a look is not a constant: it follows from the similarity that a row must reach to become a candidate.
 * While the scan runs, the least of the best k so far is a floor under the final k-th similarity. Rows are judged by an unbiased
 * estimate of their cosine after RaBitQ (Gao and Long, SIGMOD 2024, theorem 3.2: standard deviation
 * sqrt((1 / f^2 - 1) / (n - 1)), f^2 = 2 / pi): those whose estimate is below the floor by more than a margin are skipped, and
 * more of them as the floor rises. First the estimate is made from a part of the code, for every row, 16 at once; then from the
 * whole code of what is left; what still may reach the floor is compared by its int8 template.
 * RaBitQ keeps f for each row; it strays from its mean by 3 % at n = 512, which moves a cosine of 0.25 by 0.008, little beside
 * the deviation, while fetching it costs more than the comparison: so the mean serves. A part of the code that holds the share s
 * of the query's square has the deviation sqrt((1 / (f^2 s) - 1) / (n - 1)): 0.054 at n = 512 and s = 5/8.
 * RaBitQ cuts the query to four bits; here it has, for whole codes, three, a sign and one of four magnitudes, so that the estimate
 * is a weighted count of differing bits. What the cut loses is at right angles to what it keeps, and f^2 shrinks to f^2 r, r the
 * share of the square that three bits keep; the deviation is 0.035 at n = 512.
 * The two shares below are those missed at the floor itself; mates above the floor are missed less, soon never.
 * Measured in docs/decisions/gallery-scan.md.
 */
/** Normal quantile of the 4 % of rows exactly at the floor that the striped part of the code may miss. */
export const STRIPED_Z = 1.75
/** Normal quantile of the 3.6 % of rows exactly at the floor that the estimate may miss. */
export const ESTIMATE_Z = 1.8
/** Share of a unit vector's square that its signs keep, in many dimensions: 2 / pi. */
const SIGN_SHARE = 2 / Math.PI
/** Share of it that signs and four magnitudes keep (Max, "Quantizing for Minimum Distortion", 1960: distortion 0.0374). */
const THREE_BIT_SHARE = 1 - 0.0374
/** Share of it that tables of sums in 16 steps keep: median of random queries, nearly all within 0.006. */
const TABLE_SHARE = 0.985

/** Standard deviation of the estimate from a whole code, for a centred query of length 1; `bits` of code. */
export function estimateDeviation(bits: number): number {
  return Math.sqrt((1 / (SIGN_SHARE * THREE_BIT_SHARE) - 1) / (bits - 1))
}

/** The same for the striped part of the code, which holds this share of the query's square. */
export function stripedDeviation(bits: number, share: number): number {
  return Math.sqrt((1 / (SIGN_SHARE * TABLE_SHARE * share) - 1) / (bits - 1))
}

/**
 * [Note: the margin]
 * int8 similarities are off by about scale / sqrt(12), some 0.0004 at 512 numbers. Rows close to the k-th are therefore
 * compared again with float templates: an eighth more than k, and four more for small k.
 */
export function keptFor(k: number): number {
  return k + Math.ceil(k / 8) + 4
}

/** Throws AppError for anything `Gallery.search` does not accept. */
export function checkSearch(queries: readonly Float32Array[], options: SearchOptions, length: number): void {
  const { candidates, queriesPerSearch } = GALLERY_LIMITS
  const { k, filter } = options
  if (!Number.isInteger(k) || k < 1) throw expected('a whole number from 1', 'k', k)
  if (k > candidates) {
    throw new AppError(
      'limit_exceeded',
      `A search gives at most ${candidates} candidates; ${k} were asked for.`,
    )
  }
  if (queries.length > queriesPerSearch) {
    throw new AppError(
      'limit_exceeded',
      `One search takes at most ${queriesPerSearch} queries; these are ${queries.length}.`,
    )
  }
  queries.forEach((query, i) => checkTemplate(query, length, `query ${i}`))
  if (filter !== undefined) checkFilter(filter)
}

/** Throws AppError `bad_input` unless it is a template of this length with a direction. */
export function checkTemplate(template: Float32Array, length: number, name: string): void {
  if (!(template instanceof Float32Array)) throw expected('a Float32Array', name, typeof template)
  if (template.length !== length) throw expected(`${length} numbers`, name, template.length)
  let square = 0
  for (let i = 0; i < length; i++) square += template[i] * template[i]
  // Beyond these a length is not a normal float32, and its inverse neither.
  if (!(square > 1e-30 && square < 1e30)) {
    throw expected('finite numbers that are not all zero', name, 'something else')
  }
}

export function checkTemplateLength(length: number): void {
  if (!isTemplateLength(length)) {
    const { shortestTemplate, longestTemplate } = GALLERY_LIMITS
    throw expected(`${shortestTemplate} to ${longestTemplate} numbers`, 'template length', length)
  }
}

export function isTag(tag: number): boolean {
  return Number.isInteger(tag) && tag >= 0 && tag <= GALLERY_LIMITS.largestTag
}

/** The least int32 stands for an unknown day. */
export function isDay(day: number): boolean {
  return Number.isInteger(day) && day > -(2 ** 31) && day < 2 ** 31
}

function checkFilter({ tags, firstDay, lastDay }: GalleryFilter): void {
  const wrong = tags?.find((tag) => !isTag(tag))
  if (wrong !== undefined) throw expected(`0 to ${GALLERY_LIMITS.largestTag}`, 'filter tag', wrong)
  for (const day of [firstDay, lastDay]) {
    if (day !== undefined && !isDay(day)) throw expected('a whole day number', 'filter day', day)
  }
}

export function expected(what: string, name: string, received: unknown): AppError {
  return new AppError('bad_input', `Expected ${what} for ${name}, received ${String(received)}.`)
}
