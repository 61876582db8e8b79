import { hash } from 'node:crypto'
import { AppError } from '../errors.ts'
import { nowIso } from '../store/ids.ts'
import type { Db } from '../store/record.ts'

/** Wrong passwords in a row before the first wait. */
const FREE_FAILURES = 5
/** The first wait; each further failure doubles it … */
const FIRST_WAIT_MS = 30_000
/** … up to here. */
const LONGEST_WAIT_MS = 60 * 60 * 1000
/** Failures are forgotten after this long without one. */
const FORGET_MS = 24 * 60 * 60 * 1000

/**
 * Refuses to try a password while its address is locked. Addresses without an account are counted and locked alike, so
 * that a lock says nothing about who has one.
 * @throws AppError `too_many_requests`
 */
export async function checkLock(db: Db, email: string): Promise<void> {
  const row = await db
    .selectFrom('sign_in_failure')
    .select('locked_until')
    .where('email_hash', '=', emailHash(email))
    .executeTakeFirst()
  const waitMs = row?.locked_until ? Date.parse(row.locked_until) - Date.now() : 0
  if (waitMs <= 0) return
  const retryAfterSeconds = Math.ceil(waitMs / 1000)
  throw new AppError('too_many_requests', `Too many wrong passwords. Try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  })
}

/** Counts a wrong password. @returns how many in a row */
export async function countFailure(db: Db, email: string): Promise<number> {
  const email_hash = emailHash(email)
  return db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('sign_in_failure')
      .selectAll()
      .where('email_hash', '=', email_hash)
      .executeTakeFirst()
    const fresh = row !== undefined && Date.now() - Date.parse(row.last_at) < FORGET_MS
    const failures = (fresh ? row.failures : 0) + 1
    const over = failures - FREE_FAILURES
    const waitMs = over < 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** over)
    const locked_until = waitMs === 0 ? null : new Date(Date.now() + waitMs).toISOString()
    await tx
      .insertInto('sign_in_failure')
      .values({ email_hash, failures, locked_until, last_at: nowIso() })
      .onConflict((conflict) =>
        conflict.column('email_hash').doUpdateSet({ failures, locked_until, last_at: nowIso() }),
      )
      .execute()
    return failures
  })
}

export async function forgetFailures(db: Db, email: string): Promise<void> {
  await db.deleteFrom('sign_in_failure').where('email_hash', '=', emailHash(email)).execute()
}

function emailHash(email: string): string {
  return hash('sha256', email.trim().toLowerCase())
}
