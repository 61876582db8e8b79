import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { newId, nowIso } from '../store/ids.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import type { AgencyTable } from '../store/tables/collection-tables.ts'
import type { Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { isSuspended } from './suspensions.ts'

/** Makes an agency; its administrator is invited next. @throws AppError `not_allowed`, `conflict` */
export async function createAgency(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { name: string },
): Promise<AgencyTable> {
  authorize(actor, 'agency.create')
  const name = input.name.trim()
  return ctx.store.db.transaction().execute(async (tx) => {
    const taken = await tx.selectFrom('agency').select('id').where('name', '=', name).executeTakeFirst()
    if (taken !== undefined) throw new AppError('conflict', `There is an agency called '${name}' already.`)
    const row = withDigest('agency', { id: newId(), name, created_at: nowIso(), approves_devices: null })
    await tx.insertInto('agency').values(row).execute()
    await appendAuditEvent(tx, actor, {
      action: 'agency.create',
      agencyId: row.id,
      subject: `agency ${row.id}`,
      details: undefined,
    })
    return row
  })
}

/** Every agency, by name. */
export async function listAgencies(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
): Promise<(AgencyTable & { suspended: boolean })[]> {
  authorize(actor, 'agency.list')
  const { db } = ctx.store
  const rows = await db.selectFrom('agency').selectAll().orderBy('name').execute()
  return Promise.all(
    rows.map(async (row) => ({
      ...checkedRow('agency', row, row.name),
      suspended: await isSuspended(db, [{ kind: 'agency', id: row.id }]),
    })),
  )
}
