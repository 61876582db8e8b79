/**
 * How a part of the program stands: `idle` before it was first needed or told to work, `starting` until it has worked once,
 * `ready`, or `failed` and tried again with growing waits.
 */
export type PartState = 'idle' | 'starting' | 'ready' | 'failed'

export interface PartStatus {
  state: PartState
  /** Failures since it was made. */
  failures: number
  /** The newest failure, also when it works again. */
  lastFailure: { error: unknown; /** Unix time, ms. */ atMs: number } | undefined
}
