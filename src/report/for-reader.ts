import type { AccountActor } from '../actor/actor.ts'
import { agencyOf } from '../actor/policy.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import { describeMedia } from '../media/describe-candidates.ts'
import type { Db } from '../store/database/db.ts'
import type { ReportContent } from './report-content.ts'

/**
 * What was kept of a report, without what its reader's agency may not see now: a grant may have ended since, the agency that
 * gave it may be suspended, and a case may be open to an agency that never had one. What is left out is null, as for
 * photos that were erased before the report was made; how alike faces were, and everything that people wrote, stays.
 */
export async function forReader(db: Db, actor: AccountActor, content: ReportContent): Promise<ReportContent> {
  const agencyId = agencyOf(actor)
  const collections = await searchableCollections(db, agencyId, undefined)
  const hashes = new Set([
    ...(content.material.candidate === null ? [] : [content.material.candidate.sha256]),
    ...content.search.candidates.flatMap(({ mediaSha256 }) => mediaSha256 ?? []),
    ...content.verifications.flatMap(({ faces }) => faces.flatMap(({ mediaSha256 }) => mediaSha256 ?? [])),
  ])
  const rows = await db
    .selectFrom('media')
    .select('id')
    .where('sha256', 'in', [...hashes])
    .execute()
  const described = await describeMedia(db, new Map(rows.map(({ id }) => [id, null])), {
    collections,
    agencyId,
  })
  const seen = new Map(
    [...described.values()].flatMap((media) =>
      media.collections.length === 0 ? [] : [[media.sha256, media] as const],
    ),
  )
  const onlySeen = <Part extends { mediaSha256: string | null }>(part: Part): Part =>
    part.mediaSha256 !== null && seen.has(part.mediaSha256) ? part : { ...part, mediaSha256: null }
  return {
    ...content,
    material: { ...content.material, candidate: seenCandidate(content.material.candidate, seen) },
    search: {
      ...content.search,
      collections: content.search.collections.map((searched) =>
        collections.some(({ id }) => id === searched.id) ? searched : { id: null, title: null },
      ),
      candidates: content.search.candidates.map(onlySeen),
    },
    verifications: content.verifications.map((verification) => ({
      ...verification,
      faces: verification.faces.map(onlySeen),
    })),
  }
}

type Candidate = ReportContent['material']['candidate']

/** With those of its sources and collections that are seen now; a source is known by its name and moment. */
function seenCandidate(
  candidate: Candidate,
  seen: ReadonlyMap<
    string,
    { collections: { title: string }[]; sources: { name: string; importedAt: string }[] }
  >,
): Candidate {
  const media = candidate === null ? undefined : seen.get(candidate.sha256)
  if (candidate === null || media === undefined) return null
  return {
    ...candidate,
    collections: candidate.collections.filter((title) =>
      media.collections.some((collection) => collection.title === title),
    ),
    sources: candidate.sources.filter(({ name, importedAt }) =>
      media.sources.some((source) => source.name === name && source.importedAt === importedAt),
    ),
  }
}
