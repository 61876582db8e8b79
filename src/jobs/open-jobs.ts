import type { Logger } from 'pino'
import type { LiveWork } from '../access/live-work.ts'
import type { Context } from '../context.ts'
import { AppError, reasonOf } from '../errors.ts'
import type { JobTable } from '../store/tables/setting-tables.ts'
import { claimJob, releaseJob } from './jobs.ts'
import { runAsAccount } from '../background/run-as-account.ts'
import { runJob } from './run-job.ts'
import { WorkLoop } from '../concurrency/work-loop.ts'

/** How often a process looks for jobs that others were asked for, or left. */
const LOOK_EVERY_MS = 1000

interface JobContext extends Pick<Context, 'store' | 'index'> {
  readonly live: LiveWork
}

/** One process's part of the jobs, to be started, see [Note: jobs]; the one under way at a stop is handed back after its transaction. */
export function openJobs(ctx: JobContext, log: Logger, onTrouble: (error: unknown) => void): WorkLoop {
  return new WorkLoop({
    everyMs: LOOK_EVERY_MS,
    onTrouble,
    async step(signal, works) {
      const job = await claimJob(ctx.store.db)
      if (job === undefined) return false
      works()
      await work(ctx, log, job, signal)
      return true
    },
  })
}

async function work(ctx: JobContext, log: Logger, job: JobTable, stopping: AbortSignal): Promise<void> {
  try {
    const isDone = await runAsAccount(ctx, job, stopping, (actor, signal) => runJob(ctx, actor, job, signal))
    await releaseJob(ctx.store.db, job.id, isDone ? 'done' : 'waiting')
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500)
      log.error({ job: job.id, reason: reasonOf(error) }, 'job failed')
    const shown =
      error instanceof AppError
        ? error
        : new AppError('internal', 'Something went wrong in the service; what was done stays done.')
    await releaseJob(ctx.store.db, job.id, 'failed', shown)
  }
}
