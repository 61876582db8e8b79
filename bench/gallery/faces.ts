/**
 * Made-up templates with the statistics of real ones: 2 images a person; two images of one person at 0.55 +- 0.13, of
 * different persons at 0.00 +- 0.06.
 */

/** Standard deviation of the cosine of strangers. In n even dimensions it is 1 / sqrt(n), so fewer than 512 count fully. */
const STRANGER_DEVIATION = 0.06
const MATE_MEAN = 0.55
const MATE_DEVIATION = 0.13

/** Normally distributed numbers in a fixed order. */
export function gaussians(seed: number): () => number {
  let state = seed >>> 0 || 1
  const uniform = (): number => {
    // xorshift32: quick, and good enough for bodies of normal distributions.
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 4294967296
  }
  let spare: number | undefined
  return () => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}

/** Weights of dimensions, squares falling by a fixed ratio, such that strangers differ as they should. */
export function dimensionWeights(length: number): Float32Array {
  const deviation = (ratio: number): number => {
    let sum = 0
    let squares = 0
    for (let i = 0; i < length; i++) {
      sum += ratio ** i
      squares += ratio ** (2 * i)
    }
    return Math.sqrt(squares) / sum
  }
  let low = 0.9
  let high = 1
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2
    if (deviation(middle) > STRANGER_DEVIATION) low = middle
    else high = middle
  }
  return Float32Array.from({ length }, (_, i) => Math.sqrt(low ** i))
}

/** Writes people one after another; each has a face in the gallery and another to search with. */
export class FaceMaker {
  readonly length: number
  #next: () => number
  #weights: Float32Array
  #state: number

  constructor(length: number, seed: number) {
    this.length = length
    this.#next = gaussians(seed)
    this.#weights = dimensionWeights(length)
    this.#state = seed
  }

  /** A person's face, unit length. */
  person(into: Float32Array): void {
    this.#draw(into)
    normalise(into)
  }

  /** Sums of four even numbers, near enough to normal where hundreds are added up; ten million faces take five billion of them. */
  #draw(into: Float32Array): void {
    let state = this.#state
    for (let i = 0; i < this.length; i++) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      const sum = (state & 255) + ((state >>> 8) & 255) + ((state >>> 16) & 255) + (state >>> 24)
      into[i] = (sum - 510) * this.#weights[i]
    }
    this.#state = state
  }

  /** Another face of the same person. */
  mateOf(face: Float32Array, into: Float32Array): void {
    const cosine = Math.min(0.98, Math.max(-0.2, MATE_MEAN + MATE_DEVIATION * this.#next()))
    this.#draw(into)
    let along = 0
    for (let i = 0; i < this.length; i++) along += into[i] * face[i]
    for (let i = 0; i < this.length; i++) into[i] -= along * face[i]
    normalise(into)
    const across = Math.sqrt(1 - cosine * cosine)
    for (let i = 0; i < this.length; i++) into[i] = cosine * face[i] + across * into[i]
  }
}

export function normalise(vector: Float32Array): void {
  let square = 0
  for (const x of vector) square += x * x
  const scale = 1 / Math.sqrt(square)
  for (let i = 0; i < vector.length; i++) vector[i] *= scale
}

const MATE_COSINE = 0.6

/** Turns a stranger's template into one that is as near to the subject's as a mate's is. */
export function towards(subject: Float32Array, into: Float32Array): void {
  let along = 0
  for (let i = 0; i < into.length; i++) along += into[i] * subject[i]
  for (let i = 0; i < into.length; i++) into[i] -= along * subject[i]
  normalise(into)
  const across = Math.sqrt(1 - MATE_COSINE ** 2)
  for (let i = 0; i < into.length; i++) into[i] = MATE_COSINE * subject[i] + across * into[i]
}
