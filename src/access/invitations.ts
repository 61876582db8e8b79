import { appendAuditEvent } from '../audit/append-event.ts'
import type { Role } from '../contract/roles.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Tx } from '../store/record.ts'
import { checkedRow, withDigest } from '../store/row-digest.ts'
import type { InvitationTable } from '../store/service-schema.ts'
import type { Actor, Visitor } from './actor.ts'
import { newToken, tokenHash } from './one-time-token.ts'
import { checkPassword } from './passwords.ts'
import { agencyOf, authorize } from './policy.ts'
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
}

/**
 * Invites somebody; there is no other way to get an account. The token goes into a link that works once.
 * @throws AppError `not_allowed`, `not_found`, `conflict` when the address has an account
 */
export async function invite(
  ctx: Pick<AccessContext, 'store'>,
  actor: Actor,
  input: InviteInput,
): Promise<{ invitation: InvitationTable; token: string }> {
  authorize(actor, 'account.invite')
  const ofInstance = actor.kind === 'operator' || actor.agencyId === undefined
  const agencyId = ofInstance ? input.agencyId : agencyOf(actor)
  checkRoles(input.roles, agencyId)
  return ctx.store.db.transaction().execute(async (tx) => {
    if (agencyId !== undefined) {
      const agency = await tx.selectFrom('agency').select('id').where('id', '=', agencyId).executeTakeFirst()
      if (agency === undefined) throw new AppError('not_found', 'There is no such agency.')
    }
    if (await hasAccount(tx, input.email))
      throw new AppError('conflict', 'This address has an account already.')
    const written = await writeInvitation(tx, actor, { ...input, agencyId }, INVITATION_MS)
    await appendAuditEvent(tx, actor, {
      action: 'account.invite',
      agencyId,
      subject: `invitation ${written.invitation.id}`,
      details: { roles: input.roles.join(' ') },
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
    const first = { email: '', name: '', roles: ['operator'] as const, agencyId: undefined }
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
): Promise<{ email: string; name: string; agency: string | undefined; roles: Role[] }> {
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
  return { email: row.email, name: row.name, agency, roles: JSON.parse(row.roles) as Role[] }
}

export interface AcceptInput {
  token: string
  password: string
  /** Taken for the first operator only; others were named by who invited them. */
  email: string | undefined
  name: string | undefined
}

/**
 * Makes the account that an invitation is for: login, password, account, roles and the settling of the invitation in one
 * transaction, so that of several who use one link, or links to one address, at the same time one gets all and the
 * others change nothing. Rows of the login are written here, as better-auth would, since it writes outside of it.
 * @throws AppError `not_found` for an unknown, used or expired link, `bad_input` for the password, `conflict`
 */
export async function acceptInvitation(
  ctx: AccessContext,
  visitor: Visitor,
  input: AcceptInput,
): Promise<string> {
  const { db } = ctx.store
  const row = await openInvitation(db, input.token)
  const email = (row.email === '' ? (input.email ?? '') : row.email).trim().toLowerCase()
  const name = (row.name === '' ? (input.name ?? '') : row.name).trim()
  if (email === '' || name === '') throw new AppError('bad_input', 'Expected a name and an e-mail address.')
  await checkPassword(input.password, { email, name })
  const { password: passwords } = await ctx.auth.$context
  const password = await passwords.hash(input.password)
  await db.transaction().execute(async (tx) => {
    await openInvitation(tx, input.token)
    if (await hasAccount(tx, email)) throw new AppError('conflict', 'This address has an account already.')
    const id = await writeLogin(tx, { email, name, password })
    await changeRow(tx, 'invitation', row.id, { settled_at: nowIso() })
    const agency_id = row.agency_id
    const account = { id, agency_id, email, name, created_at: nowIso(), created_by: row.invited_by }
    await tx.insertInto('account').values(withDigest('account', account)).execute()
    for (const role of JSON.parse(row.roles) as Role[]) await writeMembership(tx, id, role, row.invited_by)
    await appendAuditEvent(tx, visitor, {
      action: 'account.create',
      agencyId: agency_id ?? undefined,
      subject: `account ${id}`,
      details: { invitation: row.id },
    })
  })
  return email
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

/** Gives an account a role. */
export async function writeMembership(
  tx: Tx,
  account_id: string,
  role: Role,
  granted_by: string,
): Promise<void> {
  const row = { id: newId(), account_id, role, granted_by, granted_at: nowIso() }
  await tx.insertInto('membership').values(withDigest('membership', row)).execute()
}

async function writeInvitation(
  tx: Tx,
  actor: Actor,
  input: InviteInput,
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
  })
  await tx.insertInto('invitation').values(invitation).execute()
  return { invitation, token }
}

async function openInvitation(db: AccessContext['store']['db'], token: string): Promise<InvitationTable> {
  const row = await db
    .selectFrom('invitation')
    .selectAll()
    .where('token_hash', '=', tokenHash(token))
    .where('settled_at', 'is', null)
    .where('expires_at', '>', nowIso())
    .executeTakeFirst()
  if (row === undefined) {
    throw new AppError('not_found', 'This link was used, has expired, or never was one. Ask for a new one.')
  }
  return checkedRow('invitation', row, row.id)
}

async function hasAccount(db: AccessContext['store']['db'], email: string): Promise<boolean> {
  const row = await db.selectFrom('account').select('id').where('email', '=', email.trim()).executeTakeFirst()
  return row !== undefined
}

/** @param password as better-auth hashed it @returns the login's id */
async function writeLogin(
  tx: Tx,
  { email, name, password }: { email: string; name: string; password: string },
): Promise<string> {
  const at = nowIso()
  const id = newId()
  // Versions before wrote the login first: one that was cut off before it got an account is nobody's.
  await tx.deleteFrom('login').where('email', '=', email).execute()
  await tx
    .insertInto('login')
    .values({ id, email, name, emailVerified: 1, createdAt: at, updatedAt: at, twoFactorEnabled: null })
    .execute()
  const credential = { accountId: id, providerId: 'credential', userId: id, password }
  await tx
    .insertInto('login_credential')
    .values({ id: newId(), ...credential, createdAt: at, updatedAt: at })
    .execute()
  return id
}
