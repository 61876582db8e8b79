import type { AccountActor } from '../actor/actor.ts'
import type { LiveWork } from '../access/live-work.ts'
import { accountActor } from '../access/resolve-actor.ts'
import { AppError } from '../errors.ts'
import type { Store } from '../store/store.ts'

/** Who asked for work that outlives its request. */
export interface Asker {
  id: string
  account_id: string
  request_id: string
  address: string
}

/**
 * Does work as the account that asked for it, with what that account may do now.
 * @param work its signal fires when the process is to stop, or the account is cut off
 * @throws AppError `cut_off` when the account was, whatever the work came to; as `accountActor`
 */
export async function runAsAccount<Result>(
  { store, live }: { store: Pick<Store, 'lookups'>; live: LiveWork },
  asker: Asker,
  stopping: AbortSignal,
  work: (actor: AccountActor, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const actor = await accountActor(store.lookups, asker.account_id, {
    via: { kind: 'job', id: asker.id },
    requestId: asker.request_id,
    address: asker.address,
  })
  const running = live.begin(actor, false)
  try {
    const result = await work(actor, AbortSignal.any([stopping, running.signal]))
    if (running.signal.aborted) throw new AppError('cut_off', 'The account that asked for it was suspended.')
    return result
  } finally {
    running.done()
  }
}
