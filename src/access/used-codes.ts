import { nowIso } from '../store/ids.ts'
import type { Db } from '../store/database/db.ts'

/**
 * A code is taken during its own 30 seconds and those before and after, as clocks differ; it is remembered for longer than
 * that.
 */
const REMEMBER_MS = 3 * 60_000

/**
 * Takes a code that was right: each lets in once (RFC 6238, section 5.2), so that whoever saw it typed has nothing. The
 * code stands for its time step: within these minutes no other step of an account has the same, but once in a million.
 * @returns false for one that has let somebody in already
 */
export async function takeCode(db: Db, accountId: string, code: string): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const before = new Date(Date.now() - REMEMBER_MS).toISOString()
    await tx.deleteFrom('used_code').where('used_at', '<', before).execute()
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('used_code')
      .values({ account_id: accountId, code, used_at: nowIso() })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow()
    return numInsertedOrUpdatedRows === 1n
  })
}
