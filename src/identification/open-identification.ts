import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { findOpenCase } from '../cases/case-scope.ts'
import { findProbeFaces } from '../cases/show-probes.ts'
import { findCandidate, findSearch } from '../cases/show-search.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import { concernsDead } from './concerns-dead.ts'

export interface OpenIdentificationInput {
  searchId: string
  rank: number
  /** Which probe face is examined, when the search fused several; undefined: the first. */
  probeFaceId: string | undefined
}

/**
 * Takes a candidate as a lead, to be examined.
 * @throws AppError `not_found` for a candidate that is not there or was erased, `conflict` when it is a lead already
 */
export async function openIdentification(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: OpenIdentificationInput,
): Promise<IdentificationTable> {
  authorize(actor, 'identification.open')
  return ctx.store.db.transaction().execute(async (tx) => {
    const search = await findSearch(tx, actor, input.searchId)
    const caseFile = await findOpenCase(tx, actor, search.case_id)
    const candidate = await findCandidate(tx, actor, search, input.rank)
    const probeFaces = JSON.parse(search.probe_faces) as string[]
    const probeFaceId = input.probeFaceId ?? probeFaces[0]
    if (!probeFaces.includes(probeFaceId)) {
      throw new AppError('bad_input', 'Expected a probe face that this search was run with.')
    }
    const [probe] = await findProbeFaces(tx, caseFile.id, [probeFaceId])
    const open = await tx
      .selectFrom('identification')
      .select('id')
      .where('case_id', '=', caseFile.id)
      .where('probe_sha256', '=', probe.sha256)
      .where('face_id', '=', candidate.face_id)
      .where('closed_at', 'is', null)
      .where('withdrawn_at', 'is', null)
      .executeTakeFirst()
    if (open !== undefined) throw new AppError('conflict', 'This candidate is a lead of the case already.')
    const row = withDigest('identification', {
      id: newId(),
      case_id: caseFile.id,
      agency_id: caseFile.agency_id,
      search_id: search.id,
      rank: input.rank,
      probe_face_id: probeFaceId,
      probe_sha256: probe.sha256,
      face_id: candidate.face_id,
      media_id: candidate.media_id,
      person_id: null,
      concerns_dead: (await concernsDead(tx, {
        caseId: caseFile.id,
        faceId: candidate.face_id,
        personId: undefined,
      }))
        ? 1
        : 0,
      state: 'lead' as const,
      opened_by: actor.name,
      account_id: actor.accountId,
      opened_at: nowIso(),
      closed_as: null,
      closed_by: null,
      closed_at: null,
      close_reason: null,
      signed_by: null,
      signed_account_id: null,
      signed_at: null,
      statement: null,
      withdrawn_by: null,
      withdrawn_at: null,
      withdraw_reason: null,
      told: null,
    })
    await tx.insertInto('identification').values(row).execute()
    await appendAuditEvent(tx, actor, {
      action: 'identification.open',
      agencyId: row.agency_id,
      subject: `identification ${row.id}`,
      caseId: row.case_id,
      purpose: caseFile.purpose,
      details: { search: search.id, rank: input.rank, concernsDead: row.concerns_dead === 1 },
    })
    return row
  })
}
