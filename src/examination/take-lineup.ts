import { randomBytes } from 'node:crypto'
import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { visibleCases } from '../cases/case-scope.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { askVerification, cancelVerification } from '../blind-verification/open-verification.ts'
import { changeRow } from '../store/tables/change-row.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import type { VerificationTable } from '../store/tables/examination-tables.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import { arrangeLineup, chooseFillers, type Lineup } from './choose-fillers.ts'
import { whyIneligible } from './eligible-verifiers.ts'

/** Bytes of the seed that orders a line-up, from the operating system's generator. */
const SEED_BYTES = 32
/** Waiting verifications that one request looks through for one that it can give. */
const MAX_LOOKED_THROUGH = 100

/** Who is to verify. */
interface Verifier {
  accountId: string
  name: string
  assignedBy: string | null
}

/**
 * Takes the longest waiting verification that the examiner can be blind for; which one, nobody chooses.
 * @returns the id of the line-up, or undefined when none waits for this examiner
 * @throws AppError `conflict` while they have one, `too_few_fillers`
 */
export async function takeLineup(ctx: Context, actor: AccountActor): Promise<string | undefined> {
  authorize(actor, 'lineup.examine')
  refuseBoundKey(actor)
  const { db } = ctx.store
  const agencyId = agencyOf(actor)
  await refuseSecondLineup(db, actor.accountId)
  const waiting = await db
    .selectFrom('verification')
    .select('id')
    .where('agency_id', '=', agencyId)
    .where('state', '=', 'waiting')
    .orderBy('id')
    .limit(MAX_LOOKED_THROUGH)
    .execute()
  let refused: AppError | undefined
  for (const { id } of waiting) {
    const verifier = { accountId: actor.accountId, name: actor.name, assignedBy: null }
    try {
      if (await give(ctx, actor, id, verifier)) return id
    } catch (error) {
      // One that has no line-up (too few faces, an erased candidate, another model pack) must not hold up the queue.
      if (!(error instanceof AppError) || error.status >= 500) throw error
      refused = error
    }
  }
  if (refused !== undefined) throw refused
  return undefined
}

/**
 * A supervisor gives a waiting verification to an examiner.
 * @throws AppError `not_found`, `conflict` when it does not wait or the examiner has one, `not_eligible`, `too_few_fillers`
 */
export async function assignLineup(
  ctx: Context,
  actor: AccountActor,
  input: { verificationId: string; accountId: string },
): Promise<void> {
  authorize(actor, 'lineup.assign')
  const { db } = ctx.store
  const row = await findVerification(db, actor, input.verificationId)
  if (row.state !== 'waiting') throw new AppError('conflict', 'This verification does not wait any more.')
  const account = await db
    .selectFrom('account')
    .select('name')
    .where('id', '=', input.accountId)
    .where('agency_id', '=', row.agency_id)
    .executeTakeFirst()
  if (account === undefined) throw new AppError('not_found', 'Your agency has no such account.')
  if (input.accountId === actor.accountId) {
    throw new AppError('not_eligible', 'Nobody gives a verification to themselves: take one from the queue.')
  }
  await refuseSecondLineup(db, input.accountId)
  const verifier = { accountId: input.accountId, name: account.name, assignedBy: actor.name }
  if (!(await give(ctx, actor, row.id, verifier))) {
    throw new AppError('not_eligible', 'This account cannot be blind here: choose another examiner.')
  }
}

/** A supervisor takes a verification back from its verifier, who gets no second look; it waits again for somebody else. */
export async function recallLineup(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { verificationId: string; reason: string },
): Promise<void> {
  authorize(actor, 'lineup.assign')
  await ctx.store.db.transaction().execute(async (tx) => {
    const row = await findVerification(tx, actor, input.verificationId)
    if (row.state !== 'taken') throw new AppError('conflict', 'Nobody has this verification.')
    await waitAgain(tx, actor, row, input.reason)
  })
}

/** The verifier gives it back unfinished, and gets no second look; it waits again for somebody else. */
export async function returnLineup(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string; reason: string },
): Promise<void> {
  authorize(actor, 'lineup.examine')
  await ctx.store.db.transaction().execute(async (tx) => {
    const row = await findOwnLineup(tx, actor, input.id)
    if (row.state !== 'taken') throw new AppError('conflict', 'This line-up has ended.')
    await waitAgain(tx, actor, row, input.reason)
  })
}

/** The actor's own line-up, whatever its state. @throws AppError `not_found` */
export async function findOwnLineup(db: Db, actor: AccountActor, id: string): Promise<VerificationTable> {
  refuseBoundKey(actor)
  const row = await db
    .selectFrom('verification')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', actor.accountId)
    .executeTakeFirst()
  if (row === undefined) throw new AppError('not_found', 'You have no such line-up.')
  return checkedRow('verification', row, id)
}

