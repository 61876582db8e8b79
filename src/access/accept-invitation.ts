import { appendAuditEvent } from '../audit/append-event.ts'
import type { Role } from '../contract/roles.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import type { InvitationTable } from '../store/tables/account-tables.ts'
import type { Visitor } from '../actor/actor.ts'
import { countWrongCode, isRightCode } from './invitation-code.ts'
import { hasAccount, openInvitation } from './invitations.ts'
import { checkPassword } from './passwords.ts'
import { giveOrAskRole } from './role-requests.ts'
import { isNewAgency, isOfOperator } from './second-person.ts'
import type { AccessContext } from './service-context.ts'

export interface AcceptInput {
  token: string
  password: string
  /** Taken for the first operator only; others were named by who invited them. */
  email: string | undefined
  name: string | undefined
  /** That a second person gave out, where the invitation needs one. */
  code?: string | undefined
}

/**
 * Makes the account that an invitation is for: login, password, account, roles and the settling of the invitation in one
 * transaction, so that of several who use one link, or links to one address, at the same time one gets all and the
 * others change nothing. Roles of `CONFIRMED_ROLES` wait for a second person. Rows of the login are written here, as
 * better-auth would, since it writes outside of it.
 * @throws AppError `not_found` for an unknown, used or expired link, `bad_input` for the password or code, `conflict`
 */
export async function acceptInvitation(
  ctx: AccessContext,
  visitor: Visitor,
  input: AcceptInput,
): Promise<{ accountId: string; email: string }> {
  const { db } = ctx.store
  const row = await checkCode(db, visitor, input)
  const email = (row.email === '' ? (input.email ?? '') : row.email).trim().toLowerCase()
  const name = (row.name === '' ? (input.name ?? '') : row.name).trim()
  if (email === '' || name === '') throw new AppError('bad_input', 'Expected a name and an e-mail address.')
  await checkPassword(input.password, { email, name })
  const { password: passwords } = await ctx.auth.$context
  const password = await passwords.hash(input.password)
  const accountId = await db.transaction().execute(async (tx) => {
    if (!isRightCode(await openInvitation(tx, input.token), input.code)) throw wrongCode()
    if (await hasAccount(tx, email)) throw new AppError('conflict', 'This address has an account already.')
    const id = await writeLogin(tx, { email, name, password })
    await changeRow(tx, 'invitation', row.id, { settled_at: nowIso() })
    const agency_id = row.agency_id
    const account = { id, agency_id, email, name, created_at: nowIso(), created_by: row.invited_by }
    await tx.insertInto('account').values(withDigest('account', account)).execute()
    const asker = { name: row.invited_by, accountId: row.invited_account_id }
    const atOnce = await isAtOnce(tx, row)
    for (const role of JSON.parse(row.roles) as Role[]) await giveOrAskRole(tx, id, role, { asker, atOnce })
    await appendAuditEvent(tx, visitor, {
      action: 'account.create',
      agencyId: agency_id ?? undefined,
      subject: `account ${id}`,
      details: { invitation: row.id },
    })
    return id
  })
  return { accountId, email }
}

/** The invitation, when the code is its own; a wrong one is counted. @throws AppError `not_found`, `bad_input` */
async function checkCode(db: Db, visitor: Visitor, { token, code }: AcceptInput): Promise<InvitationTable> {
  const row = await db.transaction().execute(async (tx) => {
    const open = await openInvitation(tx, token)
    if (isRightCode(open, code)) return open
    await countWrongCode(tx, visitor, open)
    return undefined
  })
  if (row === undefined) throw wrongCode()
  return row
}

function wrongCode(): AppError {
  return new AppError(
    'bad_input',
    'The code is not right. A second person of the agency gives it out; after five wrong ones the invitation is void.',
  )
}

/** The operator's word is enough for another operator, and for the first administrator of an agency. */
async function isAtOnce(tx: Tx, row: InvitationTable): Promise<boolean> {
  if (row.agency_id === null) return true
  return (await isOfOperator(tx, row.invited_account_id)) && (await isNewAgency(tx, row.agency_id))
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
