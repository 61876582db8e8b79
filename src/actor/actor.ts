import { userInfo } from 'node:os'
import type { Permission, Role } from '../contract/roles.ts'
import type { Assurance } from '../store/tables/login-tables.ts'

/** Who does something. Actions take an actor, check what it may do and write it into the audit event. */
export type Actor = LocalOperator | AccountActor

/** Whoever may run commands on this machine; may do everything, and is named. */
export interface LocalOperator {
  kind: 'operator'
  name: string
}

/** An account of the service, for one request. */
export interface AccountActor {
  kind: 'account'
  name: string
  accountId: string
  /** Undefined for operators, who belong to no agency. */
  agencyId: string | undefined
  roles: readonly Role[]
  /** What its roles allow; with an API key, what the key's scopes leave of it. */
  permissions: ReadonlySet<Permission>
  via:
    | {
        kind: 'session'
        id: string
        deviceId: string | undefined
        assurance: Assurance
        /** Whether the device may do anything; see [Note: device approval]. */
        isDeviceOpen: boolean
      }
    | { kind: 'api_key'; id: string; caseId: string | undefined }
    /** Work that the account asked for and that goes on without a request. */
    | { kind: 'job'; id: string }
  requestId: string
  /** Where the request came from. */
  address: string
  /** The request's Idempotency-Key, while it is to be done once; see [Note: once only]. */
  onceKey?: string
}

/** Somebody who is not signed in: may do nothing, and what was tried is written down. */
export interface Visitor {
  kind: 'visitor'
  name: 'visitor'
  requestId: string
  address: string
}

/** The actor of the command line. @param name as given with --as; the user of the operating system otherwise */
export function localOperator(name: string | undefined): LocalOperator {
  return { kind: 'operator', name: name ?? userInfo().username }
}
