import type { Refusals } from '../audit/refusals.ts'
import type { LiveWork } from './live-work.ts'
import type { SignInContext } from './sign-in-context.ts'

/** What the actions of the service work with, beyond what every action has. */
export interface AccessContext extends SignInContext {
  readonly live: LiveWork
  readonly refusals: Refusals
}
