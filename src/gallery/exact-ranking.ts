import type { GalleryCandidate, TemplateLoader } from './types.ts'

/**
 * Ranks rows by the cosine of query and float template.
 * @param ids rows that the scan found, any order
 * @returns the k most similar, ties by id; ids that the record no longer holds are left out
 */
export async function rankExactly(
  query: Float32Array,
  ids: readonly number[],
  k: number,
  loadTemplates: TemplateLoader,
): Promise<GalleryCandidate[]> {
  if (ids.length === 0) return []
  const templates = await loadTemplates(ids)
  const candidates: GalleryCandidate[] = []
  ids.forEach((id, i) => {
    const template = templates[i]
    if (template !== undefined) candidates.push({ id, similarity: cosineOf(query, template) })
  })
  return candidates.toSorted(mostSimilarFirst).slice(0, k)
}

/** Order of candidate lists: by similarity, then by id, so that equal faces do not change places. */
export function mostSimilarFirst(a: GalleryCandidate, b: GalleryCandidate): number {
  return b.similarity - a.similarity || a.id - b.id
}

/** Cosine of two vectors of any length but zero, -1 to 1. */
export function cosineOf(a: Float32Array, b: Float32Array): number {
  let dot = 0
  let aSquare = 0
  let bSquare = 0
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i]
    aSquare += a[i] * a[i]
    bSquare += b[i] * b[i]
  }
  return Math.min(1, Math.max(-1, dot / Math.sqrt(aSquare * bSquare)))
}
