import type { Context } from '../context.ts'
import { findPack } from '../engine/pack/find-pack.ts'
import { filesOf, sourceFacts, type SourceFacts } from '../engine/pack/manifest.ts'
import { similarityAt, type Calibration } from '../gallery/calibration.ts'
import { knownScores } from '../live-index/measured-scores.ts'
import { scoreMeaning, withinMeasured } from '../search/score-meaning.ts'
import { labelOf } from '../store/active-templates.ts'

/** False match rates that are shown of a measure of the faces held. */
const SHOWN_RATES = [0.1, 0.01, 0.001, 0.0001, 0.00001]

interface RatePoint {
  similarity: number
  falseMatchRate: number
}

export interface ShownModelPack {
  packId: string
  pipelineVersion: string
  title: string
  sources: SourceFacts[]
  files: { path: string; sha256: string; bytes: number }[]
  pack: { source: string; people: number; pairs: number; points: RatePoint[] } | null
  collections: { measuredAt: string; pairs: number; faces: number; points: RatePoint[] } | null
  /** The similarity from which a face is a candidate when no threshold is given. */
  defaultThreshold: number
}

/** The model pack in use: files, their licences and provenance, and what its scores were measured to mean. Holds nothing of anybody. */
export async function showModelPack(ctx: Context): Promise<ShownModelPack> {
  const { packId, pipelineVersion } = await ctx.engine()
  const { manifest } = await findPack(packId)
  const measured = await knownScores(ctx.store.db, labelOf({ packId, pipelineVersion }))
  const { calibration } = manifest
  return {
    packId,
    pipelineVersion,
    title: manifest.title,
    sources: sourceFacts(manifest),
    files: filesOf(manifest),
    pack: calibration ?? null,
    collections:
      measured === undefined
        ? null
        : {
            measuredAt: measured.measuredAt,
            pairs: measured.calibration.pairs,
            faces: measured.calibration.faces,
            points: shownPoints(measured.calibration),
          },
    defaultThreshold: scoreMeaning(measured, calibration).defaultThreshold,
  }
}

function shownPoints(calibration: Calibration): RatePoint[] {
  return SHOWN_RATES.filter((rate) => !withinMeasured(rate, calibration.pairs).extrapolated).map((rate) => ({
    similarity: similarityAt(calibration, rate),
    falseMatchRate: rate,
  }))
}
