import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { askVerification, cancelOpenVerification } from '../blind-verification/open-verification.ts'
import type { Context } from '../context.ts'
import { directionOf } from '../contract/examination-words.ts'
import { AppError } from '../errors.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import type { Tx } from '../store/database/db.ts'
import { findUnsettled } from './identification-scope.ts'
import { factsOf, readStanding } from './standing.ts'
import { needsSupervisor } from './state-of.ts'

/** Asks for a verification when the first examination that stands needs one, and takes back one that it needs no more. */
export async function followFirstExamination(
  tx: Tx,
  actor: AccountActor,
  row: IdentificationTable,
): Promise<void> {
  const standing = await readStanding(tx, row)
  const { first } = factsOf(standing)
  if (first === undefined || directionOf(first) !== 'same') {
    await cancelOpenVerification(tx, actor, row, 'The first examination no longer asks for it.')
    return
  }
  const isAsked = standing.verifications.some(({ state }) => state !== 'cancelled')
  if (!isAsked) await askVerification(tx, actor, row, 2)
}

/**
 * A supervisor's answer to a conflict: a third examiner, blind as the second was.
 * @throws AppError `conflict` when there is no conflict, or a third examiner was asked before
 */
export async function askThirdExaminer(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<void> {
  authorize(actor, 'lineup.assign')
  await ctx.store.db.transaction().execute(async (tx) => {
    const row = await findUnsettled(tx, actor, input.id)
    if (row.agency_id !== agencyOf(actor)) {
      throw new AppError('not_allowed', "Only a supervisor of the case's agency decides this.")
    }
    const standing = await readStanding(tx, row)
    const isOpen = standing.verifications.some(({ state }) => state === 'waiting' || state === 'taken')
    if (!needsSupervisor(factsOf(standing)) || isOpen) {
      throw new AppError('conflict', 'There is no conflict here that waits for a third examiner.')
    }
    await askVerification(tx, actor, row, 3)
  })
}
