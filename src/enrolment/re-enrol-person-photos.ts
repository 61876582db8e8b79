import type { Actor } from '../actor/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import type { Engine, FivePoints } from '../engine/types.ts'
import { photoTemplate } from '../people/person-photos.ts'
import type { TemplateKind } from '../store/active-templates.ts'
import type { PersonPhotoTable } from '../store/tables/person-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'

type NewKind = Pick<TemplateKind, 'packId' | 'pipelineVersion'>

/** Photos looked up at once. */
const PAGE_PHOTOS = 64

export interface PhotosReport {
  written: number
  failed: { faceId: string; detail: string }[]
}

/** Photos of persons that have no template of a pack yet. */
export async function missingPhotoTemplates(db: Db, kind: NewKind): Promise<number> {
  const { count } = await withoutTemplate(db, kind)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Computes templates of another pack for the photos of persons, from the points of each as the record has them. Resumable. */
export async function reEnrolPersonPhotos(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  { engine, signal }: { engine: Engine; signal: AbortSignal | undefined },
): Promise<PhotosReport> {
  const { db } = ctx.store
  const report: PhotosReport = { written: 0, failed: [] }
  let after = ''
  for (;;) {
    if (signal?.aborted === true) break
    const photos = await withoutTemplate(db, engine)
      .selectAll('person_photo')
      .where('person_photo.id', '>', after)
      .orderBy('person_photo.id')
      .limit(PAGE_PHOTOS)
      .execute()
    if (photos.length === 0) break
    after = photos[photos.length - 1].id
    const results = await Promise.all(photos.map((photo) => describe(ctx, engine, photo)))
    const rows = results.flatMap((result) => ('vector' in result ? [result] : []))
    const failed = results.flatMap((result) => ('detail' in result ? [result] : []))
    await db.transaction().execute(async (tx) => {
      for (const row of rows) {
        // The photo may have been erased, or described by another process, since it was looked up.
        const photo = await tx
          .selectFrom('person_photo')
          .select('id')
          .where('id', '=', row.photo_id)
          .executeTakeFirst()
        if (photo === undefined) continue
        await tx
          .insertInto('person_photo_template')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute()
      }
      await appendAuditEvent(tx, actor, {
        action: 'enrolment.person_photos',
        agencyId: undefined,
        subject: `pack ${engine.packId}`,
        details: { written: rows.length, failed: failed.length },
      })
    })
    report.written += rows.length
    report.failed.push(...failed)
  }
  return report
}

function withoutTemplate(db: Db, { packId, pipelineVersion }: NewKind) {
  return db
    .selectFrom('person_photo')
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('person_photo_template')
            .select('person_photo_template.seq')
            .whereRef('person_photo_template.photo_id', '=', 'person_photo.id')
            .where('person_photo_template.pack_id', '=', packId)
            .where('person_photo_template.pipeline_version', '=', pipelineVersion),
        ),
      ),
    )
}

async function describe(
  { store }: Pick<Context, 'store'>,
  engine: Engine,
  row: PersonPhotoTable,
): Promise<ReturnType<typeof photoTemplate> | { faceId: string; detail: string }> {
  const photo = checkedRow('person_photo', row, row.id)
  const points = JSON.parse(photo.five_points) as FivePoints
  const reading = await engine.readMarkedFace(await store.vault.read(photo.sha256), points)
  if (reading.outcome !== 'read') return { faceId: photo.id, detail: reading.detail }
  if (reading.faces.length === 0)
    return { faceId: photo.id, detail: 'The new pack finds no face at its points.' }
  return photoTemplate(photo.id, reading.faces[0].template, engine)
}
