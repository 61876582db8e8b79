import { changeRow } from '../store/tables/change-row.ts'
import type { Db, Tx } from '../store/database/db.ts'

const MEDIA_A_QUERY = 500

/**
 * [Note: archives and erasure]
 * A kept archive holds the bytes of everything that came out of it. When media of it are erased, its bytes must go too,
 * or they would still be on the disk: the archive's own facts (hash, verdicts) stay for what is left of it, and its pages
 * are replayed no more. When only sources are taken away, the archive goes with the last of them.
 */

/** How many kept archives hold the bytes of media, and would go with them. */
export async function keptArchivesOf(db: Db, mediaIds: readonly string[]): Promise<number> {
  const ids = new Set<string>()
  for (let at = 0; at < mediaIds.length; at += MEDIA_A_QUERY) {
    const batch = mediaIds.slice(at, at + MEDIA_A_QUERY)
    for (const id of await archivesOf(db, { mediaIds: batch })) ids.add(id)
  }
  let kept = 0
  for (const id of ids) {
    const archive = await db.selectFrom('archive_file').select('kept').where('id', '=', id).executeTakeFirst()
    kept += archive?.kept ?? 0
  }
  return kept
}

/** Archives that hold the bytes of media, or from which sources came. */
export async function archivesOf(
  tx: Db,
  by: { mediaIds: readonly string[] } | { sourceIds: readonly string[] },
): Promise<string[]> {
  const query = tx
    .selectFrom('source_capture')
    .select('archive_id')
    .distinct()
    .where('archive_id', 'is not', null)
  const rows =
    'mediaIds' in by
      ? await query.where('media_id', 'in', by.mediaIds).execute()
      : await query.where('source_id', 'in', by.sourceIds).execute()
  return rows.flatMap(({ archive_id: id }) => id ?? [])
}

/** Bytes and index of archives go; the rows of those from which nothing is left go too. */
export async function removeArchives(
  tx: Tx,
  archiveIds: readonly string[],
  tombstoneId: string,
): Promise<void> {
  for (const id of archiveIds) {
    const archive = await tx.selectFrom('archive_file').selectAll().where('id', '=', id).executeTakeFirst()
    if (archive === undefined) continue
    await tx.deleteFrom('archive_record').where('archive_id', '=', id).execute()
    if (await hasCaptures(tx, id)) await changeRow(tx, 'archive_file', id, { kept: 0 })
    else await tx.deleteFrom('archive_file').where('id', '=', id).execute()
    await tx
      .insertInto('pending_erasure')
      .values({ sha256: archive.sha256, tombstone_id: tombstoneId })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

/** Of archives, those from which nothing is left. */
export async function emptyArchives(tx: Tx, archiveIds: readonly string[]): Promise<string[]> {
  const empty: string[] = []
  for (const id of archiveIds) if (!(await hasCaptures(tx, id))) empty.push(id)
  return empty
}

/** Archives of an import that gave nothing. */
export async function uselessArchives(tx: Tx, importId: string): Promise<string[]> {
  const rows = await tx.selectFrom('archive_file').select('id').where('import_id', '=', importId).execute()
  return emptyArchives(
    tx,
    rows.map(({ id }) => id),
  )
}

async function hasCaptures(tx: Tx, archiveId: string): Promise<boolean> {
  const found = await tx
    .selectFrom('source_capture')
    .select('source_id')
    .where('archive_id', '=', archiveId)
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}
