import { setTimeout as delay } from 'node:timers/promises'
import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { finishErasures } from '../erasure/finish-erasures.ts'
import { eraseNext } from '../erasure/empty-collection.ts'
import { ownCollection } from '../collections/find-collection.ts'
import { isHeld } from '../collections/legal-hold.ts'
import type { Context } from '../context.ts'
import type { JobTable } from '../store/tables/setting-tables.ts'
import { isStillOurs, leaseEnd, underHold } from './jobs.ts'

/**
 * Empties the collection of a job, a batch a transaction, until nothing is left, the signal fires, or the job is not this
 * process's any more. Photos that come in meanwhile go too.
 * @returns whether it is done
 * @throws AppError `not_allowed`, `not_found`, `conflict` under a legal hold
 */
export async function runJob(
  ctx: Pick<Context, 'store' | 'index'>,
  actor: AccountActor,
  job: JobTable,
  signal: AbortSignal,
): Promise<boolean> {
  authorize(actor, 'collection.erase')
  let isDone = false
  let erased = false
  try {
    while (!signal.aborted && !isDone) {
      const startMs = performance.now()
      const step = await ctx.store.db.transaction().execute(async (tx) => {
        if (!(await isStillOurs(tx, job.id))) return 'lost' as const
        const collection = await ownCollection(tx, actor, job.collection_id)
        if (await isHeld(tx, collection.id)) throw underHold()
        const { taken, more } = await eraseNext(tx, actor, {
          collectionId: collection.id,
          agencyId: collection.agency_id,
          kind: 'media',
          reason: job.reason,
          action: 'media.erase',
        })
        const left = await countMedia(tx, collection.id)
        await tx
          .updateTable('job')
          .set((row) => ({
            leased_until: leaseEnd(),
            done: Math.max(job.total - left, 0),
            media: row('media', '+', taken.media),
            faces: row('faces', '+', taken.faces),
          }))
          .where('id', '=', job.id)
          .execute()
        return more ? ('more' as const) : ('done' as const)
      })
      if (step === 'lost') return false
      erased = true
      isDone = step === 'done'
      // As long a pause as the work: whoever waits for the record comes first.
      await delay(performance.now() - startMs, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    if (erased) {
      await ctx.index.dropRemoved()
      await finishErasures(ctx)
    }
  }
  return isDone
}

async function countMedia(db: Context['store']['db'], collectionId: string): Promise<number> {
  const { count } = await db
    .selectFrom('media_in_collection')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('collection_id', '=', collectionId)
    .executeTakeFirstOrThrow()
  return count
}
