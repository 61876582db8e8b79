import type { Role } from '../contract/roles.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { isSuspended } from './suspensions.ts'

/** An account that work can be given to. */
export interface WorkingAccount {
  id: string
  name: string
  agencyId: string
}

export interface Wanted {
  id: string
  /** It must belong to one of these. */
  agencies: readonly string[]
  /** It must have one of these now. */
  roles: readonly Role[]
}

/** Why work cannot be given to an account. */
export type Unfit = 'not_there' | 'without_role' | 'suspended'

/** The account, if work can be given to it: it is of an agency, has a role now, and neither it nor its agency is suspended. */
export async function findWorkingAccount(db: Db, wanted: Wanted): Promise<WorkingAccount | Unfit> {
  const row = await db.selectFrom('account').selectAll().where('id', '=', wanted.id).executeTakeFirst()
  if (row === undefined || row.agency_id === null || !wanted.agencies.includes(row.agency_id))
    return 'not_there'
  const memberships = await db
    .selectFrom('membership')
    .selectAll()
    .where('account_id', '=', row.id)
    .where('role', 'in', wanted.roles)
    .execute()
  if (memberships.length === 0) return 'without_role'
  for (const membership of memberships) checkedRow('membership', membership, membership.id)
  const targets = [
    { kind: 'account' as const, id: row.id },
    { kind: 'agency' as const, id: row.agency_id },
  ]
  if (await isSuspended(db, targets)) return 'suspended'
  return { id: row.id, name: checkedRow('account', row, row.id).name, agencyId: row.agency_id }
}

/**
 * The same for work that somebody gives to it.
 * @param where 'in the agencies of this case': after 'There is no such account'
 * @throws AppError `not_found`, `conflict` when it is suspended
 */
export async function requireWorkingAccount(db: Db, wanted: Wanted, where: string): Promise<WorkingAccount> {
  const found = await findWorkingAccount(db, wanted)
  if (found === 'suspended')
    throw new AppError('conflict', 'This account or its agency is suspended: no work can be given to it.')
  if (typeof found === 'string') throw new AppError('not_found', `There is no such account ${where}.`)
  return found
}
