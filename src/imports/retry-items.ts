import type { Actor } from '../actor/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { findImport } from './import-status.ts'

/** Reasons that lie with the machine, not with the file: another try may end otherwise. */
const PASSING_REASONS = [
  'file_not_found',
  'no_permission',
  'read_failed',
  'took_too_long',
  'out_of_memory',
  'changed_since_listed',
]

/**
 * Makes items wait again that failed, or that could not be read for a reason that may have passed. Their attempts
 * begin anew; the import is unfinished again.
 * @returns how many there are
 */
export async function retryItems(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { importId: string },
): Promise<number> {
  const row = await findImport(ctx.store.db, input.importId)
  return ctx.store.db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('import_item')
      .set({ state: 'waiting', attempts: 0, reason: null, detail: null, finished_at: null })
      .where('import_id', '=', row.id)
      .where((where) =>
        where.or([
          where('state', '=', 'failed'),
          where.and([where('state', '=', 'unreadable'), where('reason', 'in', PASSING_REASONS)]),
        ]),
      )
      .executeTakeFirstOrThrow()
    const retried = Number(numUpdatedRows)
    if (retried === 0) return 0
    await tx.updateTable('import').set({ finished_at: null }).where('id', '=', row.id).execute()
    const { agency_id: agencyId } = await tx
      .selectFrom('collection')
      .select('agency_id')
      .where('id', '=', row.collection_id)
      .executeTakeFirstOrThrow()
    await appendAuditEvent(tx, actor, {
      action: 'import.retry',
      agencyId,
      subject: `import ${row.id}`,
      details: { items: retried },
    })
    return retried
  })
}
