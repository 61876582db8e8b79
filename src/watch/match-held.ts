import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { similarity } from '../engine/embed/similarity.ts'
import type { ReadyIndex } from '../live-index/live-index.ts'
import { setsWithAny } from '../store/collection-sets.ts'
import { entriesAfter, floats } from '../store/index-feed.ts'
import { nowIso } from '../store/ids.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { faceOfEntry, isCurrent } from './match-entries.ts'
import { unsignedProbes } from './match-probes.ts'
import { scoresForHits } from './watch-context.ts'
import type { WatchSet } from './watch-set.ts'
import { WatchedCollections, writeAlerts, type FoundFace } from './write-alerts.ts'

/** Templates of standing searches compared with everything held in one step. */
const ROWS_A_STEP = 16
/** Faces asked for first; with more above the threshold, all are asked for. */
const FIRST_FACES = 100
const MORE_FACES = 1000
const ENTRIES_A_STEP = 128
/** Faces looked up before the event loop gets a turn. */
const FACES_A_TURN = 32
const PROBES_A_STEP = 128

type Known = NonNullable<ReturnType<WatchSet['row']>>

/**
 * Compares templates that standing searches have newly with everything held and with every probe of the agency's cases
 * that nobody has been identified from yet.
 * @returns `idle` when none was new; `stale` when standing searches changed meanwhile
 */
export async function matchHeld(
  ctx: Context,
  set: WatchSet,
  nowMs: number,
): Promise<'matched' | 'idle' | 'stale'> {
  const { db } = ctx.store
  const rows = await db
    .selectFrom('standing_face')
    .select('seq')
    .where('label', '=', set.label)
    .where('held_at', 'is', null)
    .orderBy('seq')
    .limit(ROWS_A_STEP)
    .execute()
  const known = rows.flatMap(({ seq }) => set.row(seq) ?? [])
  if (known.length === 0) return 'idle'
  const index = await ctx.index.ready()
  if (index !== undefined && index.label !== set.label) return 'stale'
  const collections = new WatchedCollections(db)
  const hits = new Map<Known, { id: number; similarity: number }[]>()
  for (const one of known) {
    const tags = await setsWithAny(db, [...(await collections.of(one.search))])
    if (index !== undefined && tags.length > 0) hits.set(one, await heldFaces(db, index, one, tags))
  }
  const probes = await heldProbes(db, set, known)
  const scores =
    [...hits.values()].some((found) => found.length > 0) || probes.length > 0
      ? await scoresForHits(ctx)
      : undefined
  return db.transaction().execute(async (tx) => {
    if (!(await isCurrent(tx, set))) return 'stale'
    const found: FoundFace[] = [...probes]
    for (const [one, faces] of hits) {
      for (const [number, { id, similarity: score }] of faces.entries()) {
        if (number % FACES_A_TURN === FACES_A_TURN - 1) await nextTurn()
        const face = await faceOfEntry(tx, id)
        if (face === undefined) continue
        const reached = { search: one.search, row: one.row, similarity: score }
        found.push({ target: { kind: 'media', id: face.mediaId }, faceId: face.faceId, reached })
      }
    }
    if (scores !== undefined) await writeAlerts(tx, found, { label: set.label, scores, nowMs })
    await tx
      .updateTable('standing_face')
      .set({ held_at: nowIso() })
      .where(
        'seq',
        'in',
        known.map(({ row }) => row.seq),
      )
      .execute()
    return 'matched'
  })
}

/** Every face in these combinations of collections that reaches the threshold, however many they are. */
async function heldFaces(
  db: Db,
  index: ReadyIndex,
  { search, template }: Known,
  tags: readonly number[],
): Promise<{ id: number; similarity: number }[]> {
  for (const k of [FIRST_FACES, MORE_FACES]) {
    const [{ candidates }] = await index.search([template], { k, filter: { tags }, exact: true })
    const reaching = candidates.filter((candidate) => candidate.similarity >= search.threshold)
    if (reaching.length < k) return reaching
  }
  const wanted = new Set(tags)
  const all: { id: number; similarity: number }[] = []
  for (let after = 0; ;) {
    const entries = await entriesAfter(db, index.label, after, ENTRIES_A_STEP)
    if (entries.length === 0) return all
    for (const { id, setNumber, vector } of entries) {
      const score = wanted.has(setNumber) ? similarity(template, vector) : -1
      if (score >= search.threshold) all.push({ id, similarity: score })
    }
    after = entries[entries.length - 1].id
    await nextTurn()
  }
}

async function heldProbes(db: Db, set: WatchSet, known: readonly Known[]): Promise<FoundFace[]> {
  const found: FoundFace[] = []
  for (let after = 0; ;) {
    const faces = await unsignedProbes(db, set.kind, after, PROBES_A_STEP)
    for (const { agencyId, probeId, face } of faces.items) {
      const vector = floats(checkedRow('probe_face', face, face.id).vector)
      for (const { search, row, template } of known) {
        if (search.agency_id !== agencyId || isOwnProbe(search.probe_faces, face.id)) continue
        const score = similarity(template, vector)
        if (score < search.threshold) continue
        const reached = { search, row, similarity: score }
        found.push({ target: { kind: 'probe', id: probeId }, faceId: face.id, reached })
      }
    }
    if (faces.last === undefined) return found
    after = faces.last
    await nextTurn()
  }
}

function isOwnProbe(probeFaces: string, faceId: string): boolean {
  return (JSON.parse(probeFaces) as string[]).includes(faceId)
}
