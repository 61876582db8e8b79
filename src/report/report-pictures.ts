import type { AccountActor } from '../actor/actor.ts'
import { agencyOf } from '../actor/policy.ts'
import type { WorkContext } from '../media/work-context.ts'
import { maySeeProtected, type RecipientKind } from '../contract/identification-words.ts'
import type { Box } from '../engine/types.ts'
import {
  examinationFrame,
  isProtected,
  itemSource,
  probeSource,
  sourceBytes,
  type PictureSource,
} from '../examination/examination-picture.ts'
import { AppError } from '../errors.ts'
import type { IdentificationTable } from '../store/tables/identification-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { ReportPicture } from './report-content.ts'

/** Width and height of a compared face, and long side of a whole photo. */
const FACE_SIDE_PX = 720
const PHOTO_SIDE_PX = 1100

/**
 * Whether a recipient gets blurred pictures: those who may not see the dead, wounded or captured, of material that is
 * sensitive or may show one of them.
 */
export async function mustBlur(
  db: Db,
  actor: AccountActor,
  row: IdentificationTable,
  recipientKind: RecipientKind,
): Promise<boolean> {
  if (maySeeProtected(recipientKind)) return false
  const candidate = await candidateSource(db, actor, row)
  return candidate?.sensitive === true || (await isProtected(db, row))
}

/**
 * The pictures of a report: the two compared faces in the frame of the examination, and the photos they stand in, with every
 * other face blurred. A candidate's photo that was erased is left out.
 * @param input.blurred all of them are blurred beyond recognition, see `mustBlur`
 */
export async function reportPictures(
  ctx: WorkContext,
  actor: AccountActor,
  input: { row: IdentificationTable; blurred: boolean; signal: AbortSignal },
): Promise<ReportPicture[]> {
  const { db } = ctx.store
  const { row, blurred, signal } = input
  const probe = await probeSource(db, row)
  const candidate = await candidateSource(db, actor, row)
  const make = async (
    names: readonly ['probe-face', 'probe-photo'] | readonly ['candidate-face', 'candidate-photo'],
    source: PictureSource,
    others: readonly Box[],
  ): Promise<ReportPicture[]> => {
    const photo = await sourceBytes(ctx, source, signal)
    const face = await ctx.pictures.make(examinationFrame(photo, source, FACE_SIDE_PX, blurred), signal)
    const whole = await ctx.pictures.make(
      {
        want: 'shown',
        photo,
        steps: source.steps,
        longSidePx: PHOTO_SIDE_PX,
        part: undefined,
        blurred,
        hidden: others,
      },
      signal,
    )
    return [
      { name: names[0], bytes: face.bytes, blurred },
      { name: names[1], bytes: whole.bytes, blurred },
    ]
  }
  return [
    ...(await make(['probe-face', 'probe-photo'], probe, await otherProbeFaces(db, row))),
    ...(candidate === undefined
      ? []
      : await make(['candidate-face', 'candidate-photo'], candidate, await otherFaces(db, row))),
  ]
}

async function candidateSource(
  db: Db,
  actor: AccountActor,
  row: IdentificationTable,
): Promise<PictureSource | undefined> {
  return itemSource(db, agencyOf(actor), row).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'not_found') return undefined
    throw error
  })
}

async function otherProbeFaces(db: Db, row: IdentificationTable): Promise<Box[]> {
  const rows = await db
    .selectFrom('probe_face as other')
    .innerJoin('probe_face as own', 'own.probe_id', 'other.probe_id')
    .select('other.box')
    .where('own.id', '=', row.probe_face_id)
    .whereRef('other.id', '!=', 'own.id')
    .orderBy('other.number')
    .execute()
  return rows.map(({ box }) => JSON.parse(box) as Box)
}

async function otherFaces(db: Db, row: IdentificationTable): Promise<Box[]> {
  const frame = await db
    .selectFrom('video_face')
    .selectAll()
    .where('face_id', '=', row.face_id)
    .executeTakeFirst()
  if (frame !== undefined) return JSON.parse(checkedRow('video_face', frame, row.face_id).others) as Box[]
  const rows = await db
    .selectFrom('face')
    .select(['box_x_px', 'box_y_px', 'box_width_px', 'box_height_px'])
    .where('media_id', '=', row.media_id)
    .where('id', '!=', row.face_id)
    .orderBy('number')
    .execute()
  return rows.map((face) => ({
    x: face.box_x_px,
    y: face.box_y_px,
    width: face.box_width_px,
    height: face.box_height_px,
  }))
}
