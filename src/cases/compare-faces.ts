import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { similarity } from '../engine/embed/similarity.ts'
import { AppError } from '../errors.ts'
import { noteReturns } from '../blind-verification/unblinding.ts'
import { scoreMeaning } from '../search/score-meaning.ts'
import { newId, nowIso } from '../store/ids.ts'
import { floats } from '../store/index-feed.ts'
import type { ComparisonTable } from '../store/tables/search-tables.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import { findOpenCase, visibleCases } from './case-scope.ts'
import { findProbeFaces, printsOfProbes } from './show-probes.ts'

/**
 * 1:1 verification: whether two probe faces of a case look alike, and how often strangers do so as much.
 * @throws AppError `not_allowed`, `not_found`, `conflict` for a closed case or faces of different model packs
 */
export async function compareFaces(
  ctx: Context,
  actor: AccountActor,
  input: { caseId: string; faceA: string; faceB: string },
): Promise<ComparisonTable> {
  authorize(actor, 'verification.run')
  const agencyId = agencyOf(actor)
  const { db, lookups } = ctx.store
  const caseFile = await findOpenCase(lookups, actor, input.caseId)
  const [a, b] = await findProbeFaces(db, caseFile.id, [input.faceA, input.faceB])
  await noteReturns(ctx.store, actor, 'compareFaces', [a.sha256, b.sha256], () => printsOfProbes(db, [a, b]))
  const { packId, pipelineVersion, calibration } = await ctx.engine()
  if ([a, b].some((face) => face.pack_id !== packId || face.pipeline_version !== pipelineVersion)) {
    throw new AppError('conflict', 'These faces were read with another model pack. Add the photos again.')
  }
  const scores = scoreMeaning(undefined, calibration)
  const score = similarity(floats(a.vector), floats(b.vector))
  const row = withDigest('comparison', {
    id: newId(),
    case_id: caseFile.id,
    agency_id: agencyId,
    account_id: actor.accountId,
    compared_by: actor.name,
    at: nowIso(),
    purpose: caseFile.purpose,
    legal_basis: caseFile.legal_basis,
    face_a: a.id,
    face_b: b.id,
    similarity: score,
    threshold: scores.defaultThreshold,
    false_match_rate: scores.falseMatchRate(score)?.value ?? null,
    measured_pairs: scores.pairs ?? null,
    pack_id: packId,
    pipeline_version: pipelineVersion,
  })
  await db.transaction().execute(async (tx) => {
    await tx.insertInto('comparison').values(row).execute()
    await appendAuditEvent(tx, actor, {
      action: 'verification.run',
      agencyId,
      subject: `comparison ${row.id}`,
      caseId: caseFile.id,
      purpose: caseFile.purpose,
      details: { similarity: score, threshold: row.threshold },
    })
  })
  return row
}

/** A verification of before. @throws AppError `not_found` */
export async function showComparison(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<ComparisonTable> {
  authorize(actor, 'verification.run')
  const { db } = ctx.store
  const row = await db
    .selectFrom('comparison')
    .selectAll()
    .where('id', '=', input.id)
    .where('case_id', 'in', visibleCases(db, actor).select('case_file.id'))
    .executeTakeFirst()
  if (row === undefined)
    throw new AppError('not_found', 'There is no such verification, or you do not work on its case.')
  return checkedRow('comparison', row, row.id)
}
