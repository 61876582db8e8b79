/** Bins over -1 to 1; a power of two, so that their edges are exact. One is a millionth of a similarity wide. */
const BINS = 2 ** 21

/** How many pairs have which similarity, in 32 MB however many pairs there are; similarities are told apart to 1e-6. */
export class ScoreCounts {
  readonly #counts = new Float64Array(BINS)
  #fromHere: Float64Array | undefined
  total = 0
  /** The least and the greatest; undefined before there is one. */
  least: number | undefined
  greatest: number | undefined

  add(score: number): void {
    this.#counts[binOf(score)]++
    this.#fromHere = undefined
    this.total++
    if (this.least === undefined || score < this.least) this.least = score
    if (this.greatest === undefined || score > this.greatest) this.greatest = score
  }

  /** How many are at or above a threshold. */
  countFrom(threshold: number): number {
    return threshold > 1 ? 0 : this.#survival()[binOf(threshold)]
  }

  shareFrom(threshold: number): number {
    return this.total === 0 ? 0 : this.countFrom(threshold) / this.total
  }

  /**
   * The lowest threshold that at most the given share passes. Where the share means less than one, none may pass; -1 where
   * there is none.
   */
  thresholdAt(rate: number): number {
    const allowed = Math.floor(rate * this.total)
    if (allowed >= this.total) return -1
    const survival = this.#survival()
    let [low, high] = [0, BINS]
    while (low < high) {
      const middle = (low + high) >> 1
      if (survival[middle] > allowed) low = middle + 1
      else high = middle
    }
    // One bin above the greatest possible score is a threshold that none passes.
    return edgeOf(low)
  }

  #survival(): Float64Array {
    if (this.#fromHere !== undefined) return this.#fromHere
    const survival = Float64Array.from(this.#counts)
    for (let bin = BINS - 2; bin >= 0; bin--) survival[bin] += survival[bin + 1]
    return (this.#fromHere = survival)
  }
}

function edgeOf(bin: number): number {
  return bin === BINS ? 1 + 2 / BINS : (2 * bin) / BINS - 1
}

function binOf(score: number): number {
  return Math.min(BINS - 1, Math.max(0, Math.floor(((score + 1) * BINS) / 2)))
}
