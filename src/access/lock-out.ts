import { hash } from 'node:crypto'
import { AppError } from '../errors.ts'
import { nowIso } from '../store/ids.ts'
import type { Db } from '../store/database/db.ts'
import { tokenHash } from './one-time-token.ts'

/** Wrong passwords in a row before the first wait. */
const FREE_FAILURES = 5
/** The first wait; each further failure doubles it … */
const FIRST_WAIT_MS = 30_000
/** … up to here. */
const LONGEST_WAIT_MS = 60 * 60 * 1000
/** Failures are forgotten after this long without one. */
const FORGET_MS = 24 * 60 * 60 * 1000

/** Where a password is tried: an address, by a browser that may bring the token of a device. */
export interface Door {
  email: string
  deviceToken: string | undefined
}

/**
 * Takes one try of a password, before it is computed with: of many at the same time only as many are tried as are free.
 * It counts as wrong until `forgetAttempts` says otherwise. Addresses without an account are counted and locked alike, so
 * that a lock says nothing about who has one. Devices that have signed in to the account before are counted by
 * themselves: whoever tries passwords from elsewhere locks out everybody but the owner.
 * @throws AppError `too_many_requests` while locked; the try does not count then
 */
export async function claimAttempt(db: Db, door: Door): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const email_hash = await bucketOf(tx, door)
    const row = await tx
      .selectFrom('sign_in_failure')
      .selectAll()
      .where('email_hash', '=', email_hash)
      .executeTakeFirst()
    refuseWhileLocked(row?.locked_until)
    const fresh = row !== undefined && Date.now() - Date.parse(row.last_at) < FORGET_MS
    const failures = (fresh ? row.failures : 0) + 1
    const over = failures - FREE_FAILURES
    const waitMs = over < 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** over)
    const locked_until = waitMs === 0 ? null : new Date(Date.now() + waitMs).toISOString()
    const last_at = nowIso()
    await tx
      .insertInto('sign_in_failure')
      .values({ email_hash, failures, locked_until, last_at })
      .onConflict((conflict) =>
        conflict.column('email_hash').doUpdateSet({ failures, locked_until, last_at }),
      )
      .execute()
  })
}

/** After a right password. */
export async function forgetAttempts(db: Db, door: Door): Promise<void> {
  const bucket = await bucketOf(db, door)
  await db.deleteFrom('sign_in_failure').where('email_hash', '=', bucket).execute()
}

function refuseWhileLocked(lockedUntil: string | null | undefined): void {
  const waitMs = lockedUntil ? Date.parse(lockedUntil) - Date.now() : 0
  if (waitMs <= 0) return
  const retryAfterSeconds = Math.ceil(waitMs / 1000)
  throw new AppError('too_many_requests', `Too many wrong passwords. Try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  })
}

/** SHA-256 of the address, with the device when it has signed in to its account before. */
async function bucketOf(db: Db, { email, deviceToken }: Door): Promise<string> {
  const address = email.trim().toLowerCase()
  const device =
    deviceToken === undefined
      ? undefined
      : await db
          .selectFrom('device')
          .innerJoin('account', 'account.id', 'device.account_id')
          .select('device.id')
          .where('account.email', '=', address)
          .where('device.token_hash', '=', tokenHash(deviceToken))
          .executeTakeFirst()
  return hash('sha256', device === undefined ? address : `${address} ${device.id}`)
}
