import type { Context } from '../context.ts'
import type { Db } from '../store/db.ts'
import type { Authentication } from './authentication.ts'

/** What it takes to know who a request comes from. */
export interface SignInContext extends Pick<Context, 'store'> {
  /** Reads without waiting for this process's transactions. */
  readonly reader: Db
  readonly auth: Authentication
}
