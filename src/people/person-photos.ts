import { hash } from 'node:crypto'
import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent, recordEvent } from '../audit/append-event.ts'
import { picturePrints } from '../blind-verification/picture-prints.ts'
import { readProbe, type ProbeReading } from '../search/read-probe.ts'
import type { WorkContext } from '../media/work-context.ts'
import { finishErasures } from '../erasure/finish-erasures.ts'
import { removePersonPhotos } from '../erasure/remove-person.ts'
import { leaveTombstone } from '../erasure/remove-rows.ts'
import type { Context } from '../context.ts'
import { PROTECTED_STATUSES } from '../contract/person-words.ts'
import type { Box, Face, FivePoints, PhotoFacts } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { noteReturns } from '../blind-verification/unblinding.ts'
import { aroundFace } from '../pictures/around-face.ts'
import { claimTemplates } from '../store/active-templates.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { requireRoom } from '../store/vault/storage-quota.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { PersonPhotoTable, PersonPhotoTemplateTable } from '../store/tables/person-tables.ts'
import { keepRemarks } from '../store/photo-remarks.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import { ensureRecord, findPerson, findStandingPerson } from './person-scope.ts'

/** Photos of one person, at most; several of different ages are wanted, an archive is not. */
export const MAX_PERSON_PHOTOS = 50

export interface PhotoNotes {
  /** YYYY, YYYY-MM or YYYY-MM-DD: as much as is known. */
  takenOn: string | null | undefined
  note: string | null | undefined
  /** Whether whoever may decide it has agreed to this photo's being shown in public. */
  mayPublish: boolean | undefined
}

export interface AddPhotoInput extends PhotoNotes {
  personId: string
  photo: Uint8Array
  /** Which face is the person's, from 1, left to right; may be left out when there is one. */
  face: number | undefined
  /** Five points that somebody marked instead, pixels of the upright original. */
  points: FivePoints | undefined
  signal: AbortSignal
}

/** Faces in a photo, so that somebody can say which is the person's. Nothing is kept. @throws AppError `not_found`, `unreadable_input`, `busy` */
export async function lookAtPhoto(
  ctx: WorkContext,
  actor: AccountActor,
  input: { personId: string; photo: Uint8Array; signal: AbortSignal },
): Promise<{ photo: PhotoFacts; faces: Face[] }> {
  authorize(actor, 'person.change')
  const { person } = await findStandingPerson(ctx.store.db, actor, input.personId)
  const { photo, signal } = input
  const reading = await readProbe(ctx, { original: photo, steps: [], points: undefined }, signal)
  await noteReturns(ctx.store, actor, 'lookAtPhoto', [hash('sha256', photo)], () =>
    picturePrints(ctx, photo, [], reading, signal),
  )
  await recordEvent(ctx.store.db, actor, {
    action: 'person_photo.read',
    agencyId: person.agency_id,
    subject: `person ${person.id}`,
    details: { faces: reading.faces.length },
  })
  return reading
}

/**
 * Adds a photo of a person who is looked for: the original goes into the vault untouched, the person's face beside it with
 * its template. It belongs to no collection: searches of collections do not find it.
 * @throws AppError `not_allowed`, `not_found`, `conflict` for a photo that is there, `no_face`, `choose_face`,
 *   `limit_exceeded`, `unreadable_input`, `busy`
 */
export async function addPersonPhoto(
  ctx: WorkContext,
  actor: AccountActor,
  input: AddPhotoInput,
): Promise<PersonPhotoTable> {
  authorize(actor, 'person.change')
  const { person } = await findStandingPerson(ctx.store.db, actor, input.personId)
  const { photo } = input
  const room = { agencyId: person.agency_id, bytes: photo.byteLength }
  await requireRoom(ctx.store.db, ctx.agencyQuotaBytes, room)
  const reading = await readProbe(ctx, { original: photo, steps: [], points: input.points }, input.signal)
  const face = chooseFace(reading.faces, input.face)
  const sha256 = hash('sha256', photo)
  await noteReturns(ctx.store, actor, 'addPersonPhoto', [sha256], () =>
    picturePrints(ctx, photo, [], reading, input.signal),
  )
  const { vault } = ctx.store
  await vault.publish([await vault.stage(photo, sha256)])
  return ctx.store.db.transaction().execute(async (tx) => {
    const known = await findStandingPerson(tx, actor, input.personId)
    await ensureRecord(tx, actor, known)
    await refuseAnother(tx, input.personId, sha256)
    // An erasure may have removed the same bytes since they were published; the write lock now keeps it out.
    if (!(await vault.has(sha256))) await vault.publish([await vault.stage(photo, sha256)])
    return writePhoto(tx, actor, {
      personId: input.personId,
      agencyId: known.person.agency_id,
      sha256,
      byteLength: photo.byteLength,
      reading,
      face,
      notes: input,
    })
  })
}

