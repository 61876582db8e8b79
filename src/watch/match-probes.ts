import { sql } from 'kysely'
import type { Context } from '../context.ts'
import type { TemplateKind } from '../store/active-templates.ts'
import { floats } from '../store/index-feed.ts'
import type { ProbeFaceTable } from '../store/tables/search-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { isCurrent, moveCursor, readCursor } from './match-entries.ts'
import { scoresForHits } from './watch-context.ts'
import type { WatchSet } from './watch-set.ts'
import { writeAlerts, type FoundFace } from './write-alerts.ts'

const CURSOR = 'probe faces'
const FACES_A_STEP = 64

/** A face of a probe that nobody has been identified from. */
interface UnsignedProbe {
  face: ProbeFaceTable
  /** Of the case. */
  agencyId: string
  /** The first probe of the case with these bytes: steps make further ones of the same photo. */
  probeId: string
}

/**
 * Compares new probe faces with all standing searches of their case's agency.
 * @returns `idle` when there was none; `stale` when standing searches changed meanwhile
 */
export async function matchProbes(
  ctx: Context,
  set: WatchSet,
  nowMs: number,
): Promise<'matched' | 'idle' | 'stale'> {
  const { db } = ctx.store
  const cursor = await readCursor(db, CURSOR)
  const { items, last } = await unsignedProbes(db, set.kind, cursor, FACES_A_STEP)
  if (last === undefined) return 'idle'
  const vectors = items.map(({ face }) => floats(checkedRow('probe_face', face, face.id).vector))
  const reached = await set.match(vectors)
  const found = items.flatMap(({ face, agencyId, probeId }, at) =>
    reached[at]
      .filter(({ search }) => search.agency_id === agencyId)
      .filter(({ search }) => !(JSON.parse(search.probe_faces) as string[]).includes(face.id))
      .map((one): FoundFace => ({ target: { kind: 'probe', id: probeId }, faceId: face.id, reached: one })),
  )
  const scores = found.length > 0 ? await scoresForHits(ctx) : undefined
  return db.transaction().execute(async (tx) => {
    if (!(await isCurrent(tx, set))) return 'stale'
    if (scores !== undefined) await writeAlerts(tx, found, { label: set.label, scores, nowMs })
    await moveCursor(tx, CURSOR, last)
    return 'matched'
  })
}

/**
 * Faces after a place in the feed of probe faces, of probes without a signed identification. Left out are a person's
 * own photos that were taken into a case to search with: they show who they show.
 * @returns `last`: place of the last one looked at; undefined when there was none
 */
export async function unsignedProbes(
  db: Db,
  kind: TemplateKind,
  after: number,
  limit: number,
): Promise<{ items: UnsignedProbe[]; last: number | undefined }> {
  const feed = await db
    .selectFrom('probe_face_feed')
    .selectAll()
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute()
  if (feed.length === 0) return { items: [], last: undefined }
  const rows = await db
    .selectFrom('probe_face')
    .innerJoin('probe', 'probe.id', 'probe_face.probe_id')
    .innerJoin('case_file', 'case_file.id', 'probe.case_id')
    .selectAll('probe_face')
    .select(['case_file.agency_id', firstOfBytes.as('first_probe')])
    .where(
      'probe_face.id',
      'in',
      feed.map(({ probe_face_id: id }) => id),
    )
    .where('pack_id', '=', kind.packId)
    .where('pipeline_version', '=', kind.pipelineVersion)
    .where((where) => where.not(where.exists(signedFor)))
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('person_photo')
            .select('person_photo.id')
            .whereRef('person_photo.sha256', '=', 'probe.sha256')
            .whereRef('person_photo.agency_id', '=', 'case_file.agency_id'),
        ),
      ),
    )
    .execute()
  const items = rows.map(({ agency_id: agencyId, first_probe: probeId, ...face }) => ({
    face,
    agencyId,
    probeId,
  }))
  return { items, last: feed[feed.length - 1].seq }
}

const firstOfBytes = sql<string>`(
  select min(other.id) from probe as other where other.case_id = probe.case_id and other.sha256 = probe.sha256
)`
const signedFor = sql`(
  select 1 from identification where identification.case_id = probe.case_id
    and identification.probe_sha256 = probe.sha256
    and identification.signed_at is not null and identification.withdrawn_at is null
)` as never
