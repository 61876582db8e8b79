import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Actor } from '../actor/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import type { Context } from '../context.ts'
import { similarity } from '../engine/embed/similarity.ts'
import { AppError } from '../errors.ts'
import { fuseProbes } from '../gallery/fusion.ts'
import type { GalleryCandidate, GalleryFilter } from '../gallery/types.ts'
import type { ReadyIndex } from '../live-index/live-index.ts'
import type { OnAdded } from '../live-index/follow-record.ts'
import { measuredScores } from '../live-index/measured-scores.ts'
import { labelOf, otherTemplates } from '../store/active-templates.ts'
import { setsWithAny } from '../store/collection-sets.ts'
import { dayOf } from '../contract/dates.ts'
import { newId } from '../store/ids.ts'
import { countUndated } from '../store/index-feed.ts'
import type { Db } from '../store/database/db.ts'
import type { Store } from '../store/store.ts'
import { BEST_FRAMES } from '../video/limits.ts'
import {
  describeCandidates,
  describeMedia,
  type CandidateGroup,
  type FoundMedia,
  type Hit,
  type Scope,
} from '../media/describe-candidates.ts'
import { scoreMeaning, type ScoreMeaning } from './score-meaning.ts'
import { entriesATrack, nearestFace, oneATrack } from '../media/video-moments.ts'

/** Candidates that one search may ask for. */
export const MAX_CANDIDATES = 500
/** Faces in copies of the probe's own photo that are looked past. */
const MAX_FACES_IN_COPIES = 400

/** One face to search with. */
export interface SearchProbe {
  /** SHA-256 of the photo's bytes. */
  sha256: string
  /** Number of the face in the photo. */
  face: number
  template: Float32Array
  /** Unified quality score, 0 to 1: how much it counts among several probes of the subject. */
  quality: number
  packId: string
  pipelineVersion: string
}

export interface CollectionSearchInput {
  /** Faces of one subject; several are fused into one. */
  probes: readonly SearchProbe[]
  /** Titles or ids; undefined: every collection that may be searched. */
  collections: readonly string[] | undefined
  /** The agency that searches; undefined for an operator, who may search every agency's. */
  agencyId: string | undefined
  /** First and last day of capture, YYYY-MM-DD. With either, faces whose day nobody knows are not searched. */
  since: string | undefined
  until: string | undefined
  /** Candidates wanted, 1 to `MAX_CANDIDATES`. */
  limit: number
  /** Similarity from which a face is a candidate; undefined: what one stranger in a thousand reaches. */
  threshold: number | undefined
  /** Nearest faces below the threshold that are described too, with ranks that go on; undefined: none. */
  below?: number
  /** Compares with every template instead of those whose codes are near. */
  exact: boolean
  /** Why, in words; written into the audit log. */
  purpose: string | undefined
  signal?: AbortSignal
  /** Called while faces that came since the last search are added to the index. */
  onAdded?: OnAdded
}

export interface CollectionSearch {
  /** By which the audit log names this search. */
  searchId: string
  model: { packId: string; pipelineVersion: string }
  collections: { id: string; title: string }[]
  /** Faces compared: those in these collections and days, without those of the probe's own file. */
  facesSearched: number
  /** Faces in these collections that a date filter left out because nobody knows their day. */
  facesUndated: number
  threshold: number
  scores: Pick<ScoreMeaning, 'source' | 'pairs' | 'faces' | 'measuredAt'>
  /** The least similarity between two of the probes; undefined for one probe. Low: they may show different people. */
  probeAgreement: number | undefined
  groups: CandidateGroup[]
  /** Faces at or above the threshold that are listed. */
  candidates: number
  /** Whether more faces reach the threshold than the limit lets through. */
  more: boolean
  /** Photos with a probe's very bytes, which the collections hold; they are no candidates. */
  copies: FoundMedia[]
}

/**
 * Searches collections for faces that look like the probe's, and says what is known of each.
 *
 * Stages: collections that may be searched -> index in step with the record -> fuse probes -> scan -> what scores mean
 * -> what the record knows of each candidate -> audit event.
 * @throws AppError `bad_input`, `not_found` for a collection, `conflict` for probes of another pack, `limit_exceeded`,
 *   `busy`, `corrupt_record`; the signal's reason when it fires
 */
export async function searchCollections(
  ctx: Context,
  actor: Actor,
  input: CollectionSearchInput,
): Promise<CollectionSearch> {
  const result = await findCandidates(ctx, input)
  return { searchId: await writeAudit(ctx, actor, input, result), ...result }
}

