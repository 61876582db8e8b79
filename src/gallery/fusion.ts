import { AppError } from '../errors.ts'
import { mostSimilarFirst } from './exact-ranking.ts'
import { GALLERY_LIMITS } from './limits.ts'
import type { GalleryCandidate } from './types.ts'

/** One probe of a subject with several. */
export interface Probe {
  template: Float32Array
  /** 0 to 1; how much the probe counts. */
  quality: number
}

/** What a probe of no quality counts beside one of the best: measured, see docs/decisions/probe-fusion.md. */
const LEAST_WEIGHT = 0.25

/**
 * One template for several probes of one subject: the mean of templates of unit length, weighted by quality, at unit length.
 * It measures better than searching with each probe and taking the best (`bench/gallery/fusion.ts`, docs/decisions/probe-fusion.md).
 * @throws AppError `bad_input` when there are none or their lengths differ, `limit_exceeded` for more than 64
 */
export function fuseProbes(probes: readonly Probe[]): Float32Array {
  if (probes.length === 0) throw new AppError('bad_input', 'Expected at least one probe, received none.')
  if (probes.length > GALLERY_LIMITS.probesPerSubject) {
    const { probesPerSubject } = GALLERY_LIMITS
    throw new AppError(
      'limit_exceeded',
      `At most ${probesPerSubject} probes are fused; these are ${probes.length}.`,
    )
  }
  const [{ template: first }] = probes
  const sum = new Float64Array(first.length)
  for (const { template, quality } of probes) {
    if (template.length !== first.length) {
      throw new AppError(
        'bad_input',
        `Expected ${first.length} numbers in each probe, received ${template.length}.`,
      )
    }
    const weight = (LEAST_WEIGHT + (1 - LEAST_WEIGHT) * quality) / Math.hypot(...template)
    template.forEach((x, i) => (sum[i] += x * weight))
  }
  const length = Math.hypot(...sum)
  return Float32Array.from(sum, (x) => x / length)
}

/** The other way: each face's best similarity with any of the probes. Kept for measuring against `fuseProbes`. */
export function bestOf(lists: readonly (readonly GalleryCandidate[])[], k: number): GalleryCandidate[] {
  const best = new Map<number, number>()
  for (const { id, similarity } of lists.flat()) {
    best.set(id, Math.max(similarity, best.get(id) ?? -1))
  }
  return [...best]
    .map(([id, similarity]) => ({ id, similarity }))
    .toSorted(mostSimilarFirst)
    .slice(0, k)
}
