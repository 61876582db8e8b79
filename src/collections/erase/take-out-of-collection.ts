import type { Tx } from '../../store/record.ts'
import { removeMediaRows, removePerson, removeSources } from './remove-rows.ts'

export interface TakenOut {
  /** Media that no other collection holds: erased. */
  media: number
  faces: number
  /** Sources taken away from media that another collection holds too. */
  sources: number
}

/**
 * Takes media out of one collection, inside a transaction: those that no other collection holds are erased with all that was
 * made of them; others stay there and lose this collection's sources.
 * @param mediaIds of the collection, at most `ERASE_BATCH`
 */
export async function takeOutOfCollection(
  tx: Tx,
  collectionId: string,
  mediaIds: readonly string[],
  tombstoneId: string,
): Promise<TakenOut> {
  const elsewhere = await tx
    .selectFrom('media_in_collection')
    .select('media_id')
    .distinct()
    .where('media_id', 'in', mediaIds)
    .where('collection_id', '!=', collectionId)
    .execute()
  const staying = elsewhere.map((row) => row.media_id)
  const going = mediaIds.filter((id) => !staying.includes(id))
  const persons = await personsOn(tx, going)
  const faces = await removeMediaRows(tx, going, tombstoneId)
  await removeUnlinked(tx, persons, tombstoneId)
  const sources = await sourcesOf(tx, collectionId, staying)
  await removeSources(tx, sources, tombstoneId)
  await tx
    .deleteFrom('media_in_collection')
    .where('collection_id', '=', collectionId)
    .where('media_id', 'in', mediaIds)
    .execute()
  return { media: going.length, faces, sources: sources.length }
}

async function sourcesOf(tx: Tx, collectionId: string, mediaIds: readonly string[]): Promise<string[]> {
  if (mediaIds.length === 0) return []
  const rows = await tx
    .selectFrom('source')
    .select('id')
    .where('collection_id', '=', collectionId)
    .where('media_id', 'in', mediaIds)
    .execute()
  return rows.map(({ id }) => id)
}

async function personsOn(tx: Tx, mediaIds: readonly string[]): Promise<string[]> {
  if (mediaIds.length === 0) return []
  const rows = await tx
    .selectFrom('person_face')
    .innerJoin('face', 'face.id', 'person_face.face_id')
    .select('person_face.person_id')
    .distinct()
    .where('face.media_id', 'in', mediaIds)
    .execute()
  return rows.map((row) => row.person_id)
}

/**
 * Names that imports brought go with the last photo that is linked with them. A record that people keep of a person does
 * not rest on this collection, and stays.
 */
async function removeUnlinked(tx: Tx, personIds: readonly string[], tombstoneId: string): Promise<void> {
  if (personIds.length === 0) return
  const unlinked = await tx
    .selectFrom('person')
    .select('id')
    .where('id', 'in', personIds)
    .where((where) =>
      where.not(
        where.exists(
          where.selectFrom('person_face').select('person_face.id').whereRef('person_id', '=', 'person.id'),
        ),
      ),
    )
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('person_record')
            .select('person_record.id')
            .whereRef('person_record.id', '=', 'person.id'),
        ),
      ),
    )
    .execute()
  for (const { id } of unlinked) await removePerson(tx, id, tombstoneId)
}
