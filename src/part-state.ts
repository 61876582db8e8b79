/**
 * How a part of the program stands that starts when first needed: `idle` before, `starting`, `ready`, or `failed` and tried
 * again with growing waits.
 */
export type PartState = 'idle' | 'starting' | 'ready' | 'failed'
