import { hash, randomBytes } from 'node:crypto'
import type { AccountActor } from '../../src/actor/actor.ts'
import type { CasePurpose } from '../../src/contract/case-purposes.ts'
import { FACIAL_FEATURES, type Analysis, type ComparisonDraft } from '../../src/contract/examination-words.ts'
import type { Context } from '../../src/context.ts'
import type { Engine } from '../../src/engine/types.ts'
import { listHash } from '../../src/store/tables/list-hash.ts'
import { newId, nowIso } from '../../src/store/ids.ts'
import type { CandidateTable } from '../../src/store/tables/search-tables.ts'
import { withDigest } from '../../src/store/tables/row-digest.ts'
import type { Store } from '../../src/store/store.ts'
import { LiveIndex } from '../../src/live-index/live-index.ts'
import { pack } from './enrolled-record.ts'
import { writeByHand } from './write-by-hand.ts'
import { VideoFiles } from '../../src/video/video-files.ts'

/** What the record's templates were made with here: nothing reads photos in these tests. */
const madeUpEngine: Engine = {
  ...pack,
  calibration: undefined,
  workers: 1,
  readPhoto: async () => Promise.reject(new Error('no photo is read here')),
  readMarkedFace: async () => Promise.reject(new Error('no photo is read here')),
  followFaces: async () => Promise.reject(new Error('no video is read here')),
  close: async () => undefined,
}

/** A context for actions on a record whose readings were made up. */
export function madeUpContext(store: Store): Context & { index: LiveIndex } {
  const videos = new VideoFiles(store)
  return {
    store,
    index: new LiveIndex(store),
    videos,
    engine: async () => madeUpEngine,
    engineStatus: () => ({ state: 'ready', failures: 0, lastFailure: undefined }),
  }
}

export interface MadeUpSearch {
  caseId: string
  searchId: string
  probeFaceId: string
}

/** A face's template, by its id. */
async function vectorOf(store: Store, faceId: string): Promise<Uint8Array> {
  const row = await store.db
    .selectFrom('template')
    .select('vector')
    .where('face_id', '=', faceId)
    .executeTakeFirstOrThrow()
  return row.vector
}

/**
 * A case with a probe that looks just like one enrolled face, and a search that found it at rank 1; written past engine
 * and search, which other tests are for.
 */
export async function madeUpSearch(
  store: Store,
  lead: AccountActor,
  members: readonly AccountActor[],
  input: { faceId: string; purpose?: CasePurpose },
): Promise<MadeUpSearch> {
  const { faceId, purpose = 'find_missing_person' } = input
  const face = await store.db
    .selectFrom('face')
    .select('media_id')
    .where('id', '=', faceId)
    .executeTakeFirstOrThrow()
  const vector = await vectorOf(store, faceId)
  const ids = { case: newId(), probe: newId(), face: newId(), search: newId() }
  const agencyId = lead.agencyId!
  const at = nowIso()
  await writeByHand(store, async (tx) => {
    await tx
      .insertInto('case_file')
      .values(
        withDigest('case_file', {
          id: ids.case,
          agency_id: agencyId,
          number: ids.case,
          title: 'Made up',
          purpose,
          legal_basis: 'test',
          lead_id: lead.accountId,
          status: 'open' as const,
          retention_until: null,
          created_at: at,
          created_by: lead.name,
        }),
      )
      .execute()
    for (const { accountId } of members) {
      const access = { id: newId(), case_id: ids.case, account_id: accountId, agency_id: null }
      await tx
        .insertInto('case_access')
        .values(withDigest('case_access', { ...access, granted_by: 'test', granted_at: at }))
        .execute()
    }
    await tx
      .insertInto('probe')
      .values(
        withDigest('probe', {
          id: ids.probe,
          case_id: ids.case,
          sha256: hash('sha256', randomBytes(16)),
          format: 'jpeg',
          byte_length: 1000,
          width_px: 400,
          height_px: 400,
          label: null,
          parent_id: null,
          steps: '[]',
          pixels_sha256: null,
          added_by: lead.name,
          account_id: lead.accountId,
          added_at: at,
        }),
      )
      .execute()
    await tx
      .insertInto('probe_face')
      .values(
        withDigest('probe_face', {
          id: ids.face,
          probe_id: ids.probe,
          number: 1,
          origin: 'detector' as const,
          box: '{"x":100,"y":100,"width":120,"height":150}',
          five_points: '[]',
          tilt_degrees: 0,
          quality: '{}',
          unified_score: 0.8,
          pack_id: pack.packId,
          pipeline_version: pack.pipelineVersion,
          vector,
        }),
      )
      .execute()
    const candidate: CandidateTable = {
      search_id: ids.search,
      rank: 1,
      face_id: faceId,
      media_id: face.media_id,
      similarity: 0.9,
      strangers_expected: null,
    }
    const collections = await tx
      .selectFrom('collection')
      .select(['id', 'title'])
      .where('agency_id', '=', agencyId)
      .execute()
    await tx
      .insertInto('search')
      .values(
        withDigest('search', {
          id: ids.search,
          case_id: ids.case,
          agency_id: agencyId,
          account_id: lead.accountId,
          searched_by: lead.name,
          at,
          purpose,
          legal_basis: 'test',
          probe_faces: JSON.stringify([ids.face]),
          collections: JSON.stringify(collections),
          parameters: '{"limit":50,"exact":false}',
          threshold: 0.3,
          scores: '{"source":"none"}',
          pack_id: pack.packId,
          pipeline_version: pack.pipelineVersion,
          faces_searched: 10,
          faces_undated: 0,
          probe_agreement: null,
          more: 0,
          candidate_count: 1,
          list_sha256: listHash([candidate]),
        }),
      )
      .execute()
    await tx.insertInto('candidate').values(candidate).execute()
  })
  return { caseId: ids.case, searchId: ids.search, probeFaceId: ids.face }
}

export const suitable: Analysis = { isSuitable: true, limits: [], note: 'Both eyes are seen.' }

/** A whole comparison with that conclusion, as it may be finished. */
export function comparison(conclusion: NonNullable<ComparisonDraft['conclusion']>): ComparisonDraft {
  const region = { x: 0.2, y: 0.2, width: 0.2, height: 0.1 }
  const finding = conclusion.startsWith('different_') ? ('different' as const) : ('similar' as const)
  return {
    checklist: FACIAL_FEATURES.map((feature) => ({
      feature,
      finding,
      note: '',
      probeRegion: region,
      comparedRegion: region,
    })),
    evaluation: 'Weighed.',
    conclusion,
  }
}
