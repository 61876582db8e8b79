import type { Tx } from '../store/database/db.ts'
import { removeStandingSearches } from '../alerts/forget-alerts.ts'

/**
 * Removes a person with links, names, forms, photos, contacts, enquiries, standing searches and what is said of merges and
 * splits. Originals of photos go when the erasure is finished.
 * @returns how many photos the record of the person had
 */
export async function removePerson(tx: Tx, personId: string, tombstoneId: string): Promise<number> {
  await removeStandingSearches(tx, personId)
  await tx.deleteFrom('person_face').where('person_id', '=', personId).execute()
  await tx.deleteFrom('person_name_key').where('person_id', '=', personId).execute()
  await tx.deleteFrom('person_name').where('person_id', '=', personId).execute()
  await tx
    .deleteFrom('person_change')
    .where((where) => where.or([where('from_id', '=', personId), where('to_id', '=', personId)]))
    .execute()
  const photos = await tx.selectFrom('person_photo').select('id').where('person_id', '=', personId).execute()
  await removePersonPhotos(
    tx,
    photos.map(({ id }) => id),
    tombstoneId,
  )
  await tx.deleteFrom('disappearance').where('id', '=', personId).execute()
  await tx.deleteFrom('person_contact').where('person_id', '=', personId).execute()
  await tx
    .deleteFrom('enquiry_answer')
    .where('enquiry_id', 'in', tx.selectFrom('enquiry').select('id').where('person_id', '=', personId))
    .execute()
  await tx.deleteFrom('enquiry').where('person_id', '=', personId).execute()
  await tx.deleteFrom('person_record').where('id', '=', personId).execute()
  await tx.deleteFrom('person').where('id', '=', personId).execute()
  return photos.length
}

/** Removes photos of persons; their originals go when the erasure is finished, unless something else stands on them. */
export async function removePersonPhotos(
  tx: Tx,
  photoIds: readonly string[],
  tombstoneId: string,
): Promise<void> {
  if (photoIds.length === 0) return
  const photos = await tx.selectFrom('person_photo').select('sha256').where('id', 'in', photoIds).execute()
  await tx.deleteFrom('person_photo_template').where('photo_id', 'in', photoIds).execute()
  await tx.deleteFrom('person_photo').where('id', 'in', photoIds).execute()
  if (photos.length === 0) return
  await tx
    .insertInto('pending_erasure')
    .values(photos.map(({ sha256 }) => ({ sha256, tombstone_id: tombstoneId })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
