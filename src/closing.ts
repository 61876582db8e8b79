/** What was opened so far, to be closed again in the opposite order: when all is done, or when a start fails half-way. */
export class Closing {
  readonly #steps: (() => unknown)[] = []

  /** @param close may be called once; may return a promise */
  add(close: () => unknown): void {
    this.#steps.push(close)
  }

  /** Closes all of it, each also when another one fails. @throws the first failure, at the end */
  async close(): Promise<void> {
    const failures: unknown[] = []
    for (const step of this.#steps.splice(0).toReversed()) {
      try {
        await step()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
