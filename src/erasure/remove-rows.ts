import type { Actor } from '../actor/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { nowIso } from '../store/ids.ts'
import { enterInIndex, leaveIndex } from '../store/index-feed.ts'
import type { Tx } from '../store/database/db.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import type { TombstoneTable } from '../store/tables/erasure-tables.ts'
import { forgetFacesInAlerts } from '../alerts/forget-alerts.ts'
import { forgetDerivatives } from '../video/derivatives.ts'
import { countFaces } from '../collections/count-holdings.ts'
import { archivesOf, emptyArchives, removeArchives } from './remove-archives.ts'

/** Media erased in one transaction: other processes' writes wait no longer than that. */
export const ERASE_BATCH = 100

export interface Erased {
  /** Of the tombstone. */
  id: string
  kind: TombstoneTable['kind']
  reason: string
  /** Agency whose media they were; undefined when it may be several. */
  agencyId: string | undefined
  /** For the audit event. */
  action: string
  media: number
  faces: number
  sources: number
}

/** Writes what remains of an erasure: the tombstone and the audit event. */
export async function leaveTombstone(tx: Tx, actor: Actor, erased: Erased): Promise<void> {
  const { id, kind, reason, agencyId, action, media, faces, sources } = erased
  const tombstone = {
    id,
    kind,
    reason,
    erased_by: actor.name,
    erased_at: nowIso(),
    media_count: media,
    face_count: faces,
  }
  await tx.insertInto('tombstone').values(withDigest('tombstone', tombstone)).execute()
  const details = { kind, media, faces, sources }
  await appendAuditEvent(tx, actor, { action, agencyId, subject: `tombstone ${id}`, details })
}

/** Removes the rows of media, children first; returns how many faces they had. */
export async function removeMediaRows(
  tx: Tx,
  mediaIds: readonly string[],
  tombstoneId: string,
): Promise<number> {
  if (mediaIds.length === 0) return 0
  const media = await tx.selectFrom('media').select('sha256').where('id', 'in', mediaIds).execute()
  const faces = await countFaces(tx, mediaIds)
  await leaveIndex(tx, mediaIds)
  await forgetFacesInAlerts(tx, mediaIds)
  await emptyReports(tx, mediaIds)
  await tx.deleteFrom('template').where('media_id', 'in', mediaIds).execute()
  await forgetVideos(tx, mediaIds)
  await tx
    .deleteFrom('person_face')
    .where('face_id', 'in', tx.selectFrom('face').select('id').where('media_id', 'in', mediaIds))
    .execute()
  await tx.deleteFrom('face').where('media_id', 'in', mediaIds).execute()
  await removeNotes(tx, mediaIds)
  const archives = await archivesOf(tx, { mediaIds })
  await tx.deleteFrom('source_capture').where('media_id', 'in', mediaIds).execute()
  await removeArchives(tx, archives, tombstoneId)
  await tx.deleteFrom('media_provenance').where('media_id', 'in', mediaIds).execute()
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
  return faces
}

/** What videos have beside faces: what is made from them, which frame each face is in, tracks, facts. */
async function forgetVideos(tx: Tx, mediaIds: readonly string[]): Promise<void> {
  await forgetDerivatives(tx, mediaIds)
  await tx.deleteFrom('video_face').where('media_id', 'in', mediaIds).execute()
  await tx.deleteFrom('video_trace').where('media_id', 'in', mediaIds).execute()
  await tx.deleteFrom('video_track').where('media_id', 'in', mediaIds).execute()
  await tx.deleteFrom('video').where('media_id', 'in', mediaIds).execute()
}

/** Reports stay as made, for whom and when; what they say of media that go, goes. */
async function emptyReports(tx: Tx, mediaIds: readonly string[]): Promise<void> {
  const reports = await tx
    .selectFrom('report_media')
    .innerJoin('report', 'report.id', 'report_media.report_id')
    .select('report.id')
    .distinct()
    .where('report_media.media_id', 'in', mediaIds)
    .where('report.content', 'is not', null)
    .execute()
  for (const { id } of reports) await changeRow(tx, 'report', id, { content: null })
}

/** What examiners wrote on pictures of the media as candidates says what was on them. */
async function removeNotes(tx: Tx, mediaIds: readonly string[]): Promise<void> {
  await tx
    .deleteFrom('candidate_note')
    .where('picture', '=', 'candidate')
    .where((where) =>
      where.exists(
        where
          .selectFrom('candidate')
          .select('candidate.rank')
          .whereRef('candidate.search_id', '=', 'candidate_note.search_id')
          .whereRef('candidate.rank', '=', 'candidate_note.rank')
          .where('candidate.media_id', 'in', mediaIds),
      ),
    )
    .execute()
}

/**
 * Takes sources away from media that stay, and the media out of collections that no source of theirs names any more.
 * @returns ids of those media; one may stand there twice
 */
export async function removeSources(
  tx: Tx,
  sourceIds: readonly string[],
  tombstoneId: string,
): Promise<string[]> {
  const staying: string[] = []
  for (let at = 0; at < sourceIds.length; at += ERASE_BATCH) {
    const batch = sourceIds.slice(at, at + ERASE_BATCH)
    const touched = await tx
      .selectFrom('source')
      .select('media_id')
      .distinct()
      .where('id', 'in', batch)
      .execute()
    const mediaIds = touched.map(({ media_id: id }) => id)
    staying.push(...mediaIds)
    const items = await tx
      .selectFrom('source')
      .select(['import_id', 'ordinal'])
      .where('id', 'in', batch)
      .execute()
    const archives = await archivesOf(tx, { sourceIds: batch })
    await tx.deleteFrom('source_capture').where('source_id', 'in', batch).execute()
    await removeArchives(tx, await emptyArchives(tx, archives), tombstoneId)
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
  return staying
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
