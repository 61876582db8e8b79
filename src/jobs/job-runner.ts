import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { LiveWork } from '../access/live-work.ts'
import { accountActor } from '../access/resolve-actor.ts'
import type { Context } from '../context.ts'
import { AppError, reasonOf } from '../errors.ts'
import type { Db } from '../store/record.ts'
import type { JobTable } from '../store/service-schema.ts'
import { claimJob, letGo } from './jobs.ts'
import { runJob } from './run-job.ts'

/** How often a process looks for jobs that others were asked for, or left. */
const LOOK_EVERY_MS = 1000

interface JobContext extends Pick<Context, 'store' | 'index'> {
  readonly reader: Db
  readonly live: LiveWork
}

/** One process's part of the jobs: one after another, as long as the service runs; see [Note: jobs]. */
export class JobRunner {
  readonly #ctx: JobContext
  readonly #log: Logger
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  #woken = new AbortController()

  constructor(ctx: JobContext, log: Logger) {
    this.#ctx = ctx
    this.#log = log
    this.#running = this.#run()
  }

  /** Looks now: a job was asked for on this process. */
  wake(): void {
    this.#woken.abort()
  }

  /** Takes no more jobs; the one under way is handed back after its transaction. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const job = await claimJob(this.#ctx.store.db).catch((error: unknown) => {
        this.#log.error({ reason: reasonOf(error) }, 'jobs not readable')
        return undefined
      })
      if (job !== undefined) await this.#work(job)
      else {
        this.#woken = new AbortController()
        const either = AbortSignal.any([signal, this.#woken.signal])
        await delay(LOOK_EVERY_MS, undefined, { signal: either }).catch(() => undefined)
      }
    }
  }

  async #work(job: JobTable): Promise<void> {
    const { store, reader, live } = this.#ctx
    try {
      const actor = await accountActor(reader, job.account_id, {
        via: { kind: 'job', id: job.id },
        requestId: job.request_id,
        address: job.address,
      })
      const work = live.begin(actor)
      try {
        const signal = AbortSignal.any([this.#stopping.signal, work.signal])
        const isDone = await runJob(this.#ctx, actor, job, signal)
        if (work.signal.aborted) throw new AppError('cut_off', 'The account that asked for it was suspended.')
        await letGo(store.db, job.id, isDone ? 'done' : 'waiting')
      } finally {
        work.done()
      }
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500)
        this.#log.error({ job: job.id, reason: reasonOf(error) }, 'job failed')
      const shown =
        error instanceof AppError
          ? error
          : new AppError('internal', 'Something went wrong in the service; what was done stays done.')
      await letGo(store.db, job.id, 'failed', shown).catch((failure: unknown) =>
        this.#log.error({ job: job.id, reason: reasonOf(failure) }, 'job not ended'),
      )
    }
  }
}
