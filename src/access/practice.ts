import { randomBytes } from 'node:crypto'
import type { Role } from '../contract/roles.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { nowIso } from '../store/ids.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { PracticeTable } from '../store/tables/setting-tables.ts'
import type { Visitor } from '../actor/actor.ts'
import type { AccessContext } from './service-context.ts'
import { signInWithPassword, type SignInAnswer } from './sign-in.ts'
import { type Browser } from './devices.ts'

/**
 * [Note: practice]
 * A record for practice lets whoever sits at the machine sign in as any of its accounts with one click, without a password
 * or a second factor. So it must never be one that holds anything real: that it is for practice is written into the record
 * when it is made, before anything else, and can be written at no other time (practice-table.ts has the triggers). No
 * setting, flag or environment makes the one click work on another record. The service refuses such a record unless it
 * was started for practice, listens on the machine itself only, and refuses any other record when it was.
 */

const PASSWORD_BYTES = 24
/** Addresses of this machine that nobody else can reach. */
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** Makes a new, empty record one for practice, for good. @throws AppError `conflict` when anything was written into it */
export async function makePracticeRecord(ctx: Pick<Context, 'store'>): Promise<void> {
  const row = { id: 1, made_at: nowIso(), password: randomBytes(PASSWORD_BYTES).toString('base64url') }
  await ctx.store.db
    .insertInto('practice')
    .values(row)
    .execute()
    .catch((error: unknown) => {
      throw new AppError('conflict', 'Only a new record can be made one for practice.', { cause: error })
    })
}

/** What says that a record is for practice; undefined of any other. */
export async function practiceOf(db: Db): Promise<PracticeTable | undefined> {
  return db.selectFrom('practice').selectAll().executeTakeFirst()
}

/**
 * Whether a service may be started on the record.
 * @param wanted whether it was started for practice
 * @throws AppError `bad_input`
 */
export async function checkPracticeStart(
  db: Db,
  wanted: boolean,
  { host, trustProxy }: { host: string; trustProxy?: string | undefined },
): Promise<void> {
  const isPractice = (await practiceOf(db)) !== undefined
  if (isPractice && !wanted) {
    throw new AppError(
      'bad_input',
      'This data folder is a practice instance, where anybody signs in with one click: it is not served as a real one. Start a new one with `npm run demo:web`, or give another folder.',
    )
  }
  if (!wanted) return
  if (!isPractice)
    throw new AppError('bad_input', 'This data folder was not made for practice, and never will be.')
  if (!LOOPBACK.has(host) || trustProxy !== undefined)
    throw new AppError('bad_input', 'A practice instance listens on this machine only.')
}

export interface PracticeAccount {
  accountId: string
  name: string
  agency: string | null
  roles: Role[]
}

/**
 * Everybody whom one can sign in as, those who work in an agency first, in the order in which they came; nobody in a record
 * that is not for practice.
 */
export async function listPracticeAccounts(db: Db): Promise<PracticeAccount[]> {
  if ((await practiceOf(db)) === undefined) return []
  const rows = await db
    .selectFrom('account')
    .leftJoin('agency', 'agency.id', 'account.agency_id')
    .select(['account.id', 'account.name', 'agency.name as agency'])
    .orderBy((order) => order('account.agency_id', 'is', null))
    .orderBy('account.id')
    .execute()
  const memberships = await db.selectFrom('membership').selectAll().orderBy('id').execute()
  return rows.map(({ id, name, agency }) => ({
    accountId: id,
    name,
    agency,
    roles: memberships
      .filter((row) => row.account_id === id)
      .map((row) => checkedRow('membership', row, row.id).role),
  }))
}

/** Signs in as an account of a record for practice. @throws AppError `not_found` in any other record, `cut_off` */
export async function signInForPractice(
  ctx: AccessContext,
  visitor: Visitor,
  browser: Browser,
  input: { accountId: string },
): Promise<SignInAnswer> {
  const { db } = ctx.store
  const practice = await practiceOf(db)
  const account = await db
    .selectFrom('account')
    .select('email')
    .where('id', '=', input.accountId)
    .executeTakeFirst()
  if (practice === undefined || account === undefined)
    throw new AppError('not_found', 'There is nobody here to practise as.')
  const { email } = account
  const answer = await signInWithPassword(ctx, visitor, browser, { email, password: practice.password })
  if (answer.state === 'signed_in') await raiseAssurance(db, input.accountId)
  return answer
}

/** Sessions of the account count as fully signed in, as those of practice. */
async function raiseAssurance(db: Db, accountId: string): Promise<void> {
  await db
    .updateTable('login_session')
    .set({ assurance: 'practice' })
    .where('userId', '=', accountId)
    .where('assurance', '=', 'password')
    .execute()
}
