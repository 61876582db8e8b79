/**
 * How long to wait after a failure: `firstMs` after the first, doubled with each further one, `longestMs` at most.
 * @param failures failures in a row, from 1
 */
export function waitAfter(failures: number, firstMs: number, longestMs: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30))
}

/** Waits that grow with every failure in a row, so that what keeps failing is tried again, but costs little. */
export class BackOff {
  readonly #firstMs: number
  readonly #longestMs: number
  #failures = 0

  /** Waits as `waitAfter` says. */
  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs
    this.#longestMs = longestMs
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures
  }

  /** Counts a failure. @returns how long to wait before the next attempt, ms */
  failed(): number {
    this.#failures += 1
    return waitAfter(this.#failures, this.#firstMs, this.#longestMs)
  }

  succeeded(): void {
    this.#failures = 0
  }
}
