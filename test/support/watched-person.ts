import { hash } from 'node:crypto'
import type { AccountActor } from '../../src/actor/actor.ts'
import type { Context } from '../../src/context.ts'
import { createPerson } from '../../src/people/save-person.ts'
import { changeRow } from '../../src/store/tables/change-row.ts'
import { newId, nowIso } from '../../src/store/ids.ts'
import type { Db } from '../../src/store/database/db.ts'
import { withDigest } from '../../src/store/tables/row-digest.ts'
import type { Store } from '../../src/store/store.ts'
import type { StandingSearchInput } from '../../src/watch/set-up-standing-search.ts'
import { pack } from './enrolled-record.ts'
import { NOTHING_OF_A_PERSON } from './nothing-of-a-person.ts'

const POINT = { x: 10.5, y: 20.25 }

/** A person with photos whose templates are given. @param birthDate YYYY, YYYY-MM or YYYY-MM-DD */
export async function watchedPerson(
  store: Store,
  actor: AccountActor,
  templates: readonly Float32Array[],
  birthDate: string | null = null,
): Promise<string> {
  const { person } = await createPerson({ store }, actor, {
    ...NOTHING_OF_A_PERSON,
    status: 'missing',
    birthDate,
  })
  for (const template of templates) await addMadeUpPhoto(store, person.id, template)
  return person.id
}

/** A photo of a person, written past the engine: nothing of it stands in the media vault. @returns its id */
export async function addMadeUpPhoto(
  store: Pick<Store, 'db'>,
  personId: string,
  template: Float32Array,
  kind: { packId: string; pipelineVersion: string } = pack,
): Promise<string> {
  const id = newId()
  await store.db.transaction().execute(async (tx) => {
    const { agency_id: agencyId } = await tx
      .selectFrom('person')
      .select('agency_id')
      .where('id', '=', personId)
      .executeTakeFirstOrThrow()
    const photo = withDigest('person_photo', {
      id,
      person_id: personId,
      agency_id: agencyId,
      sha256: hash('sha256', id),
      format: 'jpeg',
      byte_length: 1000,
      width_px: 640,
      height_px: 480,
      taken_on: null,
      note: null,
      may_publish: 0,
      face_origin: 'detector' as const,
      box: JSON.stringify({ x: 1, y: 2, width: 100, height: 120 }),
      five_points: JSON.stringify([POINT, POINT, POINT, POINT, POINT]),
      tilt_degrees: 0,
      quality: '{}',
      unified_score: 0.8,
      added_by: 'test',
      account_id: null,
      added_at: nowIso(),
    })
    await tx.insertInto('person_photo').values(photo).execute()
    await addPhotoTemplate(tx, id, template, kind)
  })
  return id
}

/** A real photo of a person, as a liaison adds one: bytes in the media vault, the largest face with its template. @returns its id */
export async function addRealPhoto(ctx: Context, personId: string, bytes: Uint8Array): Promise<string> {
  const { store } = ctx
  const engine = await ctx.engine()
  const reading = await engine.readPhoto(bytes)
  if (reading.outcome !== 'read') throw new Error(reading.detail)
  const [face] = reading.faces.toSorted((a, b) => b.boxPx.width - a.boxPx.width)
  const sha256 = hash('sha256', bytes)
  await store.vault.publish([await store.vault.stage(bytes, sha256)])
  const id = await addMadeUpPhoto(store, personId, face.template, engine)
  await store.db.transaction().execute((tx) =>
    changeRow(tx, 'person_photo', id, {
      sha256,
      width_px: reading.photo.widthPx,
      height_px: reading.photo.heightPx,
      box: JSON.stringify(face.boxPx),
      five_points: JSON.stringify(face.fivePointsPx),
    }),
  )
  return id
}

/** What re-enrolment adds to a photo. */
export async function addPhotoTemplate(
  db: Db,
  photoId: string,
  template: Float32Array,
  { packId, pipelineVersion }: { packId: string; pipelineVersion: string },
): Promise<void> {
  const row = withDigest('person_photo_template', {
    photo_id: photoId,
    pack_id: packId,
    pipeline_version: pipelineVersion,
    vector: new Uint8Array(template.buffer.slice(0)),
  })
  await db.insertInto('person_photo_template').values(row).execute()
}

/** A standing search of 90 days over all collections. */
export function standingSearchInput(
  personId: string,
  more: Partial<StandingSearchInput> = {},
): StandingSearchInput {
  return {
    personId,
    caseId: undefined,
    purpose: 'find_missing_person',
    legalBasis: 'test',
    collections: undefined,
    comparison: undefined,
    withFaces: false,
    probeFaces: [],
    falseMatchRate: undefined,
    threshold: undefined,
    dueHours: undefined,
    endsOn: inDays(90),
    reviewOn: inDays(30),
    ...more,
  }
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
}
