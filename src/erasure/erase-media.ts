import type { Actor } from '../actor/actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { newId } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { heldCollections } from '../collections/legal-hold.ts'
import { finishErasures, isErasureUnfinished } from './finish-erasures.ts'
import { keptArchivesOf } from './remove-archives.ts'
import { removeMediaAndSources } from './remove-media-and-sources.ts'
import { removePerson } from './remove-person.ts'
import { ERASE_BATCH, leaveTombstone } from './remove-rows.ts'
import {
  selectAmong,
  selectForErasure,
  type ErasureSelection,
  type EraseTarget,
} from './select-for-erasure.ts'

export interface EraseInput {
  target: EraseTarget
  /** Why, in words; stays in the tombstones. Must not say who or what is erased. */
  reason: string
  /** Counts what would be erased and changes nothing. */
  dryRun: boolean
}

export interface ErasureReport {
  media: number
  faces: number
  /** Sources taken away from media that stay because another source of them does. */
  sources: number
  /** Kept web archives that hold some of the media: their bytes go too. */
  archives: number
  /** Of media given by name, those that are not in the record: erased before, or never there. */
  notThere: string[]
  /** False when another process still reads the write-ahead log; `likeness doctor` empties it later. */
  logEmptied: boolean
  /** False when another process has the index open and did not drop the faces in time; it does before its next search. */
  indexCleared: boolean
  /** One of each transaction. */
  tombstoneIds: string[]
}

/**
 * Erases media with everything that was made of them: faces, templates, links, sources, originals. What remains are
 * tombstones: that, when, by whom, why, how many.
 *
 * 1. rows go, `ERASE_BATCH` media a transaction. Each looks again at what the target means and at legal holds, and writes
 * its own tombstone and audit event, with the originals to remove and the entries for indexes to drop; 2. the index drops
 * them, in its files too; 3. originals are overwritten and removed; 4. the write-ahead log is copied and emptied.
 *
 * Killed on the way, what is gone is accounted for. The same call goes on; what has no row any more is finished by the
 * next erasure, the service's next round of retention, or `likeness doctor --repair`. When it returns, the data folder
 * holds nothing of it.
 * @throws AppError `bad_input`, `not_found`, `conflict` when a legal hold keeps some of it: what was erased before the
 *   hold stays erased, nothing more is
 */
export async function eraseMedia(
  ctx: Pick<Context, 'store' | 'index'>,
  actor: Actor,
  input: EraseInput,
): Promise<ErasureReport> {
  const reason = input.reason.trim()
  if (reason === '') throw new AppError('bad_input', 'Expected a reason; it stays in the tombstone.')
  const { db } = ctx.store
  const goesOn = !input.dryRun && (await isErasureUnfinished(db))
  // What an earlier call took from the record before it was killed must leave the disk, whatever comes now.
  if (goesOn) await finishErasures(ctx)
  const selection = await selectForErasure(db, input.target).catch((error: unknown) => {
    if (goesOn && error instanceof AppError && error.code === 'not_found') return nothingOf(input.target)
    throw error
  })
  await refuseHeld(db, selection, 0)
  const report: ErasureReport = {
    media: selection.mediaIds.length,
    faces: 0,
    sources: selection.sources.length,
    archives: await keptArchivesOf(db, selection.mediaIds),
    notThere: selection.notThere,
    logEmptied: true,
    indexCleared: true,
    tombstoneIds: [],
  }
  if (input.dryRun) return report
  report.media = 0
  report.sources = 0
  const erasure = { actor, target: input.target, reason, report }
  try {
    await eraseSelected(db, erasure, selection)
    if (selection.personId !== undefined) await erasePersonLast(db, erasure)
    if (report.tombstoneIds.length === 0) await db.transaction().execute((tx) => account(tx, erasure, NONE))
  } finally {
    report.indexCleared = await ctx.index.dropRemoved()
    report.logEmptied = await finishErasures(ctx)
  }
  return report
}

/** Of a call that is repeated after a crash: every row went before it, and only bytes were left to remove. */
function nothingOf(target: EraseTarget): ErasureSelection {
  const notThere = target.kind === 'media' ? target.media : []
  return { mediaIds: [], sources: [], personId: undefined, notThere }
}

