import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { addProbe, deriveProbe } from '../cases/add-probe.ts'
import { type Probe } from '../cases/show-probes.ts'
import { findOpenCase } from '../cases/case-scope.ts'
import { searchInCase } from '../cases/search-in-case.ts'
import type { WorkContext } from '../media/work-context.ts'
import type { Box } from '../engine/types.ts'
import { similarity } from '../engine/embed/similarity.ts'
import { AppError } from '../errors.ts'
import { findIdentification } from '../identification/identification-scope.ts'
import { openIdentification } from '../identification/open-identification.ts'
import { MAX_CANDIDATES } from '../search/search-collections.ts'
import { activeTemplates } from '../store/active-templates.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { nowIso } from '../store/ids.ts'
import { floats } from '../store/index-feed.ts'
import type { ProbeFaceTable } from '../store/tables/search-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { AlertTable } from '../store/tables/watch-tables.ts'
import { bytesOfFace, foundFace, subjectFace, type PicturedFace } from './alert-picture.ts'
import { requireOpen } from './handle-alert.ts'
import { describedAlert, type ShownAlert, type ShownHit } from './show-alerts.ts'
import { findAlert } from './watch-scope.ts'

/** Boxes of the same face in two readings of one photo overlap at least so much of their union. */
const SAME_FACE_OVERLAP = 0.5
/** What rounding may take from a similarity between two computations of it. */
const ROUNDING = 1e-4

/**
 * Takes an alert on a photo into the work of a case: the person's photo becomes a probe of the case, a search with it is run
 * and recorded in the collections that hold the photo, and the face found becomes a lead, to be examined like any other.
 * For an alert on a probe, the probe itself is searched with, among the faces that are linked with the person.
 * Killed on the way, probe and search stay and it can be done again.
 * @throws AppError `not_allowed`, `not_found`, `conflict` when it is closed, its photo is gone, or more faces are more alike
 *   than a search lists
 */
export async function leadFromAlert(
  ctx: WorkContext,
  actor: AccountActor,
  input: { id: string; caseId: string; hitId: string | undefined; signal: AbortSignal },
): Promise<{ alert: AlertTable; identificationId: string }> {
  authorize(actor, 'alert.handle')
  authorize(actor, 'identification.open')
  const { db } = ctx.store
  const shown = await describedAlert(db, actor, input.id)
  requireOpen(shown.alert)
  await findOpenCase(db, actor, input.caseId)
  const hit = input.hitId === undefined ? shown.hits[0] : shown.hits.find(({ id }) => id === input.hitId)
  const sides = hit === undefined ? undefined : await sidesOf(db, shown, hit)
  if (hit === undefined || sides === undefined) {
    throw new AppError('conflict', 'What this alert rests on is gone, or your agency may no longer see it.')
  }
  const probe = await probeOf(ctx, actor, input, sides.probe)
  const search = await searchInCase(ctx, actor, {
    caseId: input.caseId,
    faces: [probe.id],
    collections: sides.collections,
    since: undefined,
    until: undefined,
    limit: MAX_CANDIDATES,
    threshold: Math.min(hit.threshold, (await scoreOf(db, probe, sides.candidateFaceId)) - ROUNDING),
    exact: true,
    signal: input.signal,
  })
  const candidate = search.candidates.find((one) => one.face_id === sides.candidateFaceId)
  if (candidate === undefined) {
    throw new AppError(
      'conflict',
      `More than ${MAX_CANDIDATES} faces are more alike than the one of this alert. The search stands in the case; take the lead from a narrower one.`,
    )
  }
  const known = await openLead(db, input.caseId, candidate.face_id)
  const identificationId =
    known ??
    (
      await openIdentification(ctx, actor, {
        searchId: search.search.id,
        rank: candidate.rank,
        probeFaceId: probe.id,
      })
    ).id
  return { alert: await linkAlertToLead(ctx, actor, { id: input.id, identificationId }), identificationId }
}

/** Says to which lead an alert has led. @throws AppError `not_found`, `conflict` when it is closed */
export async function linkAlertToLead(
  ctx: Pick<WorkContext, 'store'>,
  actor: AccountActor,
  input: { id: string; identificationId: string },
): Promise<AlertTable> {
  authorize(actor, 'alert.handle')
  return ctx.store.db.transaction().execute(async (tx) => {
    const alert = await findAlert(tx, actor, input.id)
    requireOpen(alert)
    const identification = await findIdentification(tx, actor, input.identificationId)
    const changed = await changeRow(tx, 'alert', alert.id, {
      state: 'led_to_lead',
      closed_as: 'lead',
      identification_id: identification.id,
      changed_by: actor.name,
      changed_at: nowIso(),
    })
    await appendAuditEvent(tx, actor, {
      action: 'alert.lead',
      agencyId: alert.agency_id,
      subject: `alert ${alert.id}`,
      caseId: identification.case_id,
      details: { identification: identification.id, before: alert.state },
    })
    return changed!
  })
}

