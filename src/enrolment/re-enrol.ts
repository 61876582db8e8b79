import type { Actor } from '../actor/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { templateRow } from '../imports/face-rows.ts'
import type { Context } from '../context.ts'
import type { Engine, FivePoints } from '../engine/types.ts'
import { activeTemplates, labelOf, setActiveTemplates, type TemplateKind } from '../store/active-templates.ts'
import { fuseProbes, type Probe } from '../gallery/fusion.ts'
import { enterInIndex, floats } from '../store/index-feed.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { FaceTable } from '../store/tables/face-tables.ts'
import { missingPhotoTemplates, reEnrolPersonPhotos } from './re-enrol-person-photos.ts'
import { pictureOfMedia } from '../media/picture-of-media.ts'
import { frameOfFace } from '../media/still.ts'

type NewKind = Pick<TemplateKind, 'packId' | 'pipelineVersion'>

/** Faces looked up at once. */
const PAGE_FACES = 64

export interface ReEnrolInput {
  /** An engine running the new pack. */
  engine: Engine
  signal?: AbortSignal
  onProgress?: (done: number, of: number) => void
}

export interface ReEnrolReport {
  pack: string
  /** Templates written by this run. */
  written: number
  /** Faces that the new pack could not describe, with the reason. While there are any, the old pack stays active. */
  failed: { faceId: string; detail: string }[]
  /** Whether the new pack is now the one that is searched. */
  switched: boolean
}

/**
 * Computes templates of another pack, or of another version of the pipeline, beside the old ones, from the points of
 * each face as the record has them, those of persons' photos too: faces keep their ids, so links and hand marks hold. Resumable: a face that has its
 * new template is not touched again. When every face has one, the new ones become those that are searched, in the
 * transaction that makes sure of it.
 */
export async function reEnrol(
  ctx: Pick<Context, 'store' | 'videos'>,
  actor: Actor,
  { engine, signal, onProgress }: ReEnrolInput,
): Promise<ReEnrolReport> {
  const { db } = ctx.store
  const report: ReEnrolReport = { pack: engine.packId, written: 0, failed: [], switched: false }
  const of = await missing(db, engine)
  let after = ''
  for (;;) {
    if (signal?.aborted === true) return report
    const faces = await facesWithout(db, engine, after)
    if (faces.length === 0) break
    after = faces[faces.length - 1].id
    const results = await Promise.all(faces.map((face) => describe(ctx, engine, face)))
    const rows = results.flatMap((result) => ('vector' in result ? [result] : []))
    report.failed.push(...results.flatMap((result) => ('detail' in result ? [result] : [])))
    await db.transaction().execute(async (tx) => {
      for (const row of rows) {
        // A face may have been erased, or described by another process, since it was looked up.
        const face = await tx.selectFrom('face').select('id').where('id', '=', row.face_id).executeTakeFirst()
        if (face === undefined) continue
        await tx
          .insertInto('template')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute()
      }
      await enterInIndex(tx, [...new Set(rows.map((row) => row.media_id))])
      await appendAuditEvent(tx, actor, {
        action: 'enrolment.templates',
        agencyId: undefined,
        subject: `pack ${engine.packId}`,
        details: { written: rows.length, failed: results.length - rows.length },
      })
    })
    report.written += rows.length
    onProgress?.(report.written, of)
  }
  const photos = await reEnrolPersonPhotos(ctx, actor, { engine, signal })
  report.written += photos.written
  report.failed.push(...photos.failed)
  report.switched = await switchWhenComplete(ctx, actor, engine)
  return report
}

async function switchWhenComplete(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  engine: TemplateKind,
): Promise<boolean> {
  return ctx.store.db.transaction().execute(async (tx) => {
    if ((await missing(tx, engine)) > 0 || (await missingPhotoTemplates(tx, engine)) > 0) return false
    const from = await activeTemplates(tx)
    if (from !== undefined && labelOf(from) === labelOf(engine)) return true
    await setActiveTemplates(tx, engine)
    await appendAuditEvent(tx, actor, {
      action: 'enrolment.switch',
      agencyId: undefined,
      subject: `pack ${engine.packId}`,
      details: { from: from === undefined ? null : labelOf(from), to: labelOf(engine) },
    })
    return true
  })
}

function withoutTemplate(db: Db, { packId, pipelineVersion }: NewKind) {
  return db
    .selectFrom('face')
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('template')
            .select('template.seq')
            .whereRef('template.face_id', '=', 'face.id')
            .where('template.pack_id', '=', packId)
            .where('template.pipeline_version', '=', pipelineVersion),
        ),
      ),
    )
}

async function missing(db: Db, kind: NewKind): Promise<number> {
  const { count } = await withoutTemplate(db, kind)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

function facesWithout(db: Db, kind: NewKind, after: string): Promise<FaceTable[]> {
  return withoutTemplate(db, kind)
    .selectAll('face')
    .where('face.id', '>', after)
    .orderBy('face.id')
    .limit(PAGE_FACES)
    .execute()
}

async function describe(
  ctx: Pick<Context, 'store' | 'videos'>,
  engine: Engine,
  row: FaceTable,
): Promise<ReturnType<typeof templateRow> | { faceId: string; detail: string }> {
  const face = checkedRow('face', row, row.id)
  const frame = await frameOfFace(ctx, face.id)
  const template =
    frame?.fused_from === undefined || frame.fused_from === null
      ? await readAnew(ctx, engine, face)
      : await fuseAnew(ctx, engine, JSON.parse(frame.fused_from) as string[])
  return typeof template === 'string'
    ? { faceId: face.id, detail: template }
    : templateRow(face, template, engine)
}

/** The template of a track of a video: that of the same faces as before, each read anew. */
async function fuseAnew(
  ctx: Pick<Context, 'store' | 'videos'>,
  engine: Engine,
  faceIds: readonly string[],
): Promise<Float32Array | string> {
  const { db } = ctx.store
  const probes: Probe[] = []
  let failure = 'None of its faces is there any more.'
  for (const id of faceIds) {
    const row = await db.selectFrom('face').selectAll().where('id', '=', id).executeTakeFirst()
    if (row === undefined) continue
    const made = await db
      .selectFrom('template')
      .selectAll()
      .where('face_id', '=', id)
      .where('pack_id', '=', engine.packId)
      .where('pipeline_version', '=', engine.pipelineVersion)
      .executeTakeFirst()
    const template =
      made === undefined
        ? await readAnew(ctx, engine, checkedRow('face', row, id))
        : floats(checkedRow('template', made, String(made.seq)).vector)
    if (typeof template === 'string') failure = template
    else probes.push({ template, quality: row.unified_score })
  }
  return probes.length === 0 ? failure : fuseProbes(probes)
}

/** @returns the template, or a sentence that says why there is none */
async function readAnew(
  ctx: Pick<Context, 'store' | 'videos'>,
  engine: Engine,
  face: FaceTable,
): Promise<Float32Array | string> {
  const { sha256 } = await ctx.store.db
    .selectFrom('media')
    .select('sha256')
    .where('id', '=', face.media_id)
    .executeTakeFirstOrThrow()
  const points = JSON.parse(face.five_points) as FivePoints
  const reading = await engine.readMarkedFace(await pictureOfMedia(ctx, { sha256 }, face.id), points)
  if (reading.outcome !== 'read') return reading.detail
  return reading.faces[0]?.template ?? 'The new pack finds no face at its points.'
}