/** The same without an audit event, for those who write the event together with what they keep of the search. */
export async function findCandidates(
  ctx: Context,
  input: CollectionSearchInput,
): Promise<Omit<CollectionSearch, 'searchId'>> {
  checkInput(input)
  const { db } = ctx.store
  const { probes, signal } = input
  const days = dayRange(input)
  const collections = await searchableCollections(db, input.agencyId, input.collections)
  const scope: Scope = { collections, agencyId: input.agencyId }
  const index = await ctx.index.ready(input.onAdded)
  signal?.throwIfAborted()
  checkProbes(probes, index)
  const setNumbers = await setsWithAny(
    db,
    collections.map(({ id }) => id),
  )
  const copies = await findCopies(db, probes, scope, index?.label, { setNumbers, days })
  const facesInCopies = copies.entries.size
  const scanned = await scan(ctx.store, index, input, { setNumbers, days, facesInCopies })
  const measured = index && (await measuredScores(ctx.store, index, signal))
  const meaning = scoreMeaning(
    measured,
    measured === undefined ? (await ctx.engine()).calibration : undefined,
  )
  const threshold = input.threshold ?? meaning.defaultThreshold
  const foreign = scanned.candidates.filter(({ id }) => !copies.entries.has(id))
  const others = scanned.hasTracks ? await oneATrack(db, foreign) : foreign.map(withoutTrack)
  const reaching = others.filter((candidate) => candidate.similarity >= threshold)
  const listed = reaching.slice(0, input.limit)
  const more = reaching.length > listed.length
  const below = more ? [] : others.slice(listed.length, listed.length + (input.below ?? 0))
  const hits: Hit[] = []
  for (const [at, { id, similarity, trackId }] of [...listed, ...below].entries()) {
    const strangers = meaning.strangersAmong(scanned.facesSearched, similarity)
    hits.push({
      entryId: id,
      rank: at + 1,
      similarity,
      strangersExpected: strangers?.value,
      extrapolated: strangers?.extrapolated ?? false,
      shownFaceId:
        trackId === undefined ? undefined : await nearestFace(db, trackId, fuseProbes(probes), probes[0]),
    })
  }
  await nextTurn()
  const groups = await describeCandidates(db, hits, scope)
  await nextTurn()
  const { source, pairs, faces, measuredAt } = meaning
  const { packId, pipelineVersion } = probes[0]
  const result = {
    model: { packId, pipelineVersion },
    collections: collections.map(({ id, title }) => ({ id, title })),
    facesSearched: scanned.facesSearched,
    facesUndated: scanned.facesUndated,
    threshold,
    scores: { source, pairs, faces, measuredAt },
    probeAgreement: probeAgreement(probes),
    groups,
    candidates: listed.length,
    more,
    copies: copies.media,
  }
  signal?.throwIfAborted()
  return result
}

interface DayRange {
  first: number | undefined
  last: number | undefined
}

/** What is scanned: numbers of collection sets, days, and faces of the probe's own photo to look past. */
interface ScanScope {
  setNumbers: readonly number[]
  days: DayRange
  /** Entries of faces in copies of the probe's photo that pass the filter. */
  facesInCopies: number
}

function withoutTrack(candidate: GalleryCandidate): GalleryCandidate & { trackId: undefined } {
  return { ...candidate, trackId: undefined }
}

function checkInput({ probes, limit, threshold }: CollectionSearchInput): void {
  if (probes.length === 0) throw new AppError('bad_input', 'Expected at least one probe, received none.')
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_CANDIDATES) {
    throw new AppError('bad_input', `Expected a limit of 1 to ${MAX_CANDIDATES}, received ${limit}.`)
  }
  if (threshold !== undefined && !(threshold >= -1 && threshold <= 1)) {
    throw new AppError('bad_input', `Expected a threshold of -1 to 1, received ${threshold}.`)
  }
}

function dayRange({ since, until }: CollectionSearchInput): DayRange {
  const [first, last] = [since, until].map((text) => {
    const day = dayOf(text)
    if (text !== undefined && (day === undefined || text.length !== 'YYYY-MM-DD'.length)) {
      throw new AppError('bad_input', `Expected a date as YYYY-MM-DD, received '${text}'.`)
    }
    return day
  })
  if (first !== undefined && last !== undefined && first > last) {
    throw new AppError('bad_input', `Expected the first day before the last; ${since} is after ${until}.`)
  }
  return { first, last }
}

