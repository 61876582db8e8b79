import type { oversightEndpoints } from '../../contract/oversight-endpoints.ts'
import { drawSearches, listReviews, settleReview } from '../../oversight/review-searches.ts'
import { statistics } from '../../oversight/statistics.ts'
import type { SearchReviewTable } from '../../store/tables/search-tables.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'
import { nextOf } from '../pages.ts'

/** Statistics, and supervisors' sampling of searches. */
export function oversightRoutes(ctx: HttpContext): HandlersOf<typeof oversightEndpoints> {
  return {
    readStatistics: async ({ actor, query }) => statistics(ctx, actor, query),
    drawSearches: async ({ actor, body }) => (await drawSearches(ctx, actor, body)).map(reviewReply),
    async listReviews({ actor, query: { state, cursor, limit } }) {
      const rows = await listReviews(ctx, actor, { state, before: cursor, limit })
      return { items: rows.map(reviewReply), next: nextOf(rows, limit, ({ id }) => id) }
    },
    settleReview: async ({ actor, params, body }) =>
      reviewReply(await settleReview(ctx, actor, { id: params.id, ...body })),
  }
}

function reviewReply(row: SearchReviewTable) {
  return {
    id: row.id,
    searchId: row.search_id,
    drawnBy: row.drawn_by,
    drawnAt: row.drawn_at,
    finding: row.finding,
    note: row.note,
    reviewedBy: row.reviewed_by,
    reviewedAt: row.reviewed_at,
  }
}
