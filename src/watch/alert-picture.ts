import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { recordEvent } from '../audit/append-event.ts'
import { findProbe } from '../cases/show-probes.ts'
import { seenMedia } from '../collections/seen-media.ts'
import type { WorkContext } from '../media/work-context.ts'
import type { DerivationStep } from '../contract/derivation.ts'
import { PROTECTED_STATUSES } from '../contract/person-words.ts'
import type { Box, FivePoints } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { aroundFace } from '../pictures/around-face.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { pictureOfMedia } from '../media/picture-of-media.ts'
import { describedAlert, type ShownAlert, type ShownHit } from './show-alerts.ts'

/** A photo with one face of interest, as the record has it. */
export interface PicturedFace {
  sha256: string
  steps: DerivationStep[]
  /** Of the upright original, after the steps. */
  widthPx: number
  heightPx: number
  /** Pixels of it. */
  box: Box
  points: FivePoints
  sensitive: boolean
  /** Of a face of a collection: its id, by which a video's still is found. */
  faceId: string | undefined
  /** Of a probe face: the probe, and the face's id. */
  probe: { id: string; caseId: string; faceId: string } | undefined
}

/**
 * The picture of one side of a hit: the person's face that it rests on, or the face that was found. Sensitive ones are blurred
 * unless asked for; the look is written into the audit log.
 * @throws AppError `not_found` for what is gone or may no longer be seen
 */
export async function showAlertPicture(
  ctx: WorkContext,
  actor: AccountActor,
  input: {
    id: string
    hitId: string
    which: 'person' | 'found'
    faceOnly: boolean
    longSidePx: number
    reveal: boolean
    signal: AbortSignal
  },
): Promise<Uint8Array> {
  authorize(actor, 'alert.read')
  const { db } = ctx.store
  const shown = await describedAlert(db, actor, input.id)
  const hit = shown.hits.find(({ id }) => id === input.hitId)
  if (hit === undefined) throw new AppError('not_found', 'This alert has no such hit.')
  const face = input.which === 'person' ? await subjectFace(db, shown, hit) : await foundFace(db, shown, hit)
  if (face === undefined)
    throw new AppError('not_found', 'The picture is gone, or your agency may no longer see it.')
  if (face.probe !== undefined) await findProbe(db, actor, face.probe.id)
  const blurred = face.sensitive && !input.reveal
  const { bytes } = await ctx.pictures.make(
    {
      want: 'shown',
      photo: await bytesOfFace(ctx, face, input.signal),
      steps: face.steps,
      longSidePx: input.longSidePx,
      part: input.faceOnly ? aroundFace(face.box) : undefined,
      blurred,
    },
    input.signal,
  )
  await recordEvent(db, actor, {
    action: face.sensitive && input.reveal ? 'face.reveal' : 'face.look',
    agencyId: shown.alert.agency_id,
    subject: `alert ${shown.alert.id}`,
    ...(shown.probe === undefined ? {} : { caseId: shown.probe.case_id }),
    details: { hit: hit.id, which: input.which, blurred },
  })
  return bytes
}

/** The photo that a face stands in, or the still of a video. @throws AppError `corrupt_record` */
export async function bytesOfFace(
  ctx: WorkContext,
  { sha256, faceId }: PicturedFace,
  signal: AbortSignal,
): Promise<Uint8Array> {
  return faceId === undefined ? ctx.store.vault.read(sha256) : pictureOfMedia(ctx, { sha256 }, faceId, signal)
}

/**
 * The person's face that a hit rests on; of fused ones the best. Undefined when it is gone, or stands in a photo that the
 * agency may no longer see.
 */
export async function subjectFace(
  db: Db,
  { alert }: ShownAlert,
  hit: ShownHit,
): Promise<PicturedFace | undefined> {
  const status = await db
    .selectFrom('person_record')
    .select('status')
    .where('id', '=', alert.person_id)
    .executeTakeFirst()
  const isProtected = status !== undefined && PROTECTED_STATUSES.includes(status.status)
  const parts =
    hit.subject_kind === 'fused'
      ? hit.subject_id.split(',').map((part) => part.split(':'))
      : [[hit.subject_kind, hit.subject_id]]
  const faces: (PicturedFace & { score: number })[] = []
  for (const [kind, id] of parts) {
    const face =
      kind === 'photo'
        ? await personPhoto(db, id)
        : kind === 'probe'
          ? await probeFace(db, id)
          : await seenFace(db, alert.agency_id, id)
    if (face !== undefined) faces.push({ ...face, sensitive: face.sensitive || isProtected })
  }
  return faces.toSorted((a, b) => b.score - a.score)[0]
}

