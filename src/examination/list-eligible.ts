import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import type { Context } from '../context.ts'
import { findIdentification } from '../identification/identification-scope.ts'
import { eligibleVerifiers } from './eligible-verifiers.ts'
import { findVerification } from './take-lineup.ts'

/** Examiners who can be blind for a verification, without the asking supervisor. @throws AppError `not_found` */
export async function listEligible(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<{ accountId: string; name: string }[]> {
  authorize(actor, 'lineup.assign')
  const { db } = ctx.store
  const verification = await findVerification(db, actor, input.id)
  const row = await findIdentification(db, actor, verification.identification_id)
  return (await eligibleVerifiers(db, row)).filter(({ accountId }) => accountId !== actor.accountId)
}
