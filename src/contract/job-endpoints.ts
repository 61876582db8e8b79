import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { id, idParams, page, pageQuery, text, time } from './values.ts'

const tag = 'Jobs'
const kind = z.enum(['empty_collection'])
const state = z.enum(['waiting', 'running', 'done', 'failed', 'cancelled'])
export type JobKind = z.output<typeof kind>
export type JobState = z.output<typeof state>

/** Also the data, in an array, of the event `jobs` in the stream of events. */
export const job = z
  .object({
    id,
    kind,
    state,
    collectionId: id,
    collectionTitle: z.string(),
    askedBy: z.string(),
    askedAt: time,
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    done: z.int().describe('Photos gone through'),
    total: z.int().describe('Photos there were when it was asked for'),
    media: z.int().describe('Of those, erased; the others stay in another collection'),
    faces: z.int(),
    cancelledBy: z.string().nullable(),
    errorCode: z.string().nullable().describe('Of a failed job, from the table of errors'),
    errorDetail: z.string().nullable(),
  })
  .meta({ id: 'Job' })

/** Work that goes on after the request that asked for it, on whichever process. */
export const jobEndpoints = defineEndpoints({
  emptyCollection: {
    method: 'POST',
    path: '/collections/:id/emptying',
    access: 'collection.erase',
    tag,
    summary: 'Erase everything that an own collection holds, as a job; tombstones remain',
    params: idParams,
    body: z.object({
      reason: text.describe('Stays in the tombstones; must not say who or what is erased'),
    }),
    reply: job,
    status: 202,
    idempotent: true,
  },
  listJobs: {
    method: 'GET',
    path: '/jobs',
    access: 'collection.erase',
    tag,
    summary: 'Jobs of the agency, newest first',
    query: pageQuery.extend({ state: state.optional() }),
    reply: page(job),
  },
  cancelJob: {
    method: 'POST',
    path: '/jobs/:id/cancel',
    access: 'collection.erase',
    tag,
    summary: 'End a job after what is under way; what it has done stays done',
    params: idParams,
    body: z.object({}),
    reply: job,
  },
})
