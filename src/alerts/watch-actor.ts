import type { LocalOperator } from '../actor/actor.ts'

/** Who raises alerts, keeps dates and sends messages: the machine, in the name of whoever set the standing search up. */
export const WATCH_ACTOR: LocalOperator = { kind: 'operator', name: 'standing searches' }
