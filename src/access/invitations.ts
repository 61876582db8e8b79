import { appendAuditEvent } from '../audit/append-event.ts'
import type { Role } from '../contract/roles.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import type { InvitationTable } from '../store/tables/account-tables.ts'
import type { AccountActor, Actor } from '../actor/actor.ts'
import { newToken, tokenHash } from './one-time-token.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { isNewAgency } from './second-person.ts'
import type { AccessContext } from './service-context.ts'

/** Long enough to be sent by post to an office, short enough not to lie about. */
const INVITATION_MS = 7 * 24 * 60 * 60 * 1000
const SETUP_MS = 24 * 60 * 60 * 1000

export interface InviteInput {
  email: string
  name: string
  roles: readonly Role[]
  /** For operators: the agency that the account is for. Administrators invite into their own. */
  agencyId: string | undefined
  /** Whether the link goes to the address by e-mail and not to who invites. */
  byMail: boolean
}

/**
 * Invites somebody; there is no other way to get an account. The token goes into a link that works once. Where the
 * inviter is shown it, it opens nothing without a code that a second person gives out; see [Note: second person].
 * Operators invite other operators and agencies' administrators: they bring nobody else in.
 * Who has an account in another agency is nobody's to ask: an invitation to such an address is made like any other, and it
 * is whoever opens it with link and code who learns that the address is taken.
 * @throws AppError `not_allowed`, `not_found`, `conflict` when the address has an account that the inviter can see
 */
export async function invite(
  ctx: Pick<AccessContext, 'store'>,
  actor: AccountActor,
  input: InviteInput,
): Promise<{ invitation: InvitationTable; token: string }> {
  authorize(actor, 'account.invite')
  const ofInstance = actor.agencyId === undefined
  const agencyId = ofInstance ? input.agencyId : agencyOf(actor)
  checkRoles(input.roles, agencyId)
  if (ofInstance && agencyId !== undefined && input.roles.some((role) => role !== 'administrator')) {
    throw new AppError(
      'not_allowed',
      'An operator invites administrators of agencies; they invite the others.',
    )
  }
  return ctx.store.db.transaction().execute(async (tx) => {
    if (agencyId !== undefined) {
      const agency = await tx.selectFrom('agency').select('id').where('id', '=', agencyId).executeTakeFirst()
      if (agency === undefined) throw new AppError('not_found', 'There is no such agency.')
    }
    if (await hasAccount(tx, input.email, actor.agencyId))
      throw new AppError('conflict', 'This address has an account already.')
    const isFirst = agencyId === undefined || (ofInstance && (await isNewAgency(tx, agencyId)))
    const needsCode = !input.byMail && !isFirst
    const written = await writeInvitation(tx, actor, { ...input, agencyId, needsCode }, INVITATION_MS)
    await appendAuditEvent(tx, actor, {
      action: 'account.invite',
      agencyId,
      subject: `invitation ${written.invitation.id}`,
      details: { roles: input.roles.join(' '), by_mail: input.byMail },
    })
    return written
  })
}

/**
 * The link's token by which the first operator sets up the instance; a new one each time it is asked for, the ones
 * before stop working. Undefined once there is an operator.
 */
export async function inviteFirstOperator(
  ctx: Pick<AccessContext, 'store'>,
  actor: Actor,
): Promise<string | undefined> {
  authorize(actor, 'account.invite')
  return ctx.store.db.transaction().execute(async (tx) => {
    const operator = await tx
      .selectFrom('membership')
      .select('id')
      .where('role', '=', 'operator')
      .executeTakeFirst()
    if (operator !== undefined) return undefined
    const earlier = await tx
      .selectFrom('invitation')
      .select('id')
      .where('agency_id', 'is', null)
      .where('settled_at', 'is', null)
      .execute()
    for (const { id } of earlier) await changeRow(tx, 'invitation', id, { settled_at: nowIso() })
    const first = { email: '', name: '', roles: ['operator'] as const, agencyId: undefined, needsCode: false }
    const { invitation, token } = await writeInvitation(tx, actor, first, SETUP_MS)
    await appendAuditEvent(tx, actor, {
      action: 'instance.offer_setup',
      agencyId: undefined,
      subject: `invitation ${invitation.id}`,
      details: undefined,
    })
    return token
  })
}

