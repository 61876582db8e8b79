import type { CommitTarget } from './commit-target.ts'
import type { Tally } from './commit-target.ts'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { appendAuditEvent } from '../audit/append-event.ts'
import { claimTemplates } from '../store/active-templates.ts'
import { newId, nowIso } from '../store/ids.ts'
import { enterInIndex } from '../store/index-feed.ts'
import { keepRemarks, remarkSentences } from '../store/photo-remarks.ts'
import type { Tx } from '../store/database/db.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import type { ImportItemState } from '../store/tables/import-tables.ts'
import { forgetProgress } from '../video/video-progress.ts'
import type { Claims } from '../sources/claims.ts'
import { faceRow, templateRow } from './face-rows.ts'
import { LEASEHOLDER } from '../store/leaseholder.ts'
import { leaseEnd } from './lease.ts'
import { addCapture, addProvenance, differenceOf } from './captures.ts'
import { linkPerson } from './link-person.ts'
import { linkNearDuplicates } from '../media/near-duplicates.ts'
import { writeVideo } from './write-video.ts'
import { claimsOf } from './work-item.ts'
import { type WorkedItem } from './worked-item.ts'

/** Items written before the event loop gets a turn. */
const ITEMS_A_TURN = 4

export function emptyTally(): Tally {
  return {
    waiting: 0,
    done: 0,
    duplicate: 0,
    no_face: 0,
    unreadable: 0,
    failed: 0,
    faces: 0,
    nearDuplicates: 0,
    differing: 0,
    remarked: 0,
  }
}

/**
 * Makes results count: names the originals durably, then writes everything about all of them in one transaction,
 * audit event included. When it returns, they are on the disk. An item that meanwhile belongs to another process, or
 * whose original is being erased, is left as it is.
 * @throws AppError `conflict` when the record has gone over to other templates
 */
export async function commitItems(target: CommitTarget, worked: readonly WorkedItem[]): Promise<Tally> {
  const { store } = target
  const staged = await Promise.all(
    worked.flatMap((item) => (item.outcome === 'read' || item.outcome === 'video' ? [item.staging] : [])),
  )
  await store.vault.publish(staged)
  return store.db.transaction().execute(async (tx) => {
    // Another process may have switched to other templates since: then these would never be found.
    await claimTemplates(tx, target.engine)
    const tally = emptyTally()
    for (const [index, item] of worked.entries()) {
      if (index > 0 && index % ITEMS_A_TURN === 0) await nextTurn()
      const state = await commitItem(tx, target, item, tally)
      tally[state] += 1
    }
    await tx
      .updateTable('import_item')
      .set({ leased_until: leaseEnd() })
      .where('import_id', '=', target.row.id)
      .where('leased_by', '=', LEASEHOLDER)
      .execute()
    await appendAuditEvent(tx, target.actor, {
      action: 'import.items',
      agencyId: target.collection.agency_id,
      subject: `import ${target.row.id}`,
      details: { ...tally },
    })
    return tally
  })
}

async function commitItem(
  tx: Tx,
  target: CommitTarget,
  worked: WorkedItem,
  tally: Tally,
): Promise<ImportItemState> {
  const { item } = worked
  const held = await tx
    .selectFrom('import_item')
    .select('seq')
    .where('seq', '=', item.seq)
    .where('leased_by', '=', LEASEHOLDER)
    .executeTakeFirst()
  if (held === undefined) return 'waiting'
  if (worked.outcome === 'stopped') return 'waiting'
  if (worked.outcome !== 'known' && worked.outcome !== 'read' && worked.outcome !== 'video') {
    await finishItem(tx, item.seq, worked.outcome, {
      reason: worked.reason,
      detail: worked.detail,
      mediaId: null,
    })
    return worked.outcome
  }
  const media = await ensureMedia(tx, target, worked, tally)
  if (media === undefined) {
    await tx
      .updateTable('import_item')
      .set({ leased_by: null, leased_until: null })
      .where('seq', '=', item.seq)
      .execute()
    return 'waiting'
  }
  const claims = claimsOf(item)
  const added = await tx
    .insertInto('media_in_collection')
    .values({ media_id: media.id, collection_id: target.collection.id, added_at: nowIso() })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  await addSource(tx, target, media.id, worked, claims)
  await enterInIndex(tx, [media.id])
  await linkPerson(tx, target.actor, target.collection, media.id, claims)
  const duplicate = added.numInsertedOrUpdatedRows === 0n
  const state = duplicate ? 'duplicate' : media.faces === 0 ? 'no_face' : 'done'
  const same = duplicate
    ? {
        reason: 'same_bytes',
        detail: 'The collection holds the same bytes already; this source was added to them.',
      }
    : { reason: null, detail: noteOf(worked) }
  const note = differenceOf(claims) ?? same
  if (note.reason === 'digest_differs') tally.differing += 1
  await finishItem(tx, item.seq, state, { ...note, mediaId: media.id })
  return state
}