/** Photos of a person, oldest picture first, those of unknown date last. */
export async function listPersonPhotos(db: Db, personId: string): Promise<PersonPhotoTable[]> {
  const rows = await db
    .selectFrom('person_photo')
    .selectAll()
    .where('person_id', '=', personId)
    .orderBy('id')
    .execute()
  const checked = rows.map((row) => checkedRow('person_photo', row, row.id))
  return checked.toSorted((a, b) => (a.taken_on ?? '9999').localeCompare(b.taken_on ?? '9999'))
}

/** One photo of a person of the actor's agency. @throws AppError `not_found` */
export async function findPersonPhoto(
  db: Db,
  actor: AccountActor,
  input: { personId: string; photoId: string },
): Promise<PersonPhotoTable> {
  await findPerson(db, actor, input.personId)
  const row = await db
    .selectFrom('person_photo')
    .selectAll()
    .where('id', '=', input.photoId)
    .where('person_id', '=', input.personId)
    .executeTakeFirst()
  if (row === undefined) throw new AppError('not_found', 'This person has no such photo.')
  return checkedRow('person_photo', row, row.id)
}

/**
 * The picture of a photo of a person, the face or the whole; of the dead and the captured blurred, unless asked for. The
 * look is written into the audit log.
 */
export async function showPersonPhoto(
  ctx: WorkContext,
  actor: AccountActor,
  input: {
    personId: string
    photoId: string
    part: 'face' | 'whole'
    longSidePx: number
    reveal: boolean
    signal: AbortSignal
  },
): Promise<Uint8Array> {
  authorize(actor, 'person.read')
  const { db, vault } = ctx.store
  const { record } = await findPerson(db, actor, input.personId)
  const photo = await findPersonPhoto(db, actor, input)
  const isProtected = record !== undefined && PROTECTED_STATUSES.includes(record.status)
  const blurred = isProtected && !input.reveal
  const { bytes } = await ctx.pictures.make(
    {
      want: 'shown',
      photo: await vault.read(photo.sha256),
      steps: [],
      longSidePx: input.longSidePx,
      part: input.part === 'face' ? aroundFace(JSON.parse(photo.box) as Box) : undefined,
      blurred,
    },
    input.signal,
  )
  await recordEvent(db, actor, {
    action: isProtected && input.reveal ? 'person_photo.reveal' : 'person_photo.look',
    agencyId: photo.agency_id,
    subject: `person_photo ${photo.id}`,
    details: { person: photo.person_id, blurred },
  })
  return bytes
}

/** Changes what is said of a photo; what is undefined stays. @throws AppError `not_found` */
export async function changePersonPhoto(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: PhotoNotes & { personId: string; photoId: string },
): Promise<void> {
  authorize(actor, 'person.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    await findStandingPerson(tx, actor, input.personId)
    const photo = await findPersonPhoto(tx, actor, input)
    const { takenOn, note, mayPublish } = input
    await changeRow(tx, 'person_photo', photo.id, {
      ...(takenOn === undefined ? {} : { taken_on: takenOn }),
      ...(note === undefined ? {} : { note }),
      ...(mayPublish === undefined ? {} : { may_publish: mayPublish ? 1 : 0 }),
    })
    await appendAuditEvent(tx, actor, {
      action: 'person_photo.change',
      agencyId: photo.agency_id,
      subject: `person_photo ${photo.id}`,
      details: {
        person: photo.person_id,
        ...(mayPublish === undefined ? {} : { mayPublish }),
      },
    })
  })
}

/**
 * Erases a photo of a person: row, template and, unless something else stands on it, the original. A tombstone remains.
 * @throws AppError `not_found`
 */
