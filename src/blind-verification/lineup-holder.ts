import { hash } from 'node:crypto'
import type { AccountActor } from '../actor/actor.ts'
import { recordEvent } from '../audit/append-event.ts'
import { picturePrints } from './picture-prints.ts'
import { readProbe } from '../search/read-probe.ts'
import type { WorkContext } from '../media/work-context.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../store/database/db.ts'
import { noteReturns } from './unblinding.ts'

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
 * [Note: blind verification]. The refusal is written into the audit log, as an event of the line-up; when a picture of the
 * line-up itself was brought, the line-up is void.
 * @param operation the endpoint's name
 * @param photo what was brought to be compared
 * @throws AppError `lineup_held`
 */
export async function refuseHolder(
  ctx: WorkContext,
  actor: AccountActor,
  operation: string,
  photo: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { db, lookups } = ctx.store
  const held = await heldLineup(lookups, actor.accountId)
  if (held === undefined) return
  await recordEvent(db, actor, {
    action: 'lineup.refuse',
    agencyId: held.agency_id,
    subject: `verification ${held.id}`,
    caseId: held.case_id,
    details: { operation },
    outcome: 'refused',
  })
  const isVoid =
    photo !== undefined &&
    (await noteReturns(ctx.store, actor, operation, [hash('sha256', photo)], () =>
      printsOf(ctx, photo, signal),
    ))
  throw new AppError(
    'lineup_held',
    isVoid
      ? 'This picture is of the line-up that you held. The line-up is void now, and another examiner gets one.'
      : 'You hold a line-up. Until it has ended, nothing here compares faces for you or shows other ones. Finish the line-up or give it back.',
  )
}

/** None of what cannot be read: nothing would compare it either. */
async function printsOf(ctx: WorkContext, photo: Uint8Array, signal: AbortSignal): Promise<string[]> {
  try {
    const reading = await readProbe(ctx, { original: photo, steps: [], points: undefined }, signal)
    return await picturePrints(ctx, photo, [], reading, signal)
  } catch (error) {
    if (error instanceof AppError && error.code === 'unreadable_input') return []
    throw error
  }
}
