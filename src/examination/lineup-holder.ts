import type { AccountActor } from '../access/actor.ts'
import { recordEvent } from '../audit/append-event.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../store/record.ts'

/** The line-up that an account has taken, or was given, and has not ended; undefined when it has none. */
export async function heldLineup(
  db: Db,
  accountId: string,
): Promise<{ id: string; case_id: string; agency_id: string; identification_id: string } | undefined> {
  return db
    .selectFrom('verification')
    .select(['id', 'case_id', 'agency_id', 'identification_id'])
    .where('account_id', '=', accountId)
    .where('state', '=', 'taken')
    .orderBy('id')
    .executeTakeFirst()
}

/**
 * Refuses what would tell a verifier which face is the candidate, whatever it is asked about; see
 * [Note: blind verification]. The refusal is written into the audit log, as an event of the line-up.
 * @param operation the endpoint's name
 * @throws AppError `lineup_held`
 */
export async function refuseHolder(db: Db, actor: AccountActor, operation: string): Promise<void> {
  const held = await heldLineup(db, actor.accountId)
  if (held === undefined) return
  await recordEvent(db, actor, {
    action: 'lineup.refuse',
    agencyId: held.agency_id,
    subject: `verification ${held.id}`,
    caseId: held.case_id,
    details: { operation },
    outcome: 'refused',
  })
  throw new AppError(
    'lineup_held',
    'You hold a line-up. Until it has ended, nothing here compares faces for you or shows other ones. Finish the line-up or give it back.',
  )
}
