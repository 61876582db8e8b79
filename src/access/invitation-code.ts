import { randomInt } from 'node:crypto'
import { appendAuditEvent } from '../audit/append-event.ts'
import { AppError } from '../errors.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { nowIso } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { InvitationTable } from '../store/tables/account-tables.ts'
import type { Actor, Visitor } from '../actor/actor.ts'
import { tokenHash } from './one-time-token.ts'
import { authorize } from '../actor/policy.ts'
import { requireSecondPerson, type Matter } from './second-person.ts'
import type { AccessContext } from './service-context.ts'

/** Read out over the telephone without mistakes: no I, L, O, U, 0 or 1. */
const LETTERS = 'ABCDEFGHJKMNPQRSTVWXYZ23456789'
/** 30^10 codes; with `MOST_WRONG_CODES` tries, nobody guesses one. */
const CODE_LENGTH = 10
/** After so many wrong codes the invitation is void. */
export const MOST_WRONG_CODES = 5

/**
 * Makes the code that an invitation's link needs, for the second person to give to the invitee: shown this once, and the
 * ones before stop working. The inviter has the link and cannot have the code.
 * @param input.reason of the operator at the command line
 * @throws AppError `not_found`, `conflict` when it needs none, `not_allowed`, `shared_device`
 */
export async function giveInvitationCode(
  ctx: Pick<AccessContext, 'store'>,
  actor: Actor,
  input: { id: string; reason?: string },
): Promise<string> {
  authorize(actor, 'role.confirm')
  return ctx.store.db.transaction().execute(async (tx) => {
    const found = await tx
      .selectFrom('invitation')
      .selectAll()
      .where('id', '=', input.id)
      .where('settled_at', 'is', null)
      .executeTakeFirst()
    const isOther =
      actor.kind === 'account' && actor.agencyId !== undefined && actor.agencyId !== found?.agency_id
    if (found === undefined || isOther) throw new AppError('not_found', 'There is no such open invitation.')
    const row = checkedRow('invitation', found, found.id)
    const matter = matterOfInvitation(row)
    if (matter === undefined) throw new AppError('conflict', 'This invitation needs no code.')
    await requireSecondPerson(tx, actor, matter)
    const code = Array.from({ length: CODE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('')
    await changeRow(tx, 'invitation', row.id, {
      code_hash: tokenHash(code),
      code_given_by: actor.name,
    })
    await appendAuditEvent(tx, actor, {
      action: 'account.give_code',
      agencyId: row.agency_id ?? undefined,
      subject: `invitation ${row.id}`,
      details: input.reason === undefined ? undefined : { reason: input.reason },
    })
    return code.replace(/^(.{5})/, '$1-')
  })
}

/** Whose word an invitation's code is; undefined when it needs none. */
export function matterOfInvitation(row: InvitationTable): Matter | undefined {
  if (row.needs_code !== 1 || row.agency_id === null) return undefined
  return { agencyId: row.agency_id, askedAccountId: row.invited_account_id, accountId: undefined }
}

/** Whether a code is the one that an invitation needs; spaces, dashes and small letters do not matter. */
export function isRightCode(row: InvitationTable, code: string | undefined): boolean {
  if (row.needs_code !== 1) return true
  const written = (code ?? '').toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
  return row.code_hash !== null && written !== '' && tokenHash(written) === row.code_hash
}

/** Counts a wrong code; the last one that is allowed makes the invitation void. */
export async function countWrongCode(tx: Tx, visitor: Visitor, row: InvitationTable): Promise<void> {
  const failures = (row.code_failures ?? 0) + 1
  await changeRow(tx, 'invitation', row.id, {
    code_failures: failures,
    ...(failures >= MOST_WRONG_CODES ? { settled_at: nowIso() } : {}),
  })
  await appendAuditEvent(tx, visitor, {
    action: 'account.wrong_code',
    agencyId: row.agency_id ?? undefined,
    subject: `invitation ${row.id}`,
    details: { failures },
    outcome: 'refused',
  })
}
