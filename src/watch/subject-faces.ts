import { seenMedia } from '../collections/seen-media.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { floats } from '../store/index-feed.ts'
import type { TemplateKind } from '../store/active-templates.ts'
import { fuseProbes } from '../gallery/fusion.ts'
import { GALLERY_LIMITS } from '../gallery/limits.ts'
import type { StandingFaceTable, StandingSearchTable } from '../store/tables/watch-tables.ts'

/** One face of the person that a standing search rests on. */
export interface SubjectFace {
  kind: Exclude<StandingFaceTable['kind'], 'fused'>
  /** Of the person's photo, the face, or the probe face. */
  id: string
  /** Unit vector. */
  template: Float32Array
  /** 0 to 1. */
  quality: number
}

type Subject = Pick<StandingSearchTable, 'agency_id' | 'person_id' | 'with_faces' | 'probe_faces'>

/**
 * The faces of a person that can be compared with templates of this kind: the person's own photos; with `with_faces`
 * those of collections that an examiner has linked (an importer's claim is not enough: such photos raise alerts
 * themselves), as far as the agency sees their photos now; and the named probe faces. The best `GALLERY_LIMITS.probesPerSubject` of them, when there are more.
 * @throws AppError `corrupt_record`
 */
export async function subjectFaces(db: Db, subject: Subject, kind: TemplateKind): Promise<SubjectFace[]> {
  const faces = [
    ...(await photoFaces(db, subject.person_id, kind)),
    ...(subject.with_faces === 1 ? await linkedFaces(db, subject, kind) : []),
    ...(await probeFaces(db, JSON.parse(subject.probe_faces) as string[], kind)),
  ]
  if (faces.length <= GALLERY_LIMITS.probesPerSubject) return faces
  return faces.toSorted((a, b) => b.quality - a.quality).slice(0, GALLERY_LIMITS.probesPerSubject)
}

/** What rows of `standing_face` these faces make: one each, or one for all when they are fused. */
export function standingRows(
  faces: readonly SubjectFace[],
  comparison: StandingSearchTable['comparison'],
): Pick<StandingFaceTable, 'kind' | 'origin'>[] {
  if (comparison === 'singly' || faces.length < 2) return faces.map(({ kind, id }) => ({ kind, origin: id }))
  const origin = faces
    .map(({ kind, id }) => `${kind}:${id}`)
    .toSorted()
    .join(',')
  return [{ kind: 'fused', origin }]
}

/** The template of such a row, from the faces it was made of; undefined when one of them is no more. */
export function standingTemplate(
  faces: readonly SubjectFace[],
  { kind, origin }: Pick<StandingFaceTable, 'kind' | 'origin'>,
): Float32Array | undefined {
  if (kind !== 'fused') return faces.find((face) => face.kind === kind && face.id === origin)?.template
  const wanted = new Set(origin.split(','))
  const parts = faces.filter((face) => wanted.has(`${face.kind}:${face.id}`))
  return parts.length === wanted.size ? fuseProbes(parts) : undefined
}

async function photoFaces(db: Db, personId: string, kind: TemplateKind): Promise<SubjectFace[]> {
  const rows = await db
    .selectFrom('person_photo_template')
    .innerJoin('person_photo', 'person_photo.id', 'person_photo_template.photo_id')
    .selectAll('person_photo_template')
    .select('person_photo.unified_score')
    .where('person_photo.person_id', '=', personId)
    .where('pack_id', '=', kind.packId)
    .where('pipeline_version', '=', kind.pipelineVersion)
    .orderBy('person_photo.id')
    .execute()
  return rows.map(({ unified_score: quality, ...row }) => {
    const { photo_id: id, vector } = checkedRow('person_photo_template', row, String(row.seq))
    return { kind: 'photo', id, template: floats(vector), quality }
  })
}

async function linkedFaces(
  db: Db,
  { agency_id: agencyId, person_id: personId }: Subject,
  kind: TemplateKind,
): Promise<SubjectFace[]> {
  const rows = await db
    .selectFrom('person_face')
    .innerJoin('template', 'template.face_id', 'person_face.face_id')
    .innerJoin('face', 'face.id', 'person_face.face_id')
    .selectAll('template')
    .select(['face.unified_score', 'face.media_id as photo'])
    .where('person_face.person_id', '=', personId)
    .where('person_face.link', '=', 'same')
    .where('person_face.origin', '=', 'examiner')
    .where('template.pack_id', '=', kind.packId)
    .where('template.pipeline_version', '=', kind.pipelineVersion)
    .orderBy('face.id')
    .execute()
  const seen = await seenMedia(
    db,
    agencyId,
    rows.map(({ photo }) => photo),
  )
  const visible = rows.filter(({ photo }) => seen.has(photo))
  return visible.map(({ unified_score: quality, photo: _photo, ...row }) => {
    const { face_id: id, vector } = checkedRow('template', row, String(row.seq))
    return { kind: 'face', id, template: floats(vector), quality }
  })
}

async function probeFaces(db: Db, ids: readonly string[], kind: TemplateKind): Promise<SubjectFace[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('probe_face')
    .selectAll()
    .where('id', 'in', ids)
    .where('pack_id', '=', kind.packId)
    .where('pipeline_version', '=', kind.pipelineVersion)
    .orderBy('id')
    .execute()
  return rows.map((row) => {
    const { id, vector, unified_score: quality } = checkedRow('probe_face', row, row.id)
    return { kind: 'probe', id, template: floats(vector), quality }
  })
}
