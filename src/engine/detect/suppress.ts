import { coverage, intersectionOverUnion, type Detection } from './detection.ts'

/** Two boxes that overlap this much show one face (the value UltraFace's authors use). */
const SAME_FACE_OVERLAP = 0.3
/** A box that lies this much inside a better one is a part of that face. */
const INSIDE_COVERAGE = 0.7

/**
 * Greedy non-maximum suppression: the best detection of each face stays.
 * @returns sorted by score, best first
 */
export function suppress(detections: readonly Detection[]): Detection[] {
  const kept: Detection[] = []
  for (const candidate of detections.toSorted((a, b) => b.score - a.score)) {
    const repeats = kept.some(
      ({ box }) =>
        intersectionOverUnion(box, candidate.box) > SAME_FACE_OVERLAP ||
        coverage(box, candidate.box) > INSIDE_COVERAGE,
    )
    if (!repeats) kept.push(candidate)
  }
  return kept
}
