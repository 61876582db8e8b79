import type { Actor } from '../actor/actor.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import type { CollectionTable } from '../store/tables/collection-tables.ts'
import type { Claims } from '../sources/claims.ts'

/**
 * Links the one face of a photo, or of a video with one track, with the person that the manifest names for it. A photo with several faces is not
 * linked: which of them is meant is for people to say; the claim stays with the source.
 */
export async function linkPerson(
  tx: Tx,
  actor: Actor,
  collection: CollectionTable,
  mediaId: string,
  claims: Claims,
): Promise<void> {
  if (claims.person_ref === undefined && claims.person_name === undefined) return
  const faces = await tx
    .selectFrom('face')
    .leftJoin('video_face', 'video_face.face_id', 'face.id')
    .select('face.id')
    .where('face.media_id', '=', mediaId)
    .where((where) =>
      where.or([where('video_face.role', 'is', null), where('video_face.role', '=', 'track')]),
    )
    .limit(2)
    .execute()
  if (faces.length !== 1) return
  const personId = await ensurePerson(tx, actor, collection.agency_id, claims)
  const link = withDigest('person_face', {
    id: newId(),
    person_id: personId,
    face_id: faces[0].id,
    link: 'same' as const,
    origin: 'manifest' as const,
    linked_by: actor.name,
    linked_at: nowIso(),
  })
  await tx
    .insertInto('person_face')
    .values(link)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** The agency's person of that reference, or, without a reference, of exactly that name. */
async function ensurePerson(tx: Tx, actor: Actor, agencyId: string, claims: Claims): Promise<string> {
  const { person_ref: ref, person_name: name } = claims
  const known = await tx
    .selectFrom('person')
    .select('id')
    .where('agency_id', '=', agencyId)
    .where((where) =>
      ref === undefined
        ? where.and([where('ref', 'is', null), where('name', '=', name ?? '')])
        : where('ref', '=', ref),
    )
    .executeTakeFirst()
  if (known !== undefined) return known.id
  const row = withDigest('person', {
    id: newId(),
    agency_id: agencyId,
    ref: ref ?? null,
    name: name ?? null,
    created_at: nowIso(),
    created_by: actor.name,
  })
  await tx.insertInto('person').values(row).execute()
  return row.id
}
