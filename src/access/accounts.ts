import { appendAuditEvent } from '../audit/append-event.ts'
import type { Role } from '../contract/roles.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../store/record.ts'
import { checkedRow } from '../store/row-digest.ts'
import type { AccountTable, InvitationTable } from '../store/service-schema.ts'
import type { Actor } from './actor.ts'
import { checkRoles, writeMembership } from './invitations.ts'
import { authorize } from './policy.ts'
import type { AccessContext } from './service-context.ts'
import { announceCutOff } from './suspensions.ts'

export interface AccountSummary extends Omit<AccountTable, 'digest'> {
  agency: string | null
  roles: Role[]
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

/** Sets an account's roles. What it has under way with the old ones ends. @throws AppError `not_allowed`, `not_found` */
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
    for (const role of new Set(input.roles)) {
      if (!current.some((membership) => membership.role === role)) {
        await writeMembership(tx, account.id, role, actor.name)
      }
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

/** Invitations that are still open. */
export async function listInvitations(
  ctx: Pick<AccessContext, 'store'>,
  actor: Actor,
): Promise<InvitationTable[]> {
  authorize(actor, 'account.read')
  let query = ctx.store.db
    .selectFrom('invitation')
    .selectAll()
    .where('settled_at', 'is', null)
    .where('email', '<>', '')
    .orderBy('id', 'desc')
  const agencyId = ownAgency(actor)
  if (agencyId !== undefined) query = query.where('agency_id', '=', agencyId)
  return (await query.execute()).map((row) => checkedRow('invitation', row, row.id))
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
): Promise<Pick<AccountSummary, 'roles' | 'suspended' | 'last_seen_at'>> {
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
    suspended: suspension !== undefined,
    last_seen_at: at,
  }
}
