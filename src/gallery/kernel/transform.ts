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

/**
 * Largest Hamming distance that a face is kept at, for the centred cosine it would need to be wanted.
 * Bits differ with probability p = acos(cosine)/pi; of `bits` of them a normal approximation of the binomial gives
 * bits p + z sqrt(bits p (1 - p)). z is the one-sided normal quantile of the share that may be missed at that very cosine;
 * of faces above it less is missed, quickly falling to nothing.
 * @returns `steps` + 1 distances for cosines from -1 to 1; each serves the step above it, so it is rounded to keep more
 */
export function distanceThresholds(bits: number, steps: number, z: number): Uint16Array {
  return Uint16Array.from({ length: steps + 1 }, (_, step) => {
    const cosine = (2 * step) / steps - 1
    const p = Math.acos(cosine) / Math.PI
    return Math.min(bits, Math.ceil(bits * p + z * Math.sqrt(bits * p * (1 - p))))
  })
}

/** Whether a template's length can be held. */
export function isTemplateLength(length: number): boolean {
  const { shortestTemplate, longestTemplate } = GALLERY_LIMITS
  return Number.isInteger(length) && length >= shortestTemplate && length <= longestTemplate
}
