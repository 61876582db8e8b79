import type { Refusals } from '../audit/refusals.ts'
import type { Context } from '../context.ts'
import type { Db } from '../store/record.ts'
import type { Authentication } from './authentication.ts'
import type { LiveWork } from './live-work.ts'

/** What the actions of the service work with, beyond what every action has. */
export interface AccessContext extends Pick<Context, 'store'> {
  /** Reads without waiting for this process's transactions. */
  readonly reader: Db
  readonly auth: Authentication
  readonly live: LiveWork
  readonly refusals: Refusals
}
