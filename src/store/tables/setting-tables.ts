import type { JobKind, JobState } from '../../contract/job-endpoints.ts'
import { type Row, integer, nullable, table, text } from './table.ts'

export const SETTING = table(
  {
    key: text(),
    value: text(),
  },
  {
    primaryKey: ['key'],
    withoutRowid: true,
  },
)

/** The one row of a record for practice, see src/access/practice.ts; a record for work has none. */
export const PRACTICE = table(
  {
    id: integer(),
    made_at: text(),
    /** Of all its accounts; made up by chance. */
    password: text(),
  },
  {
    checks: ['id = 1'],
  },
)
export type PracticeTable = Row<typeof PRACTICE>

/** A request with an Idempotency-Key. */
export const REQUEST_ONCE = table(
  {
    account_id: text(),
    key: text(),
    request_hash: text(),
    /** The request that may do it. */
    request_id: text(),
    /** The process that does it, as in leases. */
    holder: text(),
    begun_at: text(),
    /** Id of what it made, written in the transaction that made it; null until then. */
    made: nullable(text()),
  },
  {
    primaryKey: ['account_id', 'key'],
    withoutRowid: true,
    indexes: {
      request_once_begun: { on: ['begun_at'] },
    },
  },
)

/** See jobs.ts. Without a digest: what it has done stands in audit events and tombstones, progress changes all the time. */
export const JOB = table(
  {
    id: text(),
    kind: text<JobKind>({ oneOf: ['empty_collection'] }),
    agency_id: text({ references: 'agency (id)' }),
    collection_id: text({ references: 'collection (id)' }),
    reason: text(),
    account_id: text({ references: 'account (id)' }),
    asked_by: text(),
    asked_at: text(),
    request_id: text(),
    address: text(),
    state: text<JobState>({ oneOf: ['waiting', 'running', 'done', 'failed', 'cancelled'] }),
    started_at: nullable(text()),
    ended_at: nullable(text()),
    leased_by: nullable(text()),
    leased_until: nullable(text()),
    /** Photos gone through, and how many there were at the beginning. */
    done: integer(),
    total: integer(),
    /** Of those, erased; the others stay in another collection. */
    media: integer(),
    faces: integer(),
    cancelled_by: nullable(text()),
    error_code: nullable(text()),
    error_detail: nullable(text()),
  },
  {
    indexes: {
      job_open: { on: ['state', 'id'] },
      job_agency: { on: ['agency_id', 'id'] },
    },
  },
)
export type JobTable = Row<typeof JOB>
