import type { jobEndpoints } from '../../contract/job-endpoints.ts'
import { askToEmpty, cancelJob, listJobs, showJob, type ListedJob } from '../../jobs/jobs.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'
import { nextOf } from '../pages.ts'

/** Work that goes on after the request that asked for it. */
export function jobRoutes(ctx: HttpContext): HandlersOf<typeof jobEndpoints> {
  return {
    emptyCollection: {
      async first({ actor, params, body }) {
        const job = await askToEmpty(ctx, actor, { collectionId: params.id, reason: body.reason })
        ctx.jobs.wake()
        return jobReply(job)
      },
      again: async ({ actor }, id) => jobReply(await showJob(ctx, actor, id)),
    },
    async listJobs({ actor, query: { state, cursor, limit } }) {
      const rows = await listJobs(ctx, actor, { state, before: cursor, limit })
      return { items: rows.map(jobReply), next: nextOf(rows, limit, ({ id }) => id) }
    },
    cancelJob: async ({ actor, params }) => jobReply(await cancelJob(ctx, actor, params)),
  }
}

export function jobReply(row: ListedJob) {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    collectionId: row.collection_id,
    collectionTitle: row.collectionTitle,
    askedBy: row.asked_by,
    askedAt: row.asked_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    done: row.done,
    total: row.total,
    media: row.media,
    faces: row.faces,
    cancelledBy: row.cancelled_by,
    errorCode: row.error_code,
    errorDetail: row.error_detail,
  }
}
