import { hash } from 'node:crypto'
import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { recordEvent } from '../audit/append-event.ts'
import type { WorkContext } from '../media/work-context.ts'
import { seenMedia } from '../collections/seen-media.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import type { DerivationStep } from '../contract/derivation.ts'
import { PROTECTED_STATUSES } from '../contract/person-words.ts'
import type { Box } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import type { ExaminationWork } from '../identification/standing.ts'
import { aroundFace } from '../pictures/around-face.ts'
import type { PictureTask } from '../pictures/picture-task.ts'
import { describeMedia } from '../media/describe-candidates.ts'
import { requireOriginal } from '../store/vault/originals.ts'
import type { ExaminationItemTable } from '../store/tables/examination-tables.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { pictureOfMedia } from '../media/picture-of-media.ts'
import { showLineup } from './examine-lineup.ts'
import { findExamination } from './own-examination.ts'
import { keepLineupPrint } from '../blind-verification/unblinding.ts'
import { requireAnalysis } from './write-examination.ts'

/** Which picture: the probe, or one of the compared faces by its id. */
export type Which = { probe: true } | { itemId: string }

export interface ExaminationPictureInput {
  id: string
  which: Which
  /** Width and height of the square. */
  sidePx: number
  reveal: boolean
  signal: AbortSignal
}

/** What a picture of an examination is made from, and whether it is blurred unless asked for. */
export interface PictureSource {
  sha256: string
  /** Of a face of media, which may be a video; undefined for a probe. */
  faceId?: string
  steps: readonly DerivationStep[]
  /** The face, pixels of the picture after the steps. */
  box: Box
  sensitive: boolean
}

/**
 * A picture of a first examination: the face in a square frame, in which the regions of the checklist are drawn. Compared
 * faces are shown to the examiner only once the analysis of the probe is finished.
 * @throws AppError `not_found`, `analysis_unfinished`
 */
export async function showExaminationPicture(
  ctx: WorkContext,
  actor: AccountActor,
  input: ExaminationPictureInput,
): Promise<Uint8Array> {
  authorize(actor, 'identification.read')
  const { db } = ctx.store
  const work = await findExamination(db, actor, input.id)
  const row = await identificationOf(db, work)
  const source = await sourceOf(db, agencyOf(actor), work, row, input.which)
  const blurred = source.sensitive && !input.reveal
  const { bytes } = await makePicture(ctx, source, { ...input, blurred })
  await recordEvent(db, actor, {
    action: source.sensitive && input.reveal ? 'face.reveal' : 'face.look',
    agencyId: actor.agencyId,
    subject: 'probe' in input.which ? `probe_face ${row.probe_face_id}` : `face ${row.face_id}`,
    caseId: row.case_id,
    details: { examination: input.id, blurred },
  })
  return bytes
}

/**
 * A picture of a line-up. All are made alike: one size, one frame, one format, no metadata; when one of them is sensitive,
 * all are blurred until asked for, so that blur says nothing either; and when one of them may no longer be seen, none is.
 * @throws AppError `not_found`, `analysis_unfinished`, `conflict` when the line-up has ended or lacks a picture
 */
export async function showLineupPicture(
  ctx: WorkContext,
  actor: AccountActor,
  input: ExaminationPictureInput,
): Promise<Uint8Array> {
  const { db } = ctx.store
  const { verification, work } = await showLineup(ctx, actor, { id: input.id })
  if (verification.state !== 'taken') throw new AppError('conflict', 'This line-up has ended.')
  await requireAllSeen(db, agencyOf(actor), work)
  const row = await identificationOf(db, work)
  const source = await sourceOf(db, agencyOf(actor), work, row, input.which)
  const sensitive = await showsSensitive(db, agencyOf(actor), work)
  const blurred = sensitive && !input.reveal
  const { bytes, perceptualHash } = await makePicture(ctx, source, { ...input, blurred })
  const { which } = input
  await keepLineupPrint(db, {
    verification_id: verification.id,
    sha256: hash('sha256', bytes),
    perceptual_hash: perceptualHash!,
    position: 'probe' in which ? 0 : work.items.find(({ id }) => id === which.itemId)!.position,
  })
  await recordEvent(db, actor, {
    action: sensitive && input.reveal ? 'lineup.reveal' : 'lineup.look',
    agencyId: actor.agencyId,
    subject: `verification ${verification.id}`,
    caseId: row.case_id,
    details: { item: 'probe' in input.which ? 'probe' : input.which.itemId, blurred },
  })
  return bytes
}

/** @throws AppError `conflict` when any photo of a line-up was erased, or its grant has ended: the gap would be a hint */
async function requireAllSeen(db: Db, agencyId: string, { items }: ExaminationWork): Promise<void> {
  const media = items.map(({ media_id: id }) => id)
  const seen = await seenMedia(db, agencyId, media)
  if (media.every((id) => seen.has(id))) return
  throw new AppError(
    'conflict',
    'A photo of this line-up was erased, or your agency may no longer see it. Give the line-up back; nothing of it can be shown.',
  )
}

