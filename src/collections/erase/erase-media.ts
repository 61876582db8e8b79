import type { Actor } from '../../access/actor.ts'
import { appendAuditEvent } from '../../audit/append-event.ts'
import type { Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { newId, nowIso } from '../../store/ids.ts'
import { enterInIndex, leaveIndex } from '../../store/index-feed.ts'
import { isOriginalInUse } from '../../store/originals.ts'
import type { Tx } from '../../store/record.ts'
import { withDigest } from '../../store/row-digest.ts'
import type { TombstoneTable } from '../../store/schema.ts'
import { selectForErasure, type EraseTarget } from './select-for-erasure.ts'

/** Media erased in one transaction: other processes' writes wait no longer than that. */
const ERASE_BATCH = 100

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
 * @throws AppError `bad_input`, `not_found`
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
  const report: ErasureReport = {
    media: selection.mediaIds.length,
    faces: 0,
    sources: selection.sourceIds.length,
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
      await removeSources(tx, selection.sourceIds)
      if (selection.personId !== undefined) await removePerson(tx, selection.personId)
      const tombstone: Omit<TombstoneTable, 'digest'> = {
        id: tombstoneId,
        kind: input.target.kind,
        reason,
        erased_by: actor.name,
        erased_at: nowIso(),
        media_count: report.media,
        face_count: report.faces,
      }
      await tx.insertInto('tombstone').values(withDigest('tombstone', tombstone)).execute()
      await appendAuditEvent(tx, actor, {
        action: 'media.erase',
        agencyId: undefined,
        subject: `tombstone ${tombstoneId}`,
        details: {
          kind: input.target.kind,
          media: report.media,
          faces: report.faces,
          sources: report.sources,
        },
      })
    })
  }
  report.tombstoneId = tombstoneId
  report.indexCleared = await ctx.index.dropRemoved()
  report.logEmptied = await finishErasures(ctx)
  return report
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
        if (!(await isOriginalInUse(tx, sha256))) await vault.erase(sha256)
        await tx.deleteFrom('pending_erasure').where('sha256', '=', sha256).execute()
      })
    }
  }
  return record.checkpointNow()
}

/** Removes the rows of media, children first; returns how many faces they had. */
async function removeMediaRows(tx: Tx, mediaIds: readonly string[], tombstoneId: string): Promise<number> {
  if (mediaIds.length === 0) return 0
  const media = await tx.selectFrom('media').select('sha256').where('id', 'in', mediaIds).execute()
  const faces = await tx.selectFrom('face').select('id').where('media_id', 'in', mediaIds).execute()
  await leaveIndex(tx, mediaIds)
  await tx.deleteFrom('template').where('media_id', 'in', mediaIds).execute()
  await tx
    .deleteFrom('person_face')
    .where('face_id', 'in', tx.selectFrom('face').select('id').where('media_id', 'in', mediaIds))
    .execute()
  await tx.deleteFrom('face').where('media_id', 'in', mediaIds).execute()
  await tx.deleteFrom('source').where('media_id', 'in', mediaIds).execute()
  await tx.deleteFrom('media_in_collection').where('media_id', 'in', mediaIds).execute()
  await tx.deleteFrom('phash_band').where('media_id', 'in', mediaIds).execute()
  await tx
    .deleteFrom('near_duplicate')
    .where((where) =>
      where.or([where('media_id', 'in', mediaIds), where('earlier_media_id', 'in', mediaIds)]),
    )
    .execute()
  // The item stays, so that the import still adds up; its name and claims say what it was, so they go.
  await tx
    .updateTable('import_item')
    .set({ name: null, claims: null, media_id: null, reason: 'erased', detail: null })
    .where('media_id', 'in', mediaIds)
    .execute()
  await tx.deleteFrom('media').where('id', 'in', mediaIds).execute()
  if (media.length > 0) {
    await tx
      .insertInto('pending_erasure')
      .values(media.map(({ sha256 }) => ({ sha256, tombstone_id: tombstoneId })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  return faces.length
}

/** Takes sources away from media that stay, and the media out of collections that no source of theirs names any more. */
async function removeSources(tx: Tx, sourceIds: readonly string[]): Promise<void> {
  for (let at = 0; at < sourceIds.length; at += ERASE_BATCH) {
    const batch = sourceIds.slice(at, at + ERASE_BATCH)
    const touched = await tx
      .selectFrom('source')
      .select('media_id')
      .distinct()
      .where('id', 'in', batch)
      .execute()
    const mediaIds = touched.map(({ media_id: id }) => id)
    const items = await tx
      .selectFrom('source')
      .select(['import_id', 'ordinal'])
      .where('id', 'in', batch)
      .execute()
    await tx.deleteFrom('source').where('id', 'in', batch).execute()
    for (const { import_id: importId, ordinal } of items) await forgetItem(tx, importId, ordinal)
    await tx
      .deleteFrom('media_in_collection')
      .where('media_id', 'in', mediaIds)
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom('source')
              .select('source.id')
              .whereRef('source.media_id', '=', 'media_in_collection.media_id')
              .whereRef('source.collection_id', '=', 'media_in_collection.collection_id'),
          ),
        ),
      )
      .execute()
    await enterInIndex(tx, mediaIds)
  }
}

/** The item stays, so that the import still adds up; its name and claims say what it was, so they go. */
async function forgetItem(tx: Tx, importId: string, ordinal: number): Promise<void> {
  await tx
    .updateTable('import_item')
    .set({ name: null, claims: null, media_id: null, reason: 'erased', detail: null })
    .where('import_id', '=', importId)
    .where('ordinal', '=', ordinal)
    .execute()
}

async function removePerson(tx: Tx, personId: string): Promise<void> {
  await tx.deleteFrom('person_face').where('person_id', '=', personId).execute()
  await tx.deleteFrom('person').where('id', '=', personId).execute()
}
