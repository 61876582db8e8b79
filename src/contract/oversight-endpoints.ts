import { z } from 'zod'
import { CASE_PURPOSES } from './case-purposes.ts'
import { defineEndpoints } from './endpoint.ts'
import { id, idParams, page, pageQuery, text, time } from './values.ts'

const tag = 'Oversight'
const purpose = z.enum(CASE_PURPOSES)
const finding = z.enum(['in_order', 'not_in_order', 'unclear'])
const month = z.string().describe('YYYY-MM')
const period = z.object({ since: time, until: time.describe('Left out itself') })
const review = z.object({
  id,
  searchId: id,
  drawnBy: z.string(),
  drawnAt: time,
  finding: finding.nullable().describe('null: still to be looked at'),
  note: z.string().nullable(),
  reviewedBy: z.string().nullable(),
  reviewedAt: time.nullable(),
})

/** Statistics, and supervisors' sampling of searches. */
export const oversightEndpoints = defineEndpoints({
  readStatistics: {
    method: 'GET',
    path: '/statistics',
    access: 'statistics.read',
    tag,
    summary: 'Counts for a transparency report, by month, agency and purpose; no names',
    query: period,
    reply: z.object({
      searches: z.array(
        z.object({
          month,
          agency: z.string(),
          purpose,
          withCandidates: z.int(),
          withoutCandidate: z.int(),
        }),
      ),
      verifications: z.array(
        z.object({ month, agency: z.string(), purpose, alike: z.int(), notAlike: z.int() }),
      ),
      acts: z.array(z.object({ month, agency: z.string(), action: z.string(), count: z.int() })),
    }),
  },
  drawSearches: {
    method: 'POST',
    path: '/reviews/draws',
    access: 'review.draw',
    tag,
    summary: 'Draw a random sample of the searches, to be looked at; never the own ones',
    body: period.extend({ share: z.number().gt(0).max(1) }),
    reply: z.array(review),
    status: 201,
  },
  listReviews: {
    method: 'GET',
    path: '/reviews',
    access: 'review.read',
    tag,
    summary: 'Searches that were drawn, newest first',
    query: pageQuery.extend({ state: z.enum(['open', 'done']).optional() }),
    reply: page(review),
  },
  settleReview: {
    method: 'PUT',
    path: '/reviews/:id',
    access: 'review.draw',
    tag,
    summary: 'Write down what was found; it stays',
    params: idParams,
    body: z.object({ finding, note: text }),
    reply: review,
  },
})
