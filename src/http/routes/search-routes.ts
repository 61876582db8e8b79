import type { AccountActor } from '../../actor/actor.ts'
import { agencyOf } from '../../actor/policy.ts'
import { addProbe, deriveProbe } from '../../cases/add-probe.ts'
import { type Probe } from '../../cases/show-probes.ts'
import { compareFaces, showComparison } from '../../cases/compare-faces.ts'
import { listWaitingSearches } from '../../cases/list-waiting-searches.ts'
import { searchInCase, type ShownCandidate, type ShownSearch } from '../../cases/search-in-case.ts'
import { listProbes, showProbe, showProbePicture } from '../../cases/show-probes.ts'
import {
  listSearches,
  replayCandidatePage,
  showCandidatePicture,
  showSearch,
} from '../../cases/show-search.ts'
import { searchableCollections } from '../../collections/searchable-collections.ts'
import type { DerivationStep } from '../../contract/derivation.ts'
import type { searchEndpoints } from '../../contract/search-endpoints.ts'
import type { Box, FivePoints } from '../../engine/types.ts'
import { keptWithinMeasured, strangersOfSearch } from '../../search/score-meaning.ts'
import type { ComparisonTable, SearchTable } from '../../store/tables/search-tables.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'
import { mediaReply } from '../media-reply.ts'
import { nextOf } from '../pages.ts'

/** Probes, searches with their candidate lists, 1:1 verification. */
export function searchRoutes(ctx: HttpContext): HandlersOf<typeof searchEndpoints> {
  const seenBy = async (actor: AccountActor): Promise<ReadonlySet<string>> => {
    const seen = await searchableCollections(ctx.store.db, agencyOf(actor), undefined)
    return new Set(seen.map(({ id }) => id))
  }
  const shown = async (actor: AccountActor, search: ShownSearch) => searchReply(search, await seenBy(actor))
  return {
    addProbe: {
      async first({ actor, params, query, body, signal }) {
        return probeReply(
          await addProbe(ctx, actor, { caseId: params.id, photo: body, label: query.label, signal }),
        )
      },
      again: async ({ actor }, id) => probeReply(await showProbe(ctx, actor, { id })),
    },
    deriveProbe: {
      async first({ actor, params, body: { steps, points }, signal }) {
        return probeReply(await deriveProbe(ctx, actor, { id: params.id, steps, points, signal }))
      },
      again: async ({ actor }, id) => probeReply(await showProbe(ctx, actor, { id })),
    },
    async listProbes({ actor, params, query: { cursor, limit } }) {
      const rows = await listProbes(ctx, actor, { caseId: params.id, before: cursor, limit })
      return { items: rows.map(probeReply), next: nextOf(rows, limit, ({ probe }) => probe.id) }
    },
    showProbe: async ({ actor, params }) => probeReply(await showProbe(ctx, actor, params)),
    async showProbePicture({ actor, params, query, signal }) {
      return Buffer.from(
        await showProbePicture(ctx, actor, { id: params.id, longSidePx: query.side, signal }),
      )
    },
    searchInCase: {
      async first({ actor, params, body, signal }) {
        const { faces, collections, since, until, limit, threshold, exact } = body
        const input = { caseId: params.id, faces, collections, since, until, limit, threshold, exact, signal }
        return searchReply(await searchInCase(ctx, actor, input), 'all')
      },
      again: async ({ actor }, id) => shown(actor, await showSearch(ctx, actor, { id })),
    },
    async listSearches({ actor, params, query: { cursor, limit } }) {
      const rows = await listSearches(ctx, actor, { caseId: params.id, before: cursor, limit })
      const seen = await seenBy(actor)
      return {
        items: rows.map((row) => factsReply(row, seen)),
        next: nextOf(rows, limit, ({ id }) => id),
      }
    },
    async listWaitingSearches({ actor, query: { cursor, limit } }) {
      const rows = await listWaitingSearches(ctx, actor, { before: cursor, limit })
      const seen = await seenBy(actor)
      return {
        items: rows.map((row) => ({
          ...factsReply(row, seen),
          caseNumber: row.caseNumber,
          caseTitle: row.caseTitle,
        })),
        next: nextOf(rows, limit, ({ id }) => id),
      }
    },
    showSearch: async ({ actor, params }) => shown(actor, await showSearch(ctx, actor, params)),
    async showCandidatePicture({ actor, params: { id, rank }, query: { side, part, reveal }, signal }) {
      const faceOnly = part === 'face'
      const input = { searchId: id, rank, longSidePx: side, faceOnly, reveal: reveal === 'yes', signal }
      return Buffer.from(await showCandidatePicture(ctx, actor, input))
    },
    async replayCandidatePage({ actor, params: { id, rank }, query: { source, page, reveal }, signal }) {
      const input = { searchId: id, rank, sourceId: source, page, reveal: reveal === 'yes', signal }
      return Buffer.from(await replayCandidatePage(ctx, actor, input))
    },
    compareFaces: {
      first: async ({ actor, params, body }) =>
        comparisonReply(await compareFaces(ctx, actor, { caseId: params.id, ...body })),
      again: async ({ actor }, id) => comparisonReply(await showComparison(ctx, actor, { id })),
    },
  }
}

