import type { Context } from '../context.ts'
import type { Role } from '../contract/roles.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { ACCOUNT_NOT_SUSPENDED } from './suspensions.ts'

export interface Directory {
  /** Accounts of the own agency that are not suspended. */
  colleagues: { accountId: string; name: string; roles: Role[] }[]
  /** Every other agency of the instance. */
  agencies: { agencyId: string; name: string }[]
}

/** Names of those with whom work can be shared: who can be added to a case, to whom a collection can be granted. */
export async function readDirectory(ctx: Pick<Context, 'store'>, actor: AccountActor): Promise<Directory> {
  authorize(actor, 'directory.read')
  const agencyId = agencyOf(actor)
  const { db } = ctx.store
  const accounts = await db
    .selectFrom('account')
    .selectAll()
    .where('agency_id', '=', agencyId)
    .where(ACCOUNT_NOT_SUSPENDED)
    .orderBy('name')
    .execute()
  const memberships = await db
    .selectFrom('membership')
    .selectAll()
    .where(
      'account_id',
      'in',
      accounts.map(({ id }) => id),
    )
    .execute()
  const agencies = await db
    .selectFrom('agency')
    .selectAll()
    .where('id', '!=', agencyId)
    .orderBy('name')
    .execute()
  return {
    colleagues: accounts.map((row) => ({
      accountId: checkedRow('account', row, row.id).id,
      name: row.name,
      roles: memberships
        .filter((membership) => membership.account_id === row.id)
        .map((membership) => checkedRow('membership', membership, membership.id).role),
    })),
    agencies: agencies.map((row) => ({ agencyId: row.id, name: checkedRow('agency', row, row.name).name })),
  }
}
