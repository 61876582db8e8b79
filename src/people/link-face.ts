import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { facesKeptBlind } from '../actor/blind-scope.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import { closeAlertsOnFace } from '../alerts/close-alerts.ts'
import { ensureRecord, findStandingPerson } from './person-scope.ts'
import { showPerson, type PersonDetails } from './show-person.ts'

export interface LinkFaceInput {
  id: string
  faceId: string
  /** `not_same`: people have decided that this is somebody else; no import links it again. */
  link: 'same' | 'not_same'
}

/**
 * Says that a face is of this person, or that it is not; what was said before of the two is replaced, and stands in the
 * audit log.
 * @throws AppError `not_found` for a face that the agency may not see, `conflict` for a person merged away
 */
export async function linkFace(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: LinkFaceInput,
): Promise<PersonDetails> {
  authorize(actor, 'person.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    const known = await findStandingPerson(tx, actor, input.id)
    await requireVisibleFace(tx, actor, input.faceId)
    await ensureRecord(tx, actor, known)
    const before = await writeLink(tx, actor, input)
    await appendAuditEvent(tx, actor, {
      action: 'person.link_face',
      agencyId: known.person.agency_id,
      subject: `person ${input.id}`,
      details: { face: input.faceId, link: input.link, before: before ?? null },
    })
  })
  return showPerson(ctx, actor, { id: input.id })
}

/** Takes back what was said of a face and this person. @throws AppError `not_found` when nothing was */
export async function unlinkFace(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string; faceId: string },
): Promise<PersonDetails> {
  authorize(actor, 'person.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    const known = await findStandingPerson(tx, actor, input.id)
    const { numDeletedRows } = await tx
      .deleteFrom('person_face')
      .where('person_id', '=', input.id)
      .where('face_id', '=', input.faceId)
      .executeTakeFirst()
    if (numDeletedRows === 0n)
      throw new AppError('not_found', 'Nothing was said of this face and this person.')
    await ensureRecord(tx, actor, known)
    await appendAuditEvent(tx, actor, {
      action: 'person.unlink_face',
      agencyId: known.person.agency_id,
      subject: `person ${input.id}`,
      details: { face: input.faceId },
    })
  })
  return showPerson(ctx, actor, { id: input.id })
}

/** Writes the link, in place of what stood there. @returns what stood there */
export async function writeLink(
  tx: Tx,
  actor: AccountActor,
  { id, faceId, link }: LinkFaceInput,
): Promise<string | undefined> {
  const before = await tx
    .selectFrom('person_face')
    .select('link')
    .where('person_id', '=', id)
    .where('face_id', '=', faceId)
    .executeTakeFirst()
  await tx.deleteFrom('person_face').where('person_id', '=', id).where('face_id', '=', faceId).execute()
  const row = withDigest('person_face', {
    id: newId(),
    person_id: id,
    face_id: faceId,
    link,
    origin: 'examiner' as const,
    linked_by: actor.name,
    linked_at: nowIso(),
  })
  await tx.insertInto('person_face').values(row).execute()
  if (link === 'not_same') await closeAlertsOnFace(tx, actor, { personId: id, faceId })
  return before?.link
}

async function requireVisibleFace(db: Db, actor: AccountActor, faceId: string): Promise<void> {
  const collections = await searchableCollections(db, agencyOf(actor), undefined)
  const row = await db
    .selectFrom('face')
    .innerJoin('media_in_collection', 'media_in_collection.media_id', 'face.media_id')
    .select('face.id')
    .where('face.id', '=', faceId)
    .where('face.id', 'not in', facesKeptBlind(db, actor.accountId))
    .where(
      'media_in_collection.collection_id',
      'in',
      collections.map(({ id }) => id),
    )
    .executeTakeFirst()
  if (row === undefined) throw new AppError('not_found', 'Your agency sees no such face.')
}
