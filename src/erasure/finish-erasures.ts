import type { Context } from '../context.ts'
import { isOriginalInUse } from '../store/vault/originals.ts'
import { forgetRemarks } from '../store/photo-remarks.ts'
import type { Db } from '../store/database/db.ts'
import { eraseUnused } from '../video/derivatives.ts'
import { eraseUnusedParts } from '../uploads/upload-parts.ts'
import { ERASE_BATCH } from './remove-rows.ts'

/** Whether rows were erased whose originals still stand in the vault: an erasure was cut off, or is under way. */
export async function isErasureUnfinished(db: Db): Promise<boolean> {
  return (await db.selectFrom('pending_erasure').select('sha256').limit(1).executeTakeFirst()) !== undefined
}

/** Removes the bytes of every original whose rows are gone, then empties the log. @returns whether the log is empty */
export async function finishErasures(ctx: Pick<Context, 'store'>): Promise<boolean> {
  const { db, vault, record } = ctx.store
  for (;;) {
    const pending = await db.selectFrom('pending_erasure').select('sha256').limit(ERASE_BATCH).execute()
    if (pending.length === 0) break
    for (const { sha256 } of pending) {
      // Inside the write lock: no probe or import can begin to stand on the original meanwhile.
      await db.transaction().execute(async (tx) => {
        if (!(await isOriginalInUse(tx, sha256))) {
          await forgetRemarks(tx, sha256)
          await vault.erase(sha256)
        }
        await tx.deleteFrom('pending_erasure').where('sha256', '=', sha256).execute()
      })
    }
  }
  await eraseUnused(ctx.store)
  await eraseUnusedParts(ctx.store)
  return record.checkpointNow()
}