/** The face that was found; undefined when the photo is gone or may no longer be seen. */
export async function foundFace(
  db: Db,
  { media, probe }: ShownAlert,
  hit: ShownHit,
): Promise<PicturedFace | undefined> {
  if (probe !== undefined) return probeFace(db, hit.face_id)
  const face = media === undefined ? undefined : await collectionFace(db, hit.face_id)
  return face && { ...face, sensitive: media?.sensitive ?? true }
}

/** Both sides of each hit, by its id, to be laid side by side; a side is undefined when it is gone or may not be seen. */
export async function pairsOf(
  db: Db,
  shown: ShownAlert,
): Promise<Map<string, { person: PicturedFace | undefined; found: PicturedFace | undefined }>> {
  const pairs = new Map<string, { person: PicturedFace | undefined; found: PicturedFace | undefined }>()
  for (const hit of shown.hits)
    pairs.set(hit.id, { person: await subjectFace(db, shown, hit), found: await foundFace(db, shown, hit) })
  return pairs
}

type Scored = PicturedFace & { score: number }

async function personPhoto(db: Db, id: string): Promise<Scored | undefined> {
  const row = await db.selectFrom('person_photo').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) return undefined
  const photo = checkedRow('person_photo', row, id)
  return {
    sha256: photo.sha256,
    steps: [],
    widthPx: photo.width_px,
    heightPx: photo.height_px,
    box: JSON.parse(photo.box) as Box,
    points: JSON.parse(photo.five_points) as FivePoints,
    sensitive: false,
    faceId: undefined,
    probe: undefined,
    score: photo.unified_score,
  }
}

async function probeFace(db: Db, id: string): Promise<Scored | undefined> {
  const row = await db.selectFrom('probe_face').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) return undefined
  const face = checkedRow('probe_face', row, id)
  const probe = await db
    .selectFrom('probe')
    .select(['sha256', 'steps', 'case_id', 'width_px', 'height_px'])
    .where('id', '=', face.probe_id)
    .executeTakeFirstOrThrow()
  return {
    sha256: probe.sha256,
    steps: JSON.parse(probe.steps) as DerivationStep[],
    widthPx: probe.width_px,
    heightPx: probe.height_px,
    box: JSON.parse(face.box) as Box,
    points: JSON.parse(face.five_points) as FivePoints,
    sensitive: false,
    faceId: undefined,
    probe: { id: face.probe_id, caseId: probe.case_id, faceId: id },
    score: face.unified_score,
  }
}

/** A face that was linked with the person: the grant that opened its photo may have ended since. */
async function seenFace(db: Db, agencyId: string, id: string): Promise<Scored | undefined> {
  const face = await db.selectFrom('face').select('media_id').where('id', '=', id).executeTakeFirst()
  if (face === undefined) return undefined
  const seen = await seenMedia(db, agencyId, [face.media_id])
  return seen.has(face.media_id) ? collectionFace(db, id) : undefined
}

async function collectionFace(db: Db, id: string): Promise<Scored | undefined> {
  const row = await db.selectFrom('face').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) return undefined
  const face = checkedRow('face', row, id)
  const media = await db
    .selectFrom('media')
    .select(['sha256', 'width_px', 'height_px'])
    .where('id', '=', face.media_id)
    .executeTakeFirstOrThrow()
  return {
    sha256: media.sha256,
    steps: [],
    widthPx: media.width_px,
    heightPx: media.height_px,
    box: { x: face.box_x_px, y: face.box_y_px, width: face.box_width_px, height: face.box_height_px },
    points: JSON.parse(face.five_points) as FivePoints,
    // What it is sensitive for stands in its collections; blurred rather than looked up when it stands for the person.
    sensitive: true,
    faceId: id,
    probe: undefined,
    score: face.unified_score,
  }
}
