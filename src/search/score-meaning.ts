import * as packScores from '../engine/calibration.ts'
import type { PackManifest } from '../engine/pack/manifest.ts'
import { falseMatchRate, similarityAt } from '../gallery/calibration.ts'
import type { SearchTable } from '../store/tables/search-tables.ts'
import type { MeasuredScores } from '../live-index/measured-scores.ts'

/** A search without a threshold of its own takes what strangers reach at this rate. */
export const DEFAULT_FALSE_MATCH_RATE = 0.001

/** Between mates and non-mates of ArcFace-style embedders in general; a measured pack does not use it. */
const UNMEASURED_THRESHOLD = 0.3

/** A share or a number of strangers as far as the data go. */
export interface Measured {
  value: number
  /** Rarer than was measured: `value` is the bound, and the truth is below it. */
  extrapolated: boolean
}

/** Two ways of computing one bound may differ in the last bits. */
const ROUNDING = 1 + 1e-9

/**
 * Never beyond the data: of N pairs compared nothing rarer than one in N was seen, so a share of strangers below 1 / N is said as
 * 'less than 1 / N', and among F faces fewer than F / N strangers are expected. The one place that decides this; everything
 * else formats it.
 * @param value share of strangers, or their number among `faces`
 * @param pairs N
 */
export function withinMeasured(value: number, pairs: number, faces = 1): Measured {
  const bound = faces / pairs
  return value <= bound * ROUNDING ? { value: bound, extrapolated: true } : { value, extrapolated: false }
}

/** The same for a number that was kept: without the pairs it rests on, it says nothing. */
export function keptWithinMeasured(
  value: number | null,
  pairs: number | null | undefined,
  faces = 1,
): Measured | undefined {
  return value === null || pairs === null || pairs === undefined
    ? undefined
    : withinMeasured(value, pairs, faces)
}

/** Strangers expected of a candidate of a search that was kept. */
export function strangersOfSearch(
  search: Pick<SearchTable, 'scores' | 'faces_searched'>,
  expected: number | null,
): Measured | undefined {
  const { pairs } = JSON.parse(search.scores) as { pairs?: number }
  return keptWithinMeasured(expected, pairs, search.faces_searched)
}

/** What a similarity stands for in a search, and how that is known. */
export interface ScoreMeaning {
  /** `collections`: measured on the faces held. `pack`: measured by the model pack's makers or us. `none`: nobody has. */
  source: 'collections' | 'pack' | 'none'
  /** Pairs of different people compared, faces they were taken from, and when; as far as known. */
  pairs: number | undefined
  faces: number | undefined
  measuredAt: string | undefined
  /** Share of strangers that are at least this similar, 0 to 1; undefined where nobody has measured. */
  falseMatchRate: (similarity: number) => Measured | undefined
  /** Strangers expected to be at least this similar among so many faces. */
  strangersAmong: (faces: number, similarity: number) => Measured | undefined
  /** The similarity that this share of strangers reaches; undefined where nobody has measured. */
  similarityAt: (falseMatchRate: number) => number | undefined
  /** The similarity from which a face is a candidate when no threshold is given. */
  defaultThreshold: number
}

/** The measure of the faces held where there is one, else the pack's. */
export function scoreMeaning(
  measured: MeasuredScores | undefined,
  pack: PackManifest['calibration'],
): ScoreMeaning {
  if (measured !== undefined) {
    const { calibration, measuredAt } = measured
    return {
      source: 'collections',
      pairs: calibration.pairs,
      faces: calibration.faces,
      measuredAt,
      falseMatchRate: (similarity) =>
        withinMeasured(falseMatchRate(calibration, similarity), calibration.pairs),
      strangersAmong: (among, similarity) =>
        withinMeasured(among * falseMatchRate(calibration, similarity), calibration.pairs, among),
      similarityAt: (rate) => similarityAt(calibration, rate),
      defaultThreshold: similarityAt(calibration, DEFAULT_FALSE_MATCH_RATE),
    }
  }
  return {
    source: pack === undefined ? 'none' : 'pack',
    pairs: pack?.pairs,
    faces: undefined,
    measuredAt: undefined,
    falseMatchRate: (similarity) =>
      pack && withinMeasured(packScores.falseMatchRate(pack, similarity).rate, pack.pairs),
    strangersAmong: (among, similarity) =>
      pack && withinMeasured(among * packScores.falseMatchRate(pack, similarity).rate, pack.pairs, among),
    similarityAt: (rate) => pack && packScores.similarityAt(pack, rate),
    defaultThreshold:
      pack === undefined ? UNMEASURED_THRESHOLD : packScores.similarityAt(pack, DEFAULT_FALSE_MATCH_RATE),
  }
}