function comparisonReply(row: ComparisonTable) {
  const rate = keptWithinMeasured(row.false_match_rate, row.measured_pairs)
  return {
    id: row.id,
    caseId: row.case_id,
    at: row.at,
    similarity: row.similarity,
    threshold: row.threshold,
    isAlike: row.similarity >= row.threshold,
    falseMatchRate: rate?.value ?? null,
    extrapolated: rate?.extrapolated ?? false,
  }
}

function probeReply({ probe, faces, remarks }: Probe) {
  return {
    id: probe.id,
    caseId: probe.case_id,
    sha256: probe.sha256,
    format: probe.format,
    widthPx: probe.width_px,
    heightPx: probe.height_px,
    label: probe.label,
    parentId: probe.parent_id,
    steps: JSON.parse(probe.steps) as DerivationStep[],
    pixelsSha256: probe.pixels_sha256,
    remarks,
    addedBy: probe.added_by,
    addedAt: probe.added_at,
    faces: faces.map((face) => ({
      id: face.id,
      number: face.number,
      origin: face.origin,
      box: JSON.parse(face.box) as Box,
      fivePoints: JSON.parse(face.five_points) as FivePoints,
      tiltDegrees: face.tilt_degrees,
      quality: JSON.parse(face.quality) as Record<string, unknown>,
    })),
  }
}

/**
 * @param seen ids of the collections that the reader sees now; of the others not even the name is given. `all`: those that
 *   were searched for this reader a moment ago
 */
function factsReply(row: SearchTable, seen: ReadonlySet<string> | 'all') {
  const searched = JSON.parse(row.collections) as { id: string; title: string }[]
  const collections = seen === 'all' ? searched : searched.filter(({ id }) => seen.has(id))
  return {
    id: row.id,
    caseId: row.case_id,
    at: row.at,
    searchedBy: row.searched_by,
    purpose: row.purpose,
    legalBasis: row.legal_basis,
    faces: JSON.parse(row.probe_faces) as string[],
    collections,
    collectionsHidden: searched.length - collections.length,
    parameters: JSON.parse(row.parameters) as { limit: number; exact: boolean },
    threshold: row.threshold,
    scores: JSON.parse(row.scores) as { source: 'collections' | 'pack' | 'none' },
    model: { packId: row.pack_id, pipelineVersion: row.pipeline_version },
    facesSearched: row.faces_searched,
    facesUndated: row.faces_undated,
    probeAgreement: row.probe_agreement,
    candidateCount: row.candidate_count,
    more: row.more === 1,
    listSha256: row.list_sha256,
  }
}

function searchReply({ search, candidates }: ShownSearch, seen: ReadonlySet<string> | 'all') {
  const { candidate_count: count } = search
  const shown = candidates.map((candidate) => candidateReply(candidate, search))
  return {
    ...factsReply(search, seen),
    candidates: shown.slice(0, count),
    below: shown.slice(count),
  }
}

function candidateReply(
  { rank, face_id, media_id, similarity, strangers_expected, face, media, person }: ShownCandidate,
  search: SearchTable,
) {
  const strangers = strangersOfSearch(search, strangers_expected)
  return {
    rank,
    faceId: face_id,
    mediaId: media_id,
    similarity,
    strangersExpected: strangers?.value ?? null,
    extrapolated: strangers?.extrapolated ?? false,
    face: face === undefined ? null : { ...face, quality: { ...face.quality }, moment: face.moment ?? null },
    media: media === undefined ? null : mediaReply(media),
    person:
      person === undefined
        ? null
        : { id: person.personId, ref: person.ref ?? null, name: person.name ?? null },
  }
}
