import type { Context } from '../context.ts'
import type { Authentication } from './authentication.ts'

/** What it takes to know who a request comes from. */
export interface SignInContext extends Pick<Context, 'store'> {
  readonly auth: Authentication
}
