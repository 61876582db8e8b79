import { appendAuditEvent } from '../audit/append-event.ts'
import type { Role } from '../contract/roles.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { AccountTable, InvitationTable } from '../store/tables/account-tables.ts'
import type { Actor } from '../actor/actor.ts'
import { matterOfInvitation } from './invitation-code.ts'
import { checkRoles } from './invitations.ts'
import { authorize } from '../actor/policy.ts'
import { giveOrAskRole, waitingRoles, withdrawRequest } from './role-requests.ts'
import { isSecondPerson } from './second-person.ts'
import type { AccessContext } from './service-context.ts'
import { announceCutOff } from './suspensions.ts'

export interface AccountSummary extends Omit<AccountTable, 'digest'> {
  agency: string | null
  roles: Role[]
  /** Asked for, and not confirmed by a second person yet. */
  waiting_roles: Role[]
  suspended: boolean
  /** When a session of it was last used. */
  last_seen_at: string | null
}

/** Accounts of the administrator's agency, by name; an operator sees those of every agency. */
export async function listAccounts(
  ctx: Pick<AccessContext, 'store'>,
  actor: Actor,
): Promise<AccountSummary[]> {
  authorize(actor, 'account.read')
  const { db } = ctx.store
  let query = db
    .selectFrom('account')
    .leftJoin('agency', 'agency.id', 'account.agency_id')
    .selectAll('account')
    .select('agency.name as agency')
    .orderBy('account.name')
  const agencyId = ownAgency(actor)
  if (agencyId !== undefined) query = query.where('account.agency_id', '=', agencyId)
  const rows = await query.execute()
  return Promise.all(
    rows.map(async ({ agency, ...row }) => {
      const { digest: _digest, ...account } = checkedRow('account', row, row.id)
      return { ...account, agency, ...(await standing(db, row.id)) }
    }),
  )
}

/**
 * Sets an account's roles; new ones of `CONFIRMED_ROLES` wait for a second person. What it has under way with the old ones ends.
 * @throws AppError `not_allowed`, `not_found`
 */
export async function changeRoles(
  ctx: Pick<AccessContext, 'store'>,
  actor: Actor,
  input: { accountId: string; roles: readonly Role[] },
): Promise<void> {
  authorize(actor, 'account.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    const account = await findAccount(tx, actor, input.accountId)
    checkRoles(input.roles, account.agency_id ?? undefined)
    if (
      actor.kind === 'account' &&
      actor.accountId === account.id &&
      !input.roles.includes('administrator')
    ) {
      throw new AppError('conflict', 'Nobody can take the administrator role from themselves.')
    }
    const current = await tx
      .selectFrom('membership')
      .selectAll()
      .where('account_id', '=', account.id)
      .execute()
    for (const { id, role } of current) {
      if (!input.roles.includes(role)) await tx.deleteFrom('membership').where('id', '=', id).execute()
    }
    const waiting = await waitingRoles(tx, account.id)
    for (const { id, role } of waiting) {
      if (!input.roles.includes(role)) await withdrawRequest(tx, actor, id)
    }
    const asker = { name: actor.name, accountId: actor.kind === 'account' ? actor.accountId : null }
    for (const role of new Set(input.roles)) {
      if ([...current, ...waiting].some((known) => known.role === role)) continue
      await giveOrAskRole(tx, account.id, role, { asker })
    }
    await announceCutOff(tx, { kind: 'account', id: account.id })
    await appendAuditEvent(tx, actor, {
      action: 'account.change_roles',
      agencyId: account.agency_id ?? undefined,
      subject: `account ${account.id}`,
      details: { before: current.map(({ role }) => role).join(' '), after: input.roles.join(' ') },
    })
  })
}

export interface ListedInvitation extends InvitationTable {
  /** Whether the actor can give out the code that it needs. */
  mayGiveCode: boolean
}

/** Invitations that are still open. */
export async function listInvitations(
  ctx: Pick<AccessContext, 'store'>,
  actor: Actor,
): Promise<ListedInvitation[]> {
  authorize(actor, 'role.confirm')
  let query = ctx.store.db
    .selectFrom('invitation')
    .selectAll()
    .where('settled_at', 'is', null)
    .where('email', '<>', '')
    .orderBy('id', 'desc')
  const agencyId = ownAgency(actor)
  if (agencyId !== undefined) query = query.where('agency_id', '=', agencyId)
  const rows = await query.execute()
  return Promise.all(
    rows.map(async (row) => {
      const matter = matterOfInvitation(checkedRow('invitation', row, row.id))
      const mayGiveCode = matter !== undefined && (await isSecondPerson(ctx.store.db, actor, matter))
      return { ...row, mayGiveCode }
    }),
  )
}

/** The account, if the actor may see it. @throws AppError `not_found` */
export async function findAccount(db: Db, actor: Actor, id: string): Promise<AccountTable> {
  const row = await db.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst()
  const agencyId = ownAgency(actor)
  if (row === undefined || (agencyId !== undefined && row.agency_id !== agencyId)) {
    throw new AppError('not_found', 'There is no such account.')
  }
  return checkedRow('account', row, id)
}

/** The agency whose accounts an actor is bound to; undefined for operators. */
function ownAgency(actor: Actor): string | undefined {
  return actor.kind === 'account' ? actor.agencyId : undefined
}

async function standing(
  db: Db,
  accountId: string,
): Promise<Pick<AccountSummary, 'roles' | 'waiting_roles' | 'suspended' | 'last_seen_at'>> {
  const memberships = await db
    .selectFrom('membership')
    .selectAll()
    .where('account_id', '=', accountId)
    .execute()
  const suspension = await db
    .selectFrom('suspension')
    .select('id')
    .where('target_id', '=', accountId)
    .where('lifted_at', 'is', null)
    .executeTakeFirst()
  const { at } = await db
    .selectFrom('login_session')
    .select(({ fn }) => fn.max('updatedAt').as('at'))
    .where('userId', '=', accountId)
    .executeTakeFirstOrThrow()
  return {
    roles: memberships.map((row) => checkedRow('membership', row, row.id).role),
    waiting_roles: (await waitingRoles(db, accountId)).map(({ role }) => role),
    suspended: suspension !== undefined,
    last_seen_at: at,
  }
}
