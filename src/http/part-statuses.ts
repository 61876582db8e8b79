import type { PartStatus } from '../concurrency/part-state.ts'
import { AppError } from '../errors.ts'
import type { HttpContext } from './http-context.ts'

export type PartsContext = Pick<HttpContext, 'index' | 'engineStatus' | 'parts'>

/** Parts without which requests are not answered, beside the record itself; started when first needed. */
export function answeringParts(ctx: PartsContext): Record<string, PartStatus> {
  return { engine: ctx.engineStatus(), index: ctx.index.status }
}

/** Every part that may fail, by name; one that failed is tried again by itself. */
export function partStatuses(ctx: PartsContext): Record<string, PartStatus> {
  return { ...answeringParts(ctx), ...ctx.parts.states }
}

/** What of a failure everybody may know: messages name collections and files, and stand in the log alone. */
export function failureCode({ error }: NonNullable<PartStatus['lastFailure']>): string {
  return error instanceof AppError ? error.code : 'internal'
}
