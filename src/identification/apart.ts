import { sharesDevice } from '../access/shared-device.ts'
import type { ClosenessKind } from '../contract/identification-words.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'
import type { Standing } from './standing.ts'

/**
 * [Note: apart]
 * An identification rests on decisions of different people, and the service sees accounts. Two accounts that were used in one
 * browser may be one person, so the gate refuses two decisions by them: a cookie names the browser, and outlives sessions.
 * Who takes a second device, or removes the cookie, is not caught by that; addresses and times then speak, and
 * a supervisor is shown them. They prove nothing by themselves: an office has one address.
 */

/** Decisions of two people that are finished within so short a time are shown: a line-up takes longer. */
export const CLOSE_MINUTES = 10

const MINUTE_MS = 60_000

/** One decision that an identification rests on. */
export interface Decision {
  what: 'examination' | 'verification' | 'signature'
  accountId: string
  by: string
  at: string
}

/** Two decisions of different accounts that look as if one person had made both. */
export interface Closeness {
  kind: ClosenessKind
  first: { what: Decision['what']; by: string }
  second: { what: Decision['what']; by: string }
  /** Between the two, rounded down. */
  minutes: number
}

/** Finished examinations, finished verifications and the signature, in the order of time. */
export function decisionsOf({ identification: row, examinations }: Standing): Decision[] {
  const decisions: Decision[] = examinations
    .filter(({ examination }) => examination.finished_at !== null)
    .map(({ examination }) => ({
      what: examination.verification_id === null ? ('examination' as const) : ('verification' as const),
      accountId: examination.account_id,
      by: examination.examiner,
      at: examination.finished_at!,
    }))
  if (row.signed_at !== null) {
    const signature = { accountId: row.signed_account_id!, by: row.signed_by!, at: row.signed_at }
    decisions.push({ what: 'signature', ...signature })
  }
  return decisions.toSorted((a, b) => (a.at < b.at ? -1 : 1))
}

/** @throws AppError `shared_device` when the account was used in one browser with another that has decided here */
export async function refuseSharedDevice(db: Db, accountId: string, standing: Standing): Promise<void> {
  const others = decisionsOf(standing).map((decision) => decision.accountId)
  if ((await sharesDevice(db, accountId, others)) !== undefined) throw shared()
}

/** The same for everybody who has decided, and who signs: no two of them may share a browser. @throws AppError `shared_device` */
export async function requireApart(db: Db, signer: string, standing: Standing): Promise<void> {
  const accounts = new Set([...decisionsOf(standing).map(({ accountId }) => accountId), signer])
  for (const accountId of accounts) {
    if ((await sharesDevice(db, accountId, accounts)) !== undefined) throw shared()
  }
}

/** What makes decisions of different accounts look like those of one person: addresses in this case, and times. */
export async function closenessOf(db: Db, standing: Standing): Promise<Closeness[]> {
  const decisions = decisionsOf(standing)
  const addresses = await addressesOf(db, standing.identification.case_id, decisions)
  return decisions.flatMap((first, at) =>
    decisions.slice(at + 1).flatMap((second) => {
      if (first.accountId === second.accountId) return []
      const minutes = Math.floor((Date.parse(second.at) - Date.parse(first.at)) / MINUTE_MS)
      const kinds: ClosenessKind[] = []
      const theirs = [...(addresses.get(second.accountId) ?? [])]
      if (theirs.some((address) => addresses.get(first.accountId)?.has(address))) kinds.push('same_address')
      if (minutes < CLOSE_MINUTES) kinds.push('close_in_time')
      return kinds.map((kind) => ({ kind, first: namedOnly(first), second: namedOnly(second), minutes }))
    }),
  )
}

/** Addresses from which each account has worked on the case, as the audit log knows. */
async function addressesOf(
  db: Db,
  caseId: string,
  decisions: readonly Decision[],
): Promise<Map<string, Set<string>>> {
  const rows = await db
    .selectFrom('audit_event')
    .select(['account_id', 'address'])
    .distinct()
    .where('case_id', '=', caseId)
    .where(
      'account_id',
      'in',
      decisions.map(({ accountId }) => accountId),
    )
    .where('address', 'is not', null)
    .execute()
  const found = new Map<string, Set<string>>()
  for (const { account_id: accountId, address } of rows)
    found.set(accountId!, (found.get(accountId!) ?? new Set()).add(address!))
  return found
}

function namedOnly({ what, by }: Decision): Pick<Decision, 'what' | 'by'> {
  return { what, by }
}

function shared(): AppError {
  return new AppError(
    'shared_device',
    'This account and one that has decided here were used in the same browser: two decisions must come from two people. Somebody else has to do it.',
  )
}
