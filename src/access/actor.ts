import { userInfo } from 'node:os'

/**
 * Who does something. Actions take an actor, check what it may do and write its name into the audit event.
 * `operator`: whoever may run commands on this machine; may do everything, and is named.
 */
export interface Actor {
  kind: 'operator'
  name: string
}

/** The actor of the command line. @param name as given with --as; the user of the operating system otherwise */
export function localOperator(name: string | undefined): Actor {
  return { kind: 'operator', name: name ?? userInfo().username }
}