/** What of it was not read though it was taken in, in sentences. */
function noteOf(worked: WorkedItem): string | null {
  if (worked.outcome === 'video') return worked.video.state.note ?? null
  if (worked.outcome !== 'read') return null
  return remarkSentences(worked.reading.photo.remarks)
}

async function finishItem(
  tx: Tx,
  seq: number,
  state: ImportItemState,
  { reason, detail, mediaId }: { reason: string | null; detail: string | null; mediaId: string | null },
): Promise<void> {
  await tx
    .updateTable('import_item')
    .set({
      state,
      reason,
      detail,
      media_id: mediaId,
      leased_by: null,
      leased_until: null,
      finished_at: nowIso(),
    })
    .where('seq', '=', seq)
    .execute()
}

/** The media row of an item's bytes, made when it is not there. Undefined when the original is not on the disk after all. */
async function ensureMedia(
  tx: Tx,
  target: CommitTarget,
  worked: Extract<WorkedItem, { outcome: 'known' | 'read' | 'video' }>,
  tally: Tally,
): Promise<{ id: string; faces: number } | undefined> {
  const { sha256 } = worked
  const known = await tx.selectFrom('media').select('id').where('sha256', '=', sha256).executeTakeFirst()
  if (known !== undefined) {
    if (worked.outcome === 'video') await forgetProgress(tx, sha256)
    const { count } = await tx
      .selectFrom('face')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('media_id', '=', known.id)
      .executeTakeFirstOrThrow()
    return { id: known.id, faces: count }
  }
  if (worked.outcome === 'known') return undefined
  // [Note: import and erasure] An erasure removes rows first and bytes after; one of the same bytes may be between
  // the two. While the write lock is held here no new one can begin, so: none pending and the file there is enough.
  const pending = await tx
    .selectFrom('pending_erasure')
    .select('sha256')
    .where('sha256', '=', sha256)
    .executeTakeFirst()
  if (pending !== undefined || !(await target.store.vault.has(sha256))) return undefined
  if (worked.outcome === 'video') return writeVideo(tx, target, worked, tally)
  const { reading, exif } = worked
  const id = newId()
  await tx
    .insertInto('media')
    .values(
      withDigest('media', {
        id,
        sha256,
        kind: 'photo' as const,
        format: reading.photo.format,
        byte_length: worked.byteLength,
        width_px: reading.photo.widthPx,
        height_px: reading.photo.heightPx,
        perceptual_hash: reading.photo.perceptualHash,
        exif_captured_at: exif.capturedAt ?? null,
        exif_latitude: exif.latitude ?? null,
        exif_longitude: exif.longitude ?? null,
        exif_device: exif.device ?? null,
        created_at: nowIso(),
      }),
    )
    .execute()
  await addProvenance(tx, id, exif.provenance)
  await keepRemarks(tx, sha256, reading.photo.remarks)
  if (reading.photo.remarks.length > 0) tally.remarked += 1
  tally.nearDuplicates += await linkNearDuplicates(tx, id, reading.photo.perceptualHash)
  const faces = reading.faces.map((face) => faceRow(id, face, target.actor.name))
  if (faces.length > 0) {
    const templates = faces.map((face, index) =>
      templateRow(face, reading.faces[index].template, target.engine),
    )
    await tx.insertInto('face').values(faces).execute()
    await tx.insertInto('template').values(templates).execute()
  }
  tally.faces += faces.length
  return { id, faces: faces.length }
}

async function addSource(
  tx: Tx,
  target: CommitTarget,
  mediaId: string,
  { item }: WorkedItem,
  claims: Claims,
): Promise<void> {
  const row = withDigest('source', {
    id: newId(),
    media_id: mediaId,
    collection_id: target.collection.id,
    import_id: target.row.id,
    ordinal: item.ordinal,
    name: item.name,
    source_url: claims.source_url ?? null,
    captured_at: claims.captured_at ?? null,
    collector: claims.collector ?? null,
    person_name: claims.person_name ?? null,
    person_ref: claims.person_ref ?? null,
    note: claims.note ?? null,
    licence: claims.licence ?? null,
    sensitive: claims.sensitive === true ? 1 : 0,
    other: claims.other === undefined ? null : JSON.stringify(claims.other),
    imported_at: nowIso(),
  })
  await tx.insertInto('source').values(row).execute()
  await addCapture(tx, target.row.id, row, claims)
}