/** A verification of the own agency, in a case that the supervisor may see. @throws AppError `not_found` */
export async function findVerification(db: Db, actor: AccountActor, id: string): Promise<VerificationTable> {
  const row = await db
    .selectFrom('verification')
    .selectAll()
    .where('id', '=', id)
    .where('agency_id', '=', agencyOf(actor))
    .where('case_id', 'in', visibleCases(db, actor).select('case_file.id'))
    .executeTakeFirst()
  if (row === undefined) throw new AppError('not_found', 'Your agency has no such verification.')
  return checkedRow('verification', row, id)
}

/** Line-ups name no case, so a key that is bound to one has none. */
function refuseBoundKey({ via }: AccountActor): void {
  if (via.kind === 'api_key' && via.caseId !== undefined) {
    throw new AppError('not_found', 'This API key is bound to one case; line-ups are not.')
  }
}

async function refuseSecondLineup(db: Db, accountId: string): Promise<void> {
  const taken = await db
    .selectFrom('verification')
    .select('id')
    .where('account_id', '=', accountId)
    .where('state', '=', 'taken')
    .executeTakeFirst()
  if (taken !== undefined)
    throw new AppError('conflict', 'One line-up at a time: finish the other one first.')
}

async function waitAgain(tx: Tx, actor: AccountActor, row: VerificationTable, reason: string): Promise<void> {
  await cancelVerification(tx, actor, row, reason)
  const identification = await tx
    .selectFrom('identification')
    .selectAll()
    .where('id', '=', row.identification_id)
    .executeTakeFirstOrThrow()
  await askVerification(tx, actor, identification, row.round)
}

/** Makes the line-up and gives it to the verifier. @returns false when they are not eligible or it does not wait any more */
async function give(ctx: Context, actor: AccountActor, id: string, verifier: Verifier): Promise<boolean> {
  const { db } = ctx.store
  const before = await waitingFor(db, id, verifier.accountId)
  if (before === undefined) return false
  const chosen = await chooseFillers(ctx, before)
  const seed = randomBytes(SEED_BYTES).toString('hex')
  const lineup = arrangeLineup(chosen, seed)
  return db.transaction().execute(async (tx) => {
    const row = await waitingFor(tx, id, verifier.accountId)
    if (row === undefined) return false
    await refuseSecondLineup(tx, verifier.accountId)
    await changeRow(tx, 'verification', id, {
      state: 'taken',
      account_id: verifier.accountId,
      verifier: verifier.name,
      assigned_by: verifier.assignedBy,
      seed,
      lineup: JSON.stringify(lineup),
      taken_at: nowIso(),
    })
    await writeDraft(tx, row, id, verifier, lineup)
    // The verifier's own event has another area than the supervisor's: being given a line-up is no look at the case.
    await appendAuditEvent(tx, actor, {
      action: verifier.assignedBy === null ? 'lineup.take' : 'verification.assign',
      agencyId: row.agency_id,
      subject: `verification ${id}`,
      caseId: row.case_id,
      details: { verifier: verifier.accountId, faces: lineup.faces.length },
    })
    return true
  })
}

async function waitingFor(db: Db, id: string, accountId: string): Promise<IdentificationTable | undefined> {
  const row = await db
    .selectFrom('verification')
    .innerJoin('identification', 'identification.id', 'verification.identification_id')
    .selectAll('identification')
    .where('verification.id', '=', id)
    .where('verification.state', '=', 'waiting')
    .executeTakeFirst()
  if (row === undefined) return undefined
  const identification = checkedRow('identification', row, row.id)
  return (await whyIneligible(db, identification, accountId)) === undefined ? identification : undefined
}

/** Ids are made in the order of the line-up, so that they say nothing. */
async function writeDraft(
  tx: Tx,
  row: IdentificationTable,
  verificationId: string,
  verifier: Verifier,
  lineup: Lineup,
): Promise<void> {
  const examination = withDigest('examination', {
    id: newId(),
    identification_id: row.id,
    verification_id: verificationId,
    agency_id: row.agency_id,
    account_id: verifier.accountId,
    examiner: verifier.name,
    begun_at: nowIso(),
    supersedes_id: null,
    analysis: null,
    analysis_finished_at: null,
    finished_at: null,
    abandoned_at: null,
    abandoned_by: null,
  })
  await tx.insertInto('examination').values(examination).execute()
  for (const { position, role, faceId, mediaId } of lineup.faces) {
    const item = withDigest('examination_item', {
      id: newId(),
      examination_id: examination.id,
      position,
      role,
      face_id: faceId,
      media_id: mediaId,
      checklist: '[]',
      evaluation: '',
      conclusion: null,
    })
    await tx.insertInto('examination_item').values(item).execute()
  }
}
