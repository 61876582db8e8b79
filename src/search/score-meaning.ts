import * as packScores from '../engine/calibration.ts'
import type { PackManifest } from '../engine/pack/manifest.ts'
import { falseMatchRate, similarityAt } from '../gallery/calibration.ts'
import type { MeasuredScores } from '../live-index/measured-scores.ts'
import { DEFAULT_FALSE_MATCH_RATE, defaultThreshold } from './find-in-folder.ts'

/** What a similarity stands for in a search, and how that is known. */
export interface ScoreMeaning {
  /** `collections`: measured on the faces held. `pack`: measured by the model pack's makers or us. `none`: nobody has. */
  source: 'collections' | 'pack' | 'none'
  /** Pairs of different people compared, faces they were taken from, and when; as far as known. */
  pairs: number | undefined
  faces: number | undefined
  measuredAt: string | undefined
  /** Share of strangers that are at least this similar, 0 to 1; undefined where nobody has measured. */
  falseMatchRate: (similarity: number) => number | undefined
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
      falseMatchRate: (similarity) => falseMatchRate(calibration, similarity),
      similarityAt: (rate) => similarityAt(calibration, rate),
      defaultThreshold: similarityAt(calibration, DEFAULT_FALSE_MATCH_RATE),
    }
  }
  return {
    source: pack === undefined ? 'none' : 'pack',
    pairs: pack?.pairs,
    faces: undefined,
    measuredAt: undefined,
    falseMatchRate: (similarity) => pack && packScores.falseMatchRate(pack, similarity).rate,
    similarityAt: (rate) => pack && packScores.similarityAt(pack, rate),
    defaultThreshold: defaultThreshold(pack),
  }
}