/** Whether any picture of an examination is sensitive; in a line-up all are then treated as such. */
export async function showsSensitive(db: Db, agencyId: string, work: ExaminationWork): Promise<boolean> {
  const row = await identificationOf(db, work)
  if ((await probeSource(db, row)).sensitive) return true
  const collections = await searchableCollections(db, agencyId, undefined)
  const days = new Map(work.items.map((item) => [item.media_id, null]))
  const media = await describeMedia(db, days, { collections, agencyId })
  return [...media.values()].some(({ sensitive }) => sensitive)
}

/** The probe's face. Sensitive when it may show somebody dead or captured. */
export async function probeSource(db: Db, row: IdentificationTable): Promise<PictureSource> {
  const face = await db
    .selectFrom('probe_face')
    .selectAll()
    .where('id', '=', row.probe_face_id)
    .executeTakeFirstOrThrow()
  const probe = await db
    .selectFrom('probe')
    .selectAll()
    .where('id', '=', face.probe_id)
    .executeTakeFirstOrThrow()
  return {
    sha256: checkedRow('probe', probe, probe.id).sha256,
    steps: JSON.parse(probe.steps) as DerivationStep[],
    box: JSON.parse(checkedRow('probe_face', face, face.id).box) as Box,
    sensitive: await isProtected(db, row),
  }
}

/** A compared face, as far as the agency may see its photo. @throws AppError `not_found` */
export async function itemSource(
  db: Db,
  agencyId: string,
  item: Pick<ExaminationItemTable, 'face_id' | 'media_id'>,
): Promise<PictureSource> {
  const face = await db.selectFrom('face').selectAll().where('id', '=', item.face_id).executeTakeFirst()
  const collections = await searchableCollections(db, agencyId, undefined)
  const media = await describeMedia(db, new Map([[item.media_id, null]]), { collections, agencyId })
  const photo = media.get(item.media_id)
  if (face === undefined || photo === undefined || photo.collections.length === 0) {
    throw new AppError('not_found', 'This photo was erased, or your agency may no longer see it.')
  }
  const { box_x_px, box_y_px, box_width_px, box_height_px } = checkedRow('face', face, face.id)
  return {
    sha256: photo.sha256,
    faceId: item.face_id,
    steps: [],
    box: { x: box_x_px, y: box_y_px, width: box_width_px, height: box_height_px },
    sensitive: photo.sensitive,
  }
}

/** The bytes that a picture is made from: a photo's original, or the still of a video. @throws AppError `not_found` once erased */
export async function sourceBytes(
  ctx: WorkContext,
  { sha256, faceId }: PictureSource,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (faceId !== undefined) return pictureOfMedia(ctx, { sha256 }, faceId, signal)
  await requireOriginal(ctx.store.db, sha256)
  return ctx.store.vault.read(sha256)
}

/** The frame of a picture in examinations and reports. */
export function examinationFrame(
  photo: Uint8Array,
  source: PictureSource,
  sidePx: number,
  blurred: boolean,
): PictureTask {
  return {
    want: 'shown',
    photo,
    steps: source.steps,
    longSidePx: sidePx,
    part: aroundFace(source.box),
    blurred,
    square: true,
  }
}

/** Whether an identification may show somebody dead or captured: by its case, its person, or its own mark. */
export async function isProtected(db: Db, row: IdentificationTable): Promise<boolean> {
  if (row.concerns_dead === 1) return true
  if (row.person_id === null) return false
  const person = await db
    .selectFrom('person_record')
    .select('status')
    .where('id', '=', row.person_id)
    .executeTakeFirst()
  return person !== undefined && PROTECTED_STATUSES.includes(person.status)
}

async function sourceOf(
  db: Db,
  agencyId: string,
  work: ExaminationWork,
  row: IdentificationTable,
  which: Which,
): Promise<PictureSource> {
  if ('probe' in which) return probeSource(db, row)
  requireAnalysis(work)
  const item = work.items.find(({ id }) => id === which.itemId)
  if (item === undefined) throw new AppError('not_found', 'There is no such face here.')
  return itemSource(db, agencyId, item)
}

async function identificationOf(db: Db, { examination }: ExaminationWork): Promise<IdentificationTable> {
  const row = await db
    .selectFrom('identification')
    .selectAll()
    .where('id', '=', examination.identification_id)
    .executeTakeFirstOrThrow()
  return checkedRow('identification', row, row.id)
}

async function makePicture(
  ctx: WorkContext,
  source: PictureSource,
  { sidePx, blurred, signal }: { sidePx: number; blurred: boolean; signal: AbortSignal },
): ReturnType<WorkContext['pictures']['make']> {
  const photo = await sourceBytes(ctx, source, signal)
  return ctx.pictures.make(examinationFrame(photo, source, sidePx, blurred), signal)
}