export async function erasePersonPhoto(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { personId: string; photoId: string; reason: string },
): Promise<void> {
  authorize(actor, 'person.change')
  await ctx.store.db.transaction().execute(async (tx) => {
    await findStandingPerson(tx, actor, input.personId)
    const photo = await findPersonPhoto(tx, actor, input)
    const tombstoneId = newId()
    await removePersonPhotos(tx, [photo.id], tombstoneId)
    await leaveTombstone(tx, actor, {
      id: tombstoneId,
      kind: 'media',
      reason: input.reason,
      agencyId: photo.agency_id,
      action: 'person_photo.erase',
      media: 1,
      faces: 1,
      sources: 0,
    })
  })
  await finishErasures(ctx)
}

function chooseFace(faces: readonly Face[], number: number | undefined): Face {
  if (faces.length === 0) {
    throw new AppError(
      'no_face',
      'No face was found in this photo. Mark five points by hand. Nothing was kept.',
    )
  }
  if (number === undefined && faces.length > 1) {
    throw new AppError(
      'choose_face',
      `There are ${faces.length} faces in this photo: say which is the person's. Nothing was kept.`,
    )
  }
  const face = faces[(number ?? 1) - 1] as Face | undefined
  if (face !== undefined) return face
  throw new AppError('bad_input', `This photo has ${faces.length} faces; there is no face ${number}.`)
}

async function refuseAnother(tx: Tx, personId: string, sha256: string): Promise<void> {
  const there = await tx
    .selectFrom('person_photo')
    .select('sha256')
    .where('person_id', '=', personId)
    .execute()
  if (there.some((photo) => photo.sha256 === sha256))
    throw new AppError('conflict', 'The record of this person has this very photo already.')
  if (there.length < MAX_PERSON_PHOTOS) return
  throw new AppError('limit_exceeded', `A person may have ${MAX_PERSON_PHOTOS} photos; erase one first.`)
}

interface NewPhoto {
  personId: string
  agencyId: string
  sha256: string
  byteLength: number
  reading: ProbeReading
  face: Face
  notes: PhotoNotes
}

async function writePhoto(tx: Tx, actor: AccountActor, added: NewPhoto): Promise<PersonPhotoTable> {
  const { reading, face, notes } = added
  const { packId, pipelineVersion } = reading.engine
  await claimTemplates(tx, { packId, pipelineVersion, templateLength: face.template.length })
  const row = withDigest('person_photo', {
    id: newId(),
    person_id: added.personId,
    agency_id: added.agencyId,
    sha256: added.sha256,
    format: reading.photo.format,
    byte_length: added.byteLength,
    width_px: reading.photo.widthPx,
    height_px: reading.photo.heightPx,
    taken_on: notes.takenOn ?? null,
    note: notes.note ?? null,
    may_publish: notes.mayPublish === true ? 1 : 0,
    face_origin: face.origin,
    box: JSON.stringify(face.boxPx),
    five_points: JSON.stringify(face.fivePointsPx),
    tilt_degrees: face.tiltDegrees,
    quality: JSON.stringify(face.quality),
    unified_score: face.quality.unifiedScore,
    added_by: actor.name,
    account_id: actor.accountId,
    added_at: nowIso(),
  })
  await tx.insertInto('person_photo').values(row).execute()
  await keepRemarks(tx, added.sha256, reading.photo.remarks)
  await tx
    .insertInto('person_photo_template')
    .values(photoTemplate(row.id, face.template, reading.engine))
    .execute()
  await appendAuditEvent(tx, actor, {
    action: 'person_photo.add',
    agencyId: added.agencyId,
    subject: `person_photo ${row.id}`,
    details: { person: added.personId, mayPublish: row.may_publish === 1 },
  })
  return row
}

/** The record's row of a person's photo under a pack. */
export function photoTemplate(
  photoId: string,
  template: Float32Array,
  engine: ProbeReading['engine'],
): Omit<PersonPhotoTemplateTable, 'seq'> {
  const vector = new Uint8Array(template.buffer, template.byteOffset, template.byteLength).slice()
  return withDigest('person_photo_template', {
    photo_id: photoId,
    pack_id: engine.packId,
    pipeline_version: engine.pipelineVersion,
    vector,
  })
}
