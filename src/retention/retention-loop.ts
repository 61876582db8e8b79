import type { Logger } from 'pino'
import { localOperator } from '../actor/actor.ts'
import { WorkLoop } from '../concurrency/work-loop.ts'
import type { Context } from '../context.ts'
import { runRetention } from './run-retention.ts'

/** How often what has passed its date is looked for; first when the service starts. */
const RETENTION_EVERY_MS = 60 * 60 * 1000
/** A run that failed is tried again sooner, but not often: it may read much of the record. */
const RETRY = { firstMs: 60_000, longestMs: RETENTION_EVERY_MS }

/** Erases what passes its date, as long as the service runs. Several processes may: each transaction looks anew. */
export function retentionLoop(
  ctx: Pick<Context, 'store' | 'index'>,
  log: Logger,
  onTrouble: (error: unknown) => void,
): WorkLoop {
  const actor = localOperator('retention job')
  return new WorkLoop({
    everyMs: RETENTION_EVERY_MS,
    retry: RETRY,
    onTrouble,
    async step(signal) {
      const report = await runRetention(ctx, actor, { dryRun: false, signal })
      const due = report.collections.filter(({ held }) => !held)
      const { logEmptied, indexCleared } = report
      if (due.length > 0) log.info({ collections: due.length, logEmptied, indexCleared }, 'retention')
      return false
    },
  })
}
