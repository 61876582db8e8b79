import type { Actor } from '../../access/actor.ts'
import type { Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { newId } from '../../store/ids.ts'
import { forgetRemarks } from '../../store/photo-remarks.ts'
import { isOriginalInUse } from '../../store/originals.ts'
import type { Db } from '../../store/record.ts'
import { eraseUnused } from '../../video/derivatives.ts'
import { eraseUnusedParts } from '../import/upload-parts.ts'
import { keptArchivesOf } from './remove-archives.ts'
import { ERASE_BATCH, leaveTombstone, removeMediaRows, removePerson, removeSources } from './remove-rows.ts'
import { selectForErasure, type ErasureSelection, type EraseTarget } from './select-for-erasure.ts'

export interface EraseInput {
  target: EraseTarget
  /** Why, in words; stays in the tombstone. Must not say who or what is erased. */
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
  /** False when another process still reads the write-ahead log; `likeness doctor` empties it later. */
  logEmptied: boolean
  /** False when another process has the index open and did not drop the faces in time; it does before its next search. */
  indexCleared: boolean
  tombstoneId: string | undefined
}

/**
 * Erases media with everything that was made of them: faces, templates, links, sources, originals. What remains is a
 * tombstone: that, when, by whom, why, how many.
 *
 * 1. rows go, in transactions that also name the originals to remove and the entries for indexes to drop; 2. the index
 * drops them, in its files too; 3. originals are overwritten and removed; 4. the write-ahead log is copied and emptied.
 * Killed on the way, it is finished by the next erasure or by `likeness doctor --repair`. When it returns, the data
 * folder holds nothing of it.
 * @throws AppError `bad_input`, `not_found`, `conflict` when a legal hold keeps some of it
 */
export async function eraseMedia(
  ctx: Pick<Context, 'store' | 'index'>,
  actor: Actor,
  input: EraseInput,
): Promise<ErasureReport> {
  const reason = input.reason.trim()
  if (reason === '') throw new AppError('bad_input', 'Expected a reason; it stays in the tombstone.')
  const { db } = ctx.store
  const selection = await selectForErasure(db, input.target)
  await refuseHeld(db, selection)
  const report: ErasureReport = {
    media: selection.mediaIds.length,
    faces: 0,
    sources: selection.sourceIds.length,
    archives: await keptArchivesOf(db, selection.mediaIds),
    logEmptied: true,
    indexCleared: true,
    tombstoneId: undefined,
  }
  if (input.dryRun) return report
  const tombstoneId = newId()
  for (let at = 0; at === 0 || at < selection.mediaIds.length; at += ERASE_BATCH) {
    const batch = selection.mediaIds.slice(at, at + ERASE_BATCH)
    const last = at + ERASE_BATCH >= selection.mediaIds.length
    await db.transaction().execute(async (tx) => {
      report.faces += await removeMediaRows(tx, batch, tombstoneId)
      if (!last) return
      await removeSources(tx, selection.sourceIds, tombstoneId)
      if (selection.personId !== undefined) await removePerson(tx, selection.personId, tombstoneId)
      await leaveTombstone(tx, actor, {
        id: tombstoneId,
        kind: input.target.kind,
        reason,
        agencyId: undefined,
        action: 'media.erase',
        media: report.media,
        faces: report.faces,
        sources: report.sources,
      })
    })
  }
  report.tombstoneId = tombstoneId
  report.indexCleared = await ctx.index.dropRemoved()
  report.logEmptied = await finishErasures(ctx)
  return report
}

/** A legal hold keeps media from erasure by hand too, and their sources with them. @throws AppError `conflict` */
async function refuseHeld(db: Db, { mediaIds, sourceIds }: ErasureSelection): Promise<void> {
  const held = db.selectFrom('legal_hold').select('collection_id').where('lifted_at', 'is', null)
  for (let at = 0; at < Math.max(mediaIds.length, sourceIds.length); at += ERASE_BATCH) {
    const found = await db
      .selectFrom('source')
      .innerJoin('collection', 'collection.id', 'source.collection_id')
      .select('collection.title')
      .where('source.collection_id', 'in', held)
      .where((where) =>
        where.or([
          where('source.media_id', 'in', mediaIds.slice(at, at + ERASE_BATCH)),
          where('source.id', 'in', sourceIds.slice(at, at + ERASE_BATCH)),
        ]),
      )
      .executeTakeFirst()
    if (found === undefined) continue
    throw new AppError(
      'conflict',
      `Some of it stands in '${found.title}', which is under legal hold. Nothing was erased; a supervisor can lift the hold.`,
    )
  }
}

/** Removes the bytes of every original whose rows are gone, then empties the log. @returns whether the log is empty */
export async function finishErasures(ctx: Pick<Context, 'store'>): Promise<boolean> {
  const { db, vault, record } = ctx.store
  for (;;) {
    const pending = await db.selectFrom('pending_erasure').select('sha256').limit(ERASE_BATCH).execute()
    if (pending.length === 0) break
    for (const { sha256 } of pending) {
      // Inside the write lock: no probe or import can begin to stand on the original meanwhile.
      await db.transaction().execute(async (tx) => {
        if (!(await isOriginalInUse(tx, sha256))) {
          await forgetRemarks(tx, sha256)
          await vault.erase(sha256)
        }
        await tx.deleteFrom('pending_erasure').where('sha256', '=', sha256).execute()
      })
    }
  }
  await eraseUnused(ctx.store)
  await eraseUnusedParts(ctx.store)
  return record.checkpointNow()
}
