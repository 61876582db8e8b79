import { GALLERY_LIMITS } from '../limits.ts'

/**
 * [Note: the transform]
 * A template's sign bits are a good code only if no direction counts for more than another. So templates are rotated by
 * (H D3)(H D2)(H D1)/n^1.5, with H the Walsh-Hadamard matrix and Di diagonals of random signs: orthogonal, and close to a
 * random rotation at n log n cost (three rounds as in Andoni et al., "Practical and Optimal LSH for Angular Distance", 2015,
 * section 5). After it two templates at angle a differ in each bit with probability a/pi (Charikar, "Similarity Estimation
 * Techniques from Rounding Algorithms", 2002), whatever the templates are like.
 * The signs come from this seed for ever: another seed would make other codes of the same templates.
 */
export const TRANSFORM_SEED = 0x6c696b65

/** Numbers from -1 to 1 that are signs of the three rounds, `rotated` a round. */
export function transformSigns(rotated: number): Float32Array {
  const next = seededBits(TRANSFORM_SEED)
  return Float32Array.from({ length: rotated * 3 }, () => ((next() >>> 31) & 1 ? -1 : 1))
}

/** Whole numbers of 32 bits in a fixed order: SplitMix32, which has no short cycle for any seed. */
export function seededBits(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let z = state ^ (state >>> 16)
    z = Math.imul(z, 0x21f0aaad)
    z ^= z >>> 15
    z = Math.imul(z, 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
}

/** Whether a template's length can be held. */
export function isTemplateLength(length: number): boolean {
  const { shortestTemplate, longestTemplate } = GALLERY_LIMITS
  return Number.isInteger(length) && length >= shortestTemplate && length <= longestTemplate
}