function checkProbes(probes: readonly SearchProbe[], index: ReadyIndex | undefined): void {
  if (index === undefined) return
  const { kind } = index
  const other = probes.find(
    ({ packId, pipelineVersion }) => packId !== kind.packId || pipelineVersion !== kind.pipelineVersion,
  )
  if (other !== undefined) throw otherTemplates(kind, other)
}

interface Scanned {
  candidates: GalleryCandidate[]
  /** Whether the record has videos, several of whose entries may be of one track. */
  hasTracks: boolean
  facesSearched: number
  facesUndated: number
}

async function scan(
  { db, lookups }: Pick<Store, 'db' | 'lookups'>,
  index: ReadyIndex | undefined,
  { probes, limit, below = 0, exact, signal }: CollectionSearchInput,
  { setNumbers, days, facesInCopies }: ScanScope,
): Promise<Scanned> {
  if (index === undefined) return { candidates: [], hasTracks: false, facesSearched: 0, facesUndated: 0 }
  const filter: GalleryFilter = {
    tags: setNumbers,
    ...(days.first === undefined ? {} : { firstDay: days.first }),
    ...(days.last === undefined ? {} : { lastDay: days.last }),
  }
  const query = fuseProbes(probes)
  const perTrack = await entriesATrack(lookups, BEST_FRAMES + 1)
  // As many as it takes when all the nearest are entries of few tracks: the list is then exact, and so is `more`.
  const [found] = await index.search([query], {
    k: (limit + 1 + below) * perTrack + facesInCopies,
    filter,
    exact,
    ...(signal === undefined ? {} : { signal }),
  })
  const dated = days.first !== undefined || days.last !== undefined
  return {
    candidates: found.candidates,
    hasTracks: perTrack > 1,
    facesSearched: found.facesSearched - facesInCopies,
    facesUndated: dated ? await countUndated(db, index.label, setNumbers) : 0,
  }
}

/** Photos with the very bytes of a probe that the collections hold, and the entries of their faces that pass the filter. */
async function findCopies(
  db: Db,
  probes: readonly SearchProbe[],
  scope: Scope,
  label: string | undefined,
  { setNumbers, days }: Omit<ScanScope, 'facesInCopies'>,
): Promise<{ media: FoundMedia[]; entries: Set<number> }> {
  const rows = await db
    .selectFrom('media')
    .leftJoin('index_entry', (join) =>
      join.onRef('index_entry.media_id', '=', 'media.id').on('index_entry.label', '=', label ?? ''),
    )
    .select(['media.id', 'index_entry.id as entry', 'index_entry.set_number', 'index_entry.day'])
    .where('media.sha256', 'in', [...new Set(probes.map(({ sha256 }) => sha256))])
    .limit(MAX_FACES_IN_COPIES)
    .execute()
  const sets = new Set(setNumbers)
  const passing = rows.filter(
    ({ set_number: set, day }) => set !== null && sets.has(set) && isWithin(day, days),
  )
  const described = await describeMedia(db, new Map(rows.map(({ id, day }) => [id, day])), scope)
  return {
    media: [...described.values()].filter((media) => media.collections.length > 0),
    entries: new Set(passing.flatMap(({ entry }) => entry ?? [])),
  }
}

function isWithin(day: number | null, { first, last }: DayRange): boolean {
  if (first === undefined && last === undefined) return true
  return day !== null && day >= (first ?? day) && day <= (last ?? day)
}

function probeAgreement(probes: readonly SearchProbe[]): number | undefined {
  const pairs = probes.flatMap((a, at) => probes.slice(at + 1).map((b) => similarity(a.template, b.template)))
  return pairs.length === 0 ? undefined : Math.min(...pairs)
}

/** Writes who searched with what, where and why; never what the faces look like. @returns the search's id */
async function writeAudit(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: CollectionSearchInput,
  result: Omit<CollectionSearch, 'searchId'>,
): Promise<string> {
  const searchId = newId()
  await ctx.store.db.transaction().execute((tx) =>
    appendAuditEvent(tx, actor, {
      action: 'search.run',
      agencyId: input.agencyId,
      subject: `search ${searchId}`,
      details: {
        probes: input.probes.map(({ sha256, face }) => `${sha256}#${face}`).join(' '),
        collections: result.collections.map(({ id }) => id).join(' '),
        since: input.since ?? null,
        until: input.until ?? null,
        limit: input.limit,
        exact: input.exact,
        threshold: result.threshold,
        purpose: input.purpose ?? null,
        model: labelOf(result.model),
        facesSearched: result.facesSearched,
        candidates: result.candidates,
      },
    }),
  )
  return searchId
}
