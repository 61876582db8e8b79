import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { noteReturns } from '../blind-verification/unblinding.ts'
import type { FoundFace, FoundMedia, LinkedPerson } from '../media/describe-candidates.ts'
import { findCandidates } from '../search/search-collections.ts'
import { listHash } from '../store/tables/list-hash.ts'
import { newId, nowIso } from '../store/ids.ts'
import { floats } from '../store/index-feed.ts'
import type { CandidateTable, SearchTable } from '../store/tables/search-tables.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import { findOpenCase } from './case-scope.ts'
import { findProbeFaces, printsOfProbes } from './show-probes.ts'

/** Nearest faces below the threshold that are kept with the list; they are no candidates. */
export const FACES_BELOW = 20
/** Photos of one subject that one search may fuse. */
export const MAX_FUSED_FACES = 16

export interface SearchInCaseInput {
  caseId: string
  /** Probe faces of one subject. */
  faces: readonly string[]
  /** Ids or titles; undefined: all that the agency owns or was granted. */
  collections: readonly string[] | undefined
  since: string | undefined
  until: string | undefined
  limit: number
  threshold: number | undefined
  exact: boolean
  signal: AbortSignal
}

/** A candidate with what is known of it now; undefined once it was erased or the grant to its collection ended. */
export interface ShownCandidate extends CandidateTable {
  face: Pick<FoundFace, 'number' | 'box' | 'fivePoints' | 'quality' | 'moment'> | undefined
  media: Omit<FoundMedia, 'faces'> | undefined
  /** Whom people of the actor's agency have linked the face with. */
  person: LinkedPerson | undefined
}

/** The candidates, then the nearest faces below the threshold; `search.candidate_count` says how many are which. */
export interface ShownSearch {
  search: SearchTable
  candidates: ShownCandidate[]
}

/**
 * Searches, for a case and its purpose, what the agency owns or was granted. The candidate list is kept as it is and
 * never changes: searching again is another search. Its hash stands in the audit event.
 * @throws AppError `not_allowed`, `not_found`, `conflict` for a closed case, `bad_input`, `busy`; the signal's reason
 */
export async function searchInCase(
  ctx: Context,
  actor: AccountActor,
  input: SearchInCaseInput,
): Promise<ShownSearch> {
  authorize(actor, 'search.run')
  const agencyId = agencyOf(actor)
  const { db, lookups } = ctx.store
  const caseFile = await findOpenCase(lookups, actor, input.caseId)
  if (input.faces.length === 0 || input.faces.length > MAX_FUSED_FACES) {
    throw new AppError('bad_input', `Expected 1 to ${MAX_FUSED_FACES} faces, received ${input.faces.length}.`)
  }
  const faces = await findProbeFaces(db, caseFile.id, [...new Set(input.faces)])
  await noteReturns(
    ctx.store,
    actor,
    'searchInCase',
    faces.map(({ sha256 }) => sha256),
    () => printsOfProbes(db, faces),
  )
  const { collections, since, until, limit, threshold, exact, signal } = input
  const found = await findCandidates(ctx, {
    probes: faces.map((face) => ({
      sha256: face.sha256,
      face: face.number,
      template: floats(face.vector),
      quality: face.unified_score,
      packId: face.pack_id,
      pipelineVersion: face.pipeline_version,
    })),
    collections,
    agencyId,
    since,
    until,
    limit,
    threshold,
    below: FACES_BELOW,
    exact,
    purpose: caseFile.purpose,
    signal,
  })
  const id = newId()
  const shown = found.groups
    .flatMap(({ person, media }) =>
      media.flatMap((photo) => photo.faces.map((face) => ({ media: photo, face, person }))),
    )
    .toSorted((a, b) => a.face.rank - b.face.rank)
  const candidates = shown.map(({ media, face }) => ({
    search_id: id,
    rank: face.rank,
    face_id: face.faceId,
    media_id: media.mediaId,
    similarity: face.similarity,
    strangers_expected: face.strangersExpected ?? null,
  }))
  const search = withDigest('search', {
    id,
    case_id: caseFile.id,
    agency_id: agencyId,
    account_id: actor.accountId,
    searched_by: actor.name,
    at: nowIso(),
    purpose: caseFile.purpose,
    legal_basis: caseFile.legal_basis,
    probe_faces: JSON.stringify(faces.map((face) => face.id)),
    collections: JSON.stringify(found.collections),
    parameters: JSON.stringify({ since, until, limit, threshold, exact }),
    threshold: found.threshold,
    scores: JSON.stringify(found.scores),
    pack_id: found.model.packId,
    pipeline_version: found.model.pipelineVersion,
    faces_searched: found.facesSearched,
    faces_undated: found.facesUndated,
    probe_agreement: found.probeAgreement ?? null,
    more: found.more ? 1 : 0,
    candidate_count: found.candidates,
    list_sha256: listHash(candidates),
  })
  await db.transaction().execute(async (tx) => {
    signal.throwIfAborted()
    await findOpenCase(tx, actor, caseFile.id)
    await tx.insertInto('search').values(search).execute()
    if (candidates.length > 0) await tx.insertInto('candidate').values(candidates).execute()
    await appendAuditEvent(tx, actor, {
      action: 'search.run',
      agencyId,
      subject: `search ${id}`,
      caseId: caseFile.id,
      purpose: caseFile.purpose,
      details: {
        faces: faces.length,
        collections: found.collections.map((collection) => collection.id).join(' '),
        facesSearched: found.facesSearched,
        candidates: found.candidates,
        threshold: found.threshold,
        list: search.list_sha256,
      },
    })
  })
  return { search, candidates: candidates.map((candidate, at) => ({ ...candidate, ...shown[at] })) }
}
