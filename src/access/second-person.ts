import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { CONFIRMED_ROLES, CONFIRMING_ROLES } from '../contract/roles.ts'
import type { Actor } from '../actor/actor.ts'
import { sharesDevice } from './shared-device.ts'
import { ACCOUNT_NOT_SUSPENDED } from './suspensions.ts'

/**
 * [Note: second person]
 * Nobody comes to decide, to see the log or to say who may, by one person's word. A role of `CONFIRMED_ROLES` takes effect
 * when a second account has confirmed it: an administrator or supervisor of the same agency, in a session, who neither has
 * the role nor asked for it, and shares no browser with either. The operator is that second person only while the
 * agency has nobody else who could be, and never for what an operator asked. The first administrator of an agency that has
 * nobody yet comes by the operator's word: there is nobody to ask. Without e-mail, the same second person gives out the
 * code without which an invitation's link opens nothing.
 * An agency whose only administrator is gone gets a new one by the operator's invitation and the operator's command: that
 * asks nobody, and does it only while no account of the agency that is not suspended could. Its reason is in the log.
 * What this rests on: the operator and an agency's first administrator are two people; whoever confirms knows whom.
 * See docs/decisions/second-person.md.
 */
export interface Matter {
  /** Of the account that it is about. */
  agencyId: string
  /** Who asked for it; null: the operator, at the command line or as an account. */
  askedAccountId: string | null
  /** Whom it is for; undefined while the account is not made. */
  accountId: string | undefined
}

/** Why an account is not the second person. */
type Unfit = 'asked' | 'own' | 'same_browser' | 'others_can' | 'no_right'

const SENTENCES: Record<Unfit, string> = {
  asked: 'You asked for this yourself: a second person has to confirm it.',
  own: 'Nobody confirms this for themselves: a second person does that.',
  same_browser:
    'Your account and one that this is about were used in the same browser: somebody else has to confirm it.',
  others_can:
    'The agency has people who can confirm this: it is for them. If they are gone, suspend their accounts first.',
  no_right:
    'This is confirmed by an administrator or a supervisor of the agency, signed in with both factors.',
}

/** Whether the actor can be the second person here. */
export async function isSecondPerson(db: Db, actor: Actor, matter: Matter): Promise<boolean> {
  return (await whyUnfit(db, actor, matter)) === undefined
}

/** @throws AppError `not_allowed`, `shared_device` */
export async function requireSecondPerson(db: Db, actor: Actor, matter: Matter): Promise<void> {
  const unfit = await whyUnfit(db, actor, matter)
  if (unfit !== undefined)
    throw new AppError(unfit === 'same_browser' ? 'shared_device' : 'not_allowed', SENTENCES[unfit])
}

async function whyUnfit(db: Db, actor: Actor, matter: Matter): Promise<Unfit | undefined> {
  if (actor.kind === 'operator') return (await hasOtherConfirmer(db, matter)) ? 'others_can' : undefined
  if (actor.kind !== 'account' || actor.via.kind !== 'session' || !actor.permissions.has('role.confirm'))
    return 'no_right'
  const { askedAccountId, accountId, agencyId } = matter
  if (actor.accountId === accountId) return 'own'
  if (actor.accountId === askedAccountId) return 'asked'
  const involved = [askedAccountId, accountId].filter((id) => typeof id === 'string')
  if ((await sharesDevice(db, actor.accountId, involved)) !== undefined) return 'same_browser'
  if (actor.agencyId === agencyId) return undefined
  if (!actor.roles.includes('operator') || (await isOfOperator(db, askedAccountId))) return 'no_right'
  return (await hasOtherConfirmer(db, matter)) ? 'others_can' : undefined
}

/** Whether nobody of the agency has a role yet that a second person confirms. */
export async function isNewAgency(db: Db, agencyId: string): Promise<boolean> {
  const row = await db
    .selectFrom('membership')
    .innerJoin('account', 'account.id', 'membership.account_id')
    .select('membership.id')
    .where('account.agency_id', '=', agencyId)
    .where('membership.role', 'in', CONFIRMED_ROLES)
    .limit(1)
    .executeTakeFirst()
  return row === undefined
}

/** All operators count as one: they hold the same machine. */
export async function isOfOperator(db: Db, accountId: string | null): Promise<boolean> {
  if (accountId === null) return true
  const row = await db.selectFrom('account').selectAll().where('id', '=', accountId).executeTakeFirst()
  return row === undefined || checkedRow('account', row, accountId).agency_id === null
}

async function hasOtherConfirmer(db: Db, { agencyId, askedAccountId, accountId }: Matter): Promise<boolean> {
  const row = await db
    .selectFrom('membership')
    .innerJoin('account', 'account.id', 'membership.account_id')
    .select('account.id')
    .where('account.agency_id', '=', agencyId)
    .where('membership.role', 'in', CONFIRMING_ROLES)
    .where('account.id', 'not in', [askedAccountId ?? '', accountId ?? ''])
    .where(ACCOUNT_NOT_SUSPENDED)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
