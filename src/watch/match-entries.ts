import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { entriesAfter, type FeedEntry } from '../store/index-feed.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { scoresForHits } from './watch-context.ts'
import type { Reached, WatchSet } from './watch-set.ts'
import { WatchedCollections, writeAlerts, type FoundFace } from './write-alerts.ts'

/** Faces compared at once: reading them takes some 5 ms of the event loop. */
export const ENTRIES_A_STEP = 64
/** Faces looked up before the event loop gets a turn. */
const FACES_A_TURN = 8
/** Where nothing was found, how far matching has come is written down no more often than this. */
const NOTE_EVERY_ENTRIES = 2048

/** How far entries were matched: in memory, and as it is written down. */
export interface Progress {
  reached: number
  noted: number
}

/** Where matching goes on after a restart. */
export async function readCursor(db: Db, name: string): Promise<number> {
  const row = await db
    .selectFrom('watch_cursor')
    .select('reached')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.reached ?? 0
}

/**
 * Compares the next enrolled faces with all standing searches, and writes the alerts with the new place of the cursor.
 * Where nothing is found nothing needs writing at once: those faces are compared again after a restart, with the same
 * result; see [Note: watching].
 * @returns `idle` when there was none to compare; `stale` when standing searches changed meanwhile: load and do it again
 */
export async function matchEntries(
  ctx: Context,
  set: WatchSet,
  progress: Progress,
  nowMs: number,
): Promise<'matched' | 'idle' | 'stale'> {
  const { db } = ctx.store
  const entries = await entriesAfter(db, set.label, progress.reached, ENTRIES_A_STEP)
  if (entries.length === 0) {
    if (progress.noted < progress.reached) await note(db, set, progress)
    return 'idle'
  }
  const last = entries[entries.length - 1].id
  const reached = await set.match(entries.map(({ vector }) => vector))
  if (reached.every((rows) => rows.length === 0)) {
    if (!(await isCurrent(db, set))) return 'stale'
    progress.reached = last
    if (last - progress.noted >= NOTE_EVERY_ENTRIES) await note(db, set, progress)
    return 'matched'
  }
  const scores = await scoresForHits(ctx)
  const isWritten = await db.transaction().execute(async (tx) => {
    if (!(await isCurrent(tx, set))) return false
    const found = await visibleFaces(tx, entries, reached)
    await writeAlerts(tx, found, { label: set.label, scores, nowMs })
    await moveCursor(tx, set.label, last)
    return true
  })
  if (!isWritten) return 'stale'
  progress.reached = last
  progress.noted = last
  return 'matched'
}

/** Whether the record is still at the version that the set was loaded from. */
export async function isCurrent(db: Db, set: WatchSet): Promise<boolean> {
  const { version } = await db.selectFrom('watch_state').select('version').executeTakeFirstOrThrow()
  return version === set.version
}

/** Notes down how far a feed was gone through; never back. */
export async function moveCursor(tx: Tx, name: string, reached: number): Promise<void> {
  await tx
    .insertInto('watch_cursor')
    .values({ name, reached })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet({ reached }).where('watch_cursor.reached', '<', reached),
    )
    .execute()
}

async function note(db: Db, set: WatchSet, progress: Progress): Promise<void> {
  const { reached } = progress
  await db.transaction().execute((tx) => moveCursor(tx, set.label, reached))
  progress.noted = reached
}

/** Of the faces found those that are still there, in a collection that the standing search may see. */
async function visibleFaces(
  tx: Tx,
  entries: readonly FeedEntry[],
  reached: readonly Reached[][],
): Promise<FoundFace[]> {
  const collections = new WatchedCollections(tx)
  const found: FoundFace[] = []
  for (const [at, rows] of reached.entries()) {
    if (rows.length === 0) continue
    const face = await faceOfEntry(tx, entries[at].id)
    if (face === undefined) continue
    if (at % FACES_A_TURN === FACES_A_TURN - 1) await nextTurn()
    const members = await collectionsOfSet(tx, face.setNumber)
    for (const one of rows) {
      const watched = await collections.of(one.search)
      if (!members.some((id) => watched.has(id))) continue
      found.push({ target: { kind: 'media', id: face.mediaId }, faceId: face.faceId, reached: one })
    }
  }
  return found
}

/** Whose face an entry of the feed is; undefined when the entry is no more: another has taken its place, or none. */
export async function faceOfEntry(
  tx: Tx,
  entryId: number,
): Promise<{ faceId: string; mediaId: string; setNumber: number } | undefined> {
  const row = await tx
    .selectFrom('index_entry')
    .innerJoin('template', 'template.seq', 'index_entry.template_seq')
    .select(['template.face_id', 'template.media_id', 'index_entry.set_number'])
    .where('index_entry.id', '=', entryId)
    .executeTakeFirst()
  return row && { faceId: row.face_id, mediaId: row.media_id, setNumber: row.set_number }
}

async function collectionsOfSet(tx: Tx, setNumber: number): Promise<string[]> {
  const rows = await tx
    .selectFrom('collection_set_member')
    .select('collection_id')
    .where('set_number', '=', setNumber)
    .execute()
  return rows.map(({ collection_id: id }) => id)
}
