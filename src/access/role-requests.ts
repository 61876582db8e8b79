import { appendAuditEvent } from '../audit/append-event.ts'
import { needsConfirmation, type Role } from '../contract/roles.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import type { RoleRequestTable } from '../store/tables/account-tables.ts'
import type { Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { isSecondPerson, requireSecondPerson, type Matter } from './second-person.ts'
import type { AccessContext } from './service-context.ts'

type Ctx = Pick<AccessContext, 'store'>

/** Who asks for a role. */
export interface Asker {
  name: string
  /** Null: an operator at the command line. */
  accountId: string | null
}

/** Gives an account a role, or has it wait for a second person. @param atOnce whether nobody has to be asked */
export async function giveOrAskRole(
  tx: Tx,
  accountId: string,
  role: Role,
  { asker, atOnce = false }: { asker: Asker; atOnce?: boolean },
): Promise<void> {
  if (atOnce || !needsConfirmation(role)) return writeMembership(tx, accountId, role, asker.name)
  const row = {
    id: newId(),
    account_id: accountId,
    role,
    asked_by: asker.name,
    asked_account_id: asker.accountId,
    asked_at: nowIso(),
    outcome: null,
    settled_by: null,
    settled_account_id: null,
    settled_at: null,
  }
  await tx.insertInto('role_request').values(withDigest('role_request', row)).execute()
}

/** Roles of an account that wait for a second person. */
export async function waitingRoles(db: Db, accountId: string): Promise<RoleRequestTable[]> {
  const rows = await db
    .selectFrom('role_request')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('settled_at', 'is', null)
    .orderBy('id')
    .execute()
  return rows.map((row) => checkedRow('role_request', row, row.id))
}

/** Takes back what waits: somebody set other roles. */
export async function withdrawRequest(tx: Tx, actor: Actor, id: string): Promise<void> {
  await writeOutcome(tx, actor, id, 'withdrawn')
}

export interface ListedRequest extends RoleRequestTable {
  name: string
  email: string
  agency: string
  /** Whether the actor can be the second person. */
  mayConfirm: boolean
}

/** Roles that wait for a second person, longest first: of the own agency, for operators of all. */
export async function listRoleRequests(ctx: Ctx, actor: Actor): Promise<ListedRequest[]> {
  authorize(actor, 'role.confirm')
  const { db } = ctx.store
  let query = db
    .selectFrom('role_request')
    .innerJoin('account', 'account.id', 'role_request.account_id')
    .innerJoin('agency', 'agency.id', 'account.agency_id')
    .selectAll('role_request')
    .select(['account.name', 'account.email', 'account.agency_id', 'agency.name as agency'])
    .where('role_request.settled_at', 'is', null)
    .orderBy('role_request.id')
  if (actor.kind === 'account' && actor.agencyId !== undefined)
    query = query.where('account.agency_id', '=', actor.agencyId)
  const listed: ListedRequest[] = []
  for (const { name, email, agency, agency_id: agencyId, ...row } of await query.execute()) {
    const request = checkedRow('role_request', row, row.id)
    const mayConfirm = await isSecondPerson(db, actor, matterOf(request, agencyId!))
    listed.push({ ...request, name, email, agency, mayConfirm })
  }
  return listed
}

/**
 * The second person's word on a role: with a yes the account has it from now on.
 * @param input.reason of the operator at the command line
 * @throws AppError `not_found`, `conflict` when it is settled, `not_allowed`, `shared_device`
 */
export async function settleRoleRequest(
  ctx: Ctx,
  actor: Actor,
  input: { id: string; outcome: 'confirmed' | 'refused'; reason?: string },
): Promise<void> {
  authorize(actor, 'role.confirm')
  await ctx.store.db.transaction().execute(async (tx) => {
    const found = await tx
      .selectFrom('role_request')
      .selectAll()
      .where('id', '=', input.id)
      .executeTakeFirst()
    const account =
      found &&
      (await tx
        .selectFrom('account')
        .select('agency_id')
        .where('id', '=', found.account_id)
        .executeTakeFirstOrThrow())
    const agencyId = account?.agency_id ?? undefined
    const isOther = actor.kind === 'account' && actor.agencyId !== undefined && actor.agencyId !== agencyId
    if (found === undefined || agencyId === undefined || isOther)
      throw new AppError('not_found', 'There is no such role that waits.')
    const request = checkedRow('role_request', found, found.id)
    if (request.settled_at !== null) throw new AppError('conflict', 'This was settled already.')
    await requireSecondPerson(tx, actor, matterOf(request, agencyId))
    await writeOutcome(tx, actor, request.id, input.outcome)
    if (input.outcome === 'confirmed') {
      const grantedBy = `${request.asked_by}, ${actor.name}`
      await writeMembership(tx, request.account_id, request.role, grantedBy)
    }
    await appendAuditEvent(tx, actor, {
      action: input.outcome === 'confirmed' ? 'role.confirm' : 'role.refuse',
      agencyId,
      subject: `account ${request.account_id}`,
      details: {
        role: request.role,
        asked_by: request.asked_account_id,
        ...(input.reason === undefined ? {} : { reason: input.reason }),
      },
    })
  })
}

function matterOf(request: RoleRequestTable, agencyId: string): Matter {
  return { agencyId, askedAccountId: request.asked_account_id, accountId: request.account_id }
}

async function writeOutcome(
  tx: Tx,
  actor: Actor,
  id: string,
  outcome: NonNullable<RoleRequestTable['outcome']>,
): Promise<void> {
  await changeRow(tx, 'role_request', id, {
    outcome,
    settled_by: actor.name,
    settled_account_id: actor.kind === 'account' ? actor.accountId : null,
    settled_at: nowIso(),
  })
}

async function writeMembership(tx: Tx, account_id: string, role: Role, granted_by: string): Promise<void> {
  const row = { id: newId(), account_id, role, granted_by, granted_at: nowIso() }
  await tx.insertInto('membership').values(withDigest('membership', row)).execute()
}