/** Which face is searched with, and which one of which collections is to be found by it. */
async function sidesOf(
  db: Db,
  shown: ShownAlert,
  hit: ShownHit,
): Promise<{ probe: PicturedFace; candidateFaceId: string; collections: string[] | undefined } | undefined> {
  if (shown.alert.target_kind === 'media') {
    const probe = await subjectFace(db, shown, hit)
    if (probe === undefined || shown.media === undefined) return undefined
    if (probe.sha256 === shown.media.sha256)
      throw new AppError(
        'conflict',
        'This is the very photo of the person that it was found with: nothing to examine.',
      )
    const collections = shown.media.collections.map(({ id }) => id)
    return { probe, candidateFaceId: hit.face_id, collections }
  }
  const probe = await foundFace(db, shown, hit)
  if (probe === undefined) return undefined
  if (hit.subject_kind !== 'face') {
    throw new AppError(
      'conflict',
      'This probe is like a photo of the person that is in no collection, so no search can find it. Compare the two, and link the alert to a lead of the case.',
    )
  }
  return { probe, candidateFaceId: hit.subject_id, collections: undefined }
}

/** The face as a probe face of the case: the one that is there already, else of the photo, taken in now. */
async function probeOf(
  ctx: WorkContext,
  actor: AccountActor,
  { caseId, signal }: { caseId: string; signal: AbortSignal },
  face: PicturedFace,
): Promise<ProbeFaceTable> {
  const { db } = ctx.store
  const kind = await activeTemplates(db)
  const there = await db
    .selectFrom('probe_face')
    .innerJoin('probe', 'probe.id', 'probe_face.probe_id')
    .selectAll('probe_face')
    .where('probe.case_id', '=', caseId)
    .where('probe.sha256', '=', face.sha256)
    .where('probe.steps', '=', JSON.stringify(face.steps))
    .where('pack_id', '=', kind?.packId ?? '')
    .where('pipeline_version', '=', kind?.pipelineVersion ?? '')
    .execute()
  const same = there.find(({ box }) => overlap(JSON.parse(box) as Box, face.box) >= SAME_FACE_OVERLAP)
  if (same !== undefined) return checkedRow('probe_face', same, same.id)
  const photo = await bytesOfFace(ctx, face, signal)
  let added: Probe = await addProbe(ctx, actor, { caseId, photo, label: undefined, signal })
  if (face.steps.length > 0 || nearest(added, face) === undefined) {
    const { steps, points } = face
    added = await deriveProbe(ctx, actor, { id: added.probe.id, steps, points, signal })
  }
  const found = nearest(added, face) ?? added.faces.at(0)
  if (found === undefined) throw new AppError('no_face', 'No face was found in the photo of the person.')
  return found
}

function nearest({ faces }: Probe, { box }: PicturedFace): ProbeFaceTable | undefined {
  return faces.find((face) => overlap(JSON.parse(face.box) as Box, box) >= SAME_FACE_OVERLAP)
}

/** Intersection over union of two boxes. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  const both = Math.max(0, width) * Math.max(0, height)
  return both / (a.width * a.height + b.width * b.height - both)
}

async function scoreOf(db: Db, probe: ProbeFaceTable, faceId: string): Promise<number> {
  const row = await db
    .selectFrom('template')
    .selectAll()
    .where('face_id', '=', faceId)
    .where('pack_id', '=', probe.pack_id)
    .where('pipeline_version', '=', probe.pipeline_version)
    .executeTakeFirst()
  if (row === undefined)
    throw new AppError('not_found', 'The face was erased, or has no template of this model pack.')
  return similarity(floats(probe.vector), floats(checkedRow('template', row, String(row.seq)).vector))
}

/** A lead of the case on this face that stands. */
async function openLead(db: Db, caseId: string, faceId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('identification')
    .select('id')
    .where('case_id', '=', caseId)
    .where('face_id', '=', faceId)
    .where('closed_at', 'is', null)
    .where('withdrawn_at', 'is', null)
    .executeTakeFirst()
  return row?.id
}