/** One erasure under way. */
interface Erasure {
  actor: Actor
  target: EraseTarget
  reason: string
  report: ErasureReport
}

interface Gone {
  /** Of the tombstone. */
  id?: string
  media: number
  faces: number
  sources: number
}

const NONE: Gone = { media: 0, faces: 0, sources: 0 }

/** Erases what was selected, batch after batch. */
async function eraseSelected(db: Db, erasure: Erasure, selection: ErasureSelection): Promise<void> {
  const touched = [...new Set([...selection.mediaIds, ...selection.sources.map(({ mediaId }) => mediaId)])]
  for (let at = 0; at < touched.length; at += ERASE_BATCH) {
    const batch = touched.slice(at, at + ERASE_BATCH)
    const gone = await db.transaction().execute(async (tx) => {
      const now = await selectAmong(tx, erasure.target, batch)
      if (now.mediaIds.length === 0 && now.sources.length === 0) return undefined
      await refuseHeld(tx, now, erasure.report.media + erasure.report.sources)
      const id = newId()
      const sourceIds = now.sources.map((source) => source.id)
      const faces = await removeMediaAndSources(
        tx,
        { mediaIds: now.mediaIds, sourceIds, keptPersonId: now.personId },
        id,
      )
      return account(tx, erasure, { id, media: now.mediaIds.length, faces, sources: sourceIds.length })
    })
    if (gone !== undefined) note(erasure.report, gone)
  }
}

/** The person goes when no media of theirs is left; some may have come in meanwhile. */
async function erasePersonLast(db: Db, erasure: Erasure): Promise<void> {
  for (;;) {
    const left = await db.transaction().execute(async (tx) => {
      const now = await selectForErasure(tx, erasure.target)
      if (now.mediaIds.length > 0) return now
      const id = newId()
      const photos = await removePerson(tx, now.personId!, id)
      const gone = await account(tx, erasure, { id, media: photos, faces: photos, sources: 0 })
      erasure.report.tombstoneIds.push(gone.id)
      return undefined
    })
    if (left === undefined) return
    await eraseSelected(db, erasure, left)
  }
}

/** Leaves the tombstone and the audit event of one transaction. */
async function account(
  tx: Tx,
  { actor, target, reason }: Erasure,
  gone: Gone,
): Promise<Gone & { id: string }> {
  const id = gone.id ?? newId()
  const { media, faces, sources } = gone
  await leaveTombstone(tx, actor, {
    id,
    kind: target.kind,
    reason,
    agencyId: undefined,
    action: 'media.erase',
    media,
    faces,
    sources,
  })
  return { ...gone, id }
}

function note(report: ErasureReport, gone: Gone & { id: string }): void {
  report.media += gone.media
  report.faces += gone.faces
  report.sources += gone.sources
  report.tombstoneIds.push(gone.id)
}

/**
 * A legal hold keeps media from erasure by hand too, and their sources with them.
 * @param before media and sources that were erased already
 * @throws AppError `conflict`
 */
async function refuseHeld(db: Db, { mediaIds, sources }: ErasureSelection, before: number): Promise<void> {
  const held = await heldCollections(db)
  if (held.length === 0) return
  for (let at = 0; at < Math.max(mediaIds.length, sources.length); at += ERASE_BATCH) {
    const sourceIds = sources.slice(at, at + ERASE_BATCH).map(({ id }) => id)
    const found = await db
      .selectFrom('source')
      .innerJoin('collection', 'collection.id', 'source.collection_id')
      .select('collection.title')
      .where('source.collection_id', 'in', held)
      .where((where) =>
        where.or([
          where('source.media_id', 'in', mediaIds.slice(at, at + ERASE_BATCH)),
          where('source.id', 'in', sourceIds),
        ]),
      )
      .executeTakeFirst()
    if (found === undefined) continue
    const erased =
      before === 0 ? 'Nothing was erased' : `${before} were erased before the hold, nothing more was erased`
    throw new AppError(
      'conflict',
      `Some of it stands in '${found.title}', which is under legal hold. ${erased}; a supervisor can lift the hold.`,
    )
  }
}
