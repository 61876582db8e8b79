import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { recordEvent } from '../audit/append-event.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import type { Context } from '../context.ts'
import type { WorkContext } from '../media/work-context.ts'
import type { Box } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { aroundFace } from '../pictures/around-face.ts'
import { describeMedia } from '../media/describe-candidates.ts'
import type { PersonChangeTable, PersonNameTable } from '../store/tables/person-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { PersonFaceTable } from '../store/tables/person-tables.ts'
import { pictureOfMedia } from '../media/picture-of-media.ts'
import { findPerson, type KnownPerson } from './person-scope.ts'

/** A face that somebody linked with a person. */
export interface LinkedFace extends PersonFaceTable {
  /** Undefined where the agency may not see the photo (any more). */
  photo: { mediaId: string; sha256: string; box: Box } | undefined
  sensitive: boolean
}

export interface PersonDetails extends KnownPerson {
  names: PersonNameTable[]
  faces: LinkedFace[]
  /** Merges and splits that this record took part in, oldest first, with those that were undone. */
  changes: PersonChangeTable[]
}

/** A person with names, faces and history; the look is written into the audit log. @throws AppError `not_found` */
export async function showPerson(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<PersonDetails> {
  authorize(actor, 'person.read')
  const { db } = ctx.store
  const known = await findPerson(db, actor, input.id)
  const names = await db
    .selectFrom('person_name')
    .selectAll()
    .where('person_id', '=', input.id)
    .orderBy('id')
    .execute()
  const changes = await db
    .selectFrom('person_change')
    .selectAll()
    .where((where) => where.or([where('from_id', '=', input.id), where('to_id', '=', input.id)]))
    .orderBy('id')
    .execute()
  const details = {
    ...known,
    names: names.map((row) => checkedRow('person_name', row, row.id)),
    faces: await linkedFaces(db, agencyOf(actor), input.id),
    changes: changes.map((row) => checkedRow('person_change', row, row.id)),
  }
  await recordEvent(db, actor, {
    action: 'person.look',
    agencyId: known.person.agency_id,
    subject: `person ${input.id}`,
    details: { faces: details.faces.length },
  })
  return details
}

/** The picture of a face of a person: sensitive ones blurred, unless asked for; written into the audit log. */
export async function showPersonFace(
  ctx: WorkContext,
  actor: AccountActor,
  input: { id: string; faceId: string; longSidePx: number; reveal: boolean; signal: AbortSignal },
): Promise<Uint8Array> {
  authorize(actor, 'person.read')
  const { db } = ctx.store
  const { person } = await findPerson(db, actor, input.id)
  const faces = await linkedFaces(db, agencyOf(actor), person.id)
  const face = faces.find(({ face_id: id }) => id === input.faceId)
  if (face?.photo === undefined) {
    throw new AppError('not_found', 'This person has no such face, or your agency may not see its photo.')
  }
  const blurred = face.sensitive && !input.reveal
  const { bytes } = await ctx.pictures.make(
    {
      want: 'shown',
      photo: await pictureOfMedia(ctx, face.photo, face.face_id, input.signal),
      steps: [],
      longSidePx: input.longSidePx,
      part: aroundFace(face.photo.box),
      blurred,
    },
    input.signal,
  )
  await recordEvent(db, actor, {
    action: face.sensitive && input.reveal ? 'face.reveal' : 'face.look',
    agencyId: person.agency_id,
    subject: `face ${face.face_id}`,
    details: { person: person.id, blurred },
  })
  return bytes
}

async function linkedFaces(db: Db, agencyId: string, personId: string): Promise<LinkedFace[]> {
  const links = await db
    .selectFrom('person_face')
    .selectAll()
    .where('person_id', '=', personId)
    .orderBy('id')
    .execute()
  const faces = await db
    .selectFrom('face')
    .selectAll()
    .where(
      'id',
      'in',
      links.map(({ face_id: id }) => id),
    )
    .execute()
  const collections = await searchableCollections(db, agencyId, undefined)
  const media = await describeMedia(db, new Map(faces.map((face) => [face.media_id, null])), {
    collections,
    agencyId,
  })
  return links.map((link) => {
    const found = faces.find(({ id }) => id === link.face_id)!
    const face = checkedRow('face', found, found.id)
    const photo = media.get(face.media_id)
    const visible = photo !== undefined && photo.collections.length > 0
    const box = { x: face.box_x_px, y: face.box_y_px, width: face.box_width_px, height: face.box_height_px }
    return {
      ...checkedRow('person_face', link, link.id),
      photo: visible ? { mediaId: photo.mediaId, sha256: photo.sha256, box } : undefined,
      sensitive: photo?.sensitive ?? true,
    }
  })
}