/** What a link invites to; for the page that asks for a password. @throws AppError `not_found` */
export async function showInvitation(
  ctx: Pick<AccessContext, 'store'>,
  token: string,
): Promise<{ email: string; name: string; agency: string | undefined; roles: Role[]; needsCode: boolean }> {
  const row = await openInvitation(ctx.store.db, token)
  const agency =
    row.agency_id === null
      ? undefined
      : (
          await ctx.store.db
            .selectFrom('agency')
            .select('name')
            .where('id', '=', row.agency_id)
            .executeTakeFirst()
        )?.name
  return {
    email: row.email,
    name: row.name,
    agency,
    roles: JSON.parse(row.roles) as Role[],
    needsCode: row.needs_code === 1,
  }
}

/** Roles that can be given: operators alone stand outside an agency. @throws AppError `bad_input` */
export function checkRoles(roles: readonly Role[], agencyId: string | undefined): void {
  if (agencyId === undefined && (roles.length !== 1 || roles[0] !== 'operator')) {
    throw new AppError(
      'bad_input',
      'Expected an agency: only operators belong to none, and they have no other role.',
    )
  }
  if (agencyId !== undefined && roles.includes('operator')) {
    throw new AppError('bad_input', 'An account of an agency cannot be operator of the instance.')
  }
}

async function writeInvitation(
  tx: Tx,
  actor: Actor,
  input: Omit<InviteInput, 'byMail'> & { needsCode: boolean },
  validMs: number,
): Promise<{ invitation: InvitationTable; token: string }> {
  const { token, tokenHash: token_hash } = newToken()
  const invitation = withDigest('invitation', {
    id: newId(),
    agency_id: input.agencyId ?? null,
    email: input.email.trim().toLowerCase(),
    name: input.name.trim(),
    roles: JSON.stringify([...new Set(input.roles)]),
    token_hash,
    expires_at: new Date(Date.now() + validMs).toISOString(),
    invited_by: actor.name,
    invited_at: nowIso(),
    settled_at: null,
    invited_account_id: actor.kind === 'account' ? actor.accountId : null,
    needs_code: input.needsCode ? 1 : null,
    code_hash: null,
    code_given_by: null,
    code_failures: null,
  })
  await tx.insertInto('invitation').values(invitation).execute()
  return { invitation, token }
}

/** The invitation that a link is for. @throws AppError `not_found` */
export async function openInvitation(
  db: AccessContext['store']['db'],
  token: string,
): Promise<InvitationTable> {
  const row = await db
    .selectFrom('invitation')
    .selectAll()
    .where('token_hash', '=', tokenHash(token))
    .where('settled_at', 'is', null)
    .where('expires_at', '>', nowIso())
    .executeTakeFirst()
  // One for an agency that names no inviter is of a version before, which showed links to who could confirm now.
  if (row === undefined || (row.agency_id !== null && row.invited_account_id === null)) {
    throw new AppError('not_found', 'This link was used, has expired, or never was one. Ask for a new one.')
  }
  return checkedRow('invitation', row, row.id)
}

/** Whether an address has an account. @param agencyId looked for in this agency only; undefined: anywhere */
export async function hasAccount(
  db: AccessContext['store']['db'],
  email: string,
  agencyId?: string,
): Promise<boolean> {
  let query = db.selectFrom('account').select('id').where('email', '=', email.trim())
  if (agencyId !== undefined) query = query.where('agency_id', '=', agencyId)
  return (await query.executeTakeFirst()) !== undefined
}

/** Takes an invitation back whose link could not be sent: nobody has it. */
export async function takeBackInvitation(
  ctx: Pick<AccessContext, 'store'>,
  actor: AccountActor,
  id: string,
): Promise<void> {
  await ctx.store.db.transaction().execute(async (tx) => {
    await changeRow(tx, 'invitation', id, { settled_at: nowIso() })
    await appendAuditEvent(tx, actor, {
      action: 'account.invite',
      agencyId: actor.agencyId,
      subject: `invitation ${id}`,
      details: { sent: false },
      outcome: 'failed',
    })
  })
}
