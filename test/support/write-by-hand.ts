import { appendAuditEvent } from '../../src/audit/append-event.ts'
import type { Store } from '../../src/store/store.ts'
import type { Tx } from '../../src/store/database/db.ts'
import { actor } from './enrolled-record.ts'

/** Writes rows past the actions that people use, with the event that the record asks of every writer. */
export async function writeByHand<Result>(store: Store, write: (tx: Tx) => Promise<Result>): Promise<Result> {
  return store.db.transaction().execute(async (tx) => {
    const result = await write(tx)
    await appendAuditEvent(tx, actor, {
      action: 'test.write',
      agencyId: undefined,
      subject: undefined,
      details: undefined,
    })
    return result
  })
}
