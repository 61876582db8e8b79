import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import type { Db } from '../database/db.ts'

/**
 * [Note: storage quota]
 * The operator may limit how many bytes of originals an agency keeps (`--agency-quota-gb`): photos and videos of its
 * collections (one that stands in two of them counts twice), probes, photos of people, web archives, and the whole announced
 * length of files that are on their way, so that many begun at once do not get past it. Asked before anything is kept; photos
 * that are sent at the same moment, and what an archive unpacks to, may go beyond by their own bytes once. Reduced
 * pictures, templates and copies for browsers are not counted. Commands on the machine are the operator's and are not limited.
 */

/** Bytes that an agency's originals take, and those on their way. */
export async function agencyBytes(db: Db, agencyId: string): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    select
      (select coalesce(sum(bytes), 0) from collection_count where collection_id in
        (select id from collection where agency_id = ${agencyId})) +
      (select coalesce(sum(byte_length), 0) from probe where parent_id is null
        and case_id in (select id from case_file where agency_id = ${agencyId})
        and id not in (select probe_id from erased_probe)) +
      (select coalesce(sum(byte_length), 0) from person_photo where agency_id = ${agencyId}) +
      (select coalesce(sum(byte_length), 0) from archive_file where kept = 1 and collection_id in
        (select id from collection where agency_id = ${agencyId})) +
      (select coalesce(sum(upload.byte_length), 0) from upload join import on import.id = upload.import_id
        where upload.archive_sha256 is null and import.collection_id in
        (select id from collection where agency_id = ${agencyId})) as bytes`.execute(db)
  return rows[0].bytes
}

/**
 * Whether so many more bytes fit.
 * @param quotaBytes undefined: there is no limit
 * @throws AppError `quota_reached`
 */
export async function requireRoom(
  db: Db,
  quotaBytes: number | undefined,
  { agencyId, bytes }: { agencyId: string; bytes: number },
): Promise<void> {
  if (quotaBytes === undefined) return
  const held = await agencyBytes(db, agencyId)
  if (held + bytes <= quotaBytes) return
  throw new AppError(
    'quota_reached',
    `Your agency keeps ${gigabytes(held)} GB of the ${gigabytes(quotaBytes)} GB that the operator allows it, and this needs ${gigabytes(bytes)} GB more. Nothing was taken. Erase what is not needed, or ask the operator.`,
  )
}

function gigabytes(bytes: number): string {
  return String(Number((bytes / 1024 ** 3).toPrecision(3)))
}
