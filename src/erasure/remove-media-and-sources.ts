import type { Tx } from '../store/database/db.ts'
import { removePerson } from './remove-person.ts'
import { removeMediaRows, removeSources } from './remove-rows.ts'

/**
 * Removes media with all that was made of them, and sources of media that stay; then what the importers of either had
 * claimed of persons, where nothing else names them.
 * @param keptPersonId a person who is still needed to know what goes next
 * @returns how many faces the media had
 */
export async function removeMediaAndSources(
  tx: Tx,
  gone: { mediaIds: readonly string[]; sourceIds: readonly string[]; keptPersonId?: string | undefined },
  tombstoneId: string,
): Promise<number> {
  const persons = await personsOn(tx, gone.mediaIds)
  const faces = await removeMediaRows(tx, gone.mediaIds, tombstoneId)
  const staying = await removeSources(tx, gone.sourceIds, tombstoneId)
  persons.push(...(await personsOn(tx, staying)))
  await unlinkUnclaimed(tx, staying)
  await removeUnlinked(
    tx,
    persons.filter((id) => id !== gone.keptPersonId),
    tombstoneId,
  )
  return faces
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

/** Takes links that an import made from persons whom no source of the photo names any more and nobody keeps a record of. */
async function unlinkUnclaimed(tx: Tx, mediaIds: readonly string[]): Promise<void> {
  if (mediaIds.length === 0) return
  const links = await tx
    .selectFrom('person_face')
    .innerJoin('face', 'face.id', 'person_face.face_id')
    .innerJoin('person', 'person.id', 'person_face.person_id')
    .select('person_face.id')
    .where('face.media_id', 'in', mediaIds)
    .where('person_face.origin', '=', 'manifest')
    .where('person.id', 'not in', tx.selectFrom('person_record').select('id'))
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('source')
            .innerJoin('collection', 'collection.id', 'source.collection_id')
            .select('source.id')
            .whereRef('source.media_id', '=', 'face.media_id')
            .whereRef('collection.agency_id', '=', 'person.agency_id')
            .where((of) =>
              of.or([
                of('source.person_ref', '=', of.ref('person.ref')),
                of.and([
                  of('person.ref', 'is', null),
                  of('source.person_ref', 'is', null),
                  of('source.person_name', '=', of.ref('person.name')),
                ]),
              ]),
            ),
        ),
      ),
    )
    .execute()
  await tx
    .deleteFrom('person_face')
    .where(
      'id',
      'in',
      links.map(({ id }) => id),
    )
    .execute()
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
    .where('id', 'not in', tx.selectFrom('person_record').select('id'))
    .execute()
  for (const { id } of unlinked) await removePerson(tx, id, tombstoneId)
}
