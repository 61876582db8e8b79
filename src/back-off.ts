/** Waits that grow with every failure in a row, so that what keeps failing is tried again, but costs little. */
export class BackOff {
  readonly #firstMs: number
  readonly #longestMs: number
  #failures = 0

  /** @param firstMs wait after the first failure; doubled with each further one, up to `longestMs` */
  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs
    this.#longestMs = longestMs
  }

  /** Counts a failure. @returns how long to wait before the next attempt, ms */
  failed(): number {
    const waitMs = Math.min(this.#longestMs, this.#firstMs * 2 ** Math.min(this.#failures, 30))
    this.#failures += 1
    return waitMs
  }

  succeeded(): void {
    this.#failures = 0
  }
}
