import type { Probe } from './show-probes.ts'
import { hash } from 'node:crypto'
import type { AccountActor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { MAX_STEPS, type DerivationStep } from '../contract/derivation.ts'
import type { Face, FivePoints } from '../engine/types.ts'
import { AppError } from '../errors.ts'
import { noteReturns } from '../blind-verification/unblinding.ts'
import { requireRoom } from '../store/vault/storage-quota.ts'
import { newId, nowIso } from '../store/ids.ts'
import { keepRemarks, remarksOf } from '../store/photo-remarks.ts'
import type { Tx } from '../store/database/db.ts'
import { withDigest } from '../store/tables/row-digest.ts'
import type { ProbeFaceTable, ProbeTable } from '../store/tables/search-tables.ts'
import type { CaseFileTable } from '../store/tables/case-tables.ts'
import type { Store } from '../store/store.ts'
import { findOpenCase } from './case-scope.ts'
import { readProbe, type ProbeReading } from '../search/read-probe.ts'
import { picturePrints } from '../blind-verification/picture-prints.ts'
import { findProbe } from './show-probes.ts'
import type { WorkContext } from '../media/work-context.ts'

/**
 * Takes a photo into a case to search with. The original goes into the media vault untouched; what was read of it stands
 * beside it.
 * @throws AppError `not_allowed`, `not_found`, `conflict` for a closed case, `unreadable_input`, `busy`
 */
export async function addProbe(
  ctx: WorkContext,
  actor: AccountActor,
  input: { caseId: string; photo: Uint8Array; label: string | undefined; signal: AbortSignal },
): Promise<Probe> {
  authorize(actor, 'probe.add')
  const { agency_id: agencyId } = await findOpenCase(ctx.store.lookups, actor, input.caseId)
  const room = { agencyId, bytes: input.photo.byteLength }
  await requireRoom(ctx.store.db, ctx.agencyQuotaBytes, room)
  const sha256 = hash('sha256', input.photo)
  const reading = await readProbe(ctx, { original: input.photo, steps: [], points: undefined }, input.signal)
  await noteReturns(ctx.store, actor, 'addProbe', [sha256], () =>
    picturePrints(ctx, input.photo, [], reading, input.signal),
  )
  await ctx.store.vault.publish([await ctx.store.vault.stage(input.photo, sha256)])
  return ctx.store.db.transaction().execute(async (tx) => {
    const caseFile = await findOpenCase(tx, actor, input.caseId)
    await keepOriginal(ctx.store, input.photo, sha256)
    return writeProbe(tx, actor, caseFile, reading, {
      sha256,
      format: reading.photo.format,
      byte_length: input.photo.byteLength,
      label: input.label ?? null,
      parent_id: null,
      steps: '[]',
    })
  })
}

/**
 * Makes a clearer probe from one by further steps, or marks a face by hand where the detector found none. The original
 * stays as it is: the steps are replayed from it.
 * @throws AppError as `addProbe`
 */
export async function deriveProbe(
  ctx: WorkContext,
  actor: AccountActor,
  input: {
    id: string
    steps: readonly DerivationStep[]
    points: FivePoints | undefined
    signal: AbortSignal
  },
): Promise<Probe> {
  authorize(actor, 'probe.add')
  const { db, vault } = ctx.store
  const parent = await findProbe(db, actor, input.id)
  await findOpenCase(db, actor, parent.case_id)
  const steps = [...(JSON.parse(parent.steps) as DerivationStep[]), ...input.steps]
  if (steps.length > MAX_STEPS) {
    throw new AppError(
      'limit_exceeded',
      `A probe may have ${MAX_STEPS} steps; begin again from the original.`,
    )
  }
  const original = await vault.read(parent.sha256)
  const reading = await readProbe(ctx, { original, steps, points: input.points }, input.signal)
  await noteReturns(ctx.store, actor, 'deriveProbe', [parent.sha256], () =>
    picturePrints(ctx, original, steps, reading, input.signal),
  )
  return db.transaction().execute(async (tx) => {
    const caseFile = await findOpenCase(tx, actor, parent.case_id)
    return writeProbe(tx, actor, caseFile, reading, {
      sha256: parent.sha256,
      format: parent.format,
      byte_length: parent.byte_length,
      label: parent.label,
      parent_id: parent.id,
      steps: JSON.stringify(steps),
    })
  })
}

/** An erasure may have removed the same bytes since they were published; the write lock now keeps it out. */
async function keepOriginal({ vault }: Store, photo: Uint8Array, sha256: string): Promise<void> {
  if (!(await vault.has(sha256))) await vault.publish([await vault.stage(photo, sha256)])
}

async function writeProbe(
  tx: Tx,
  actor: AccountActor,
  caseFile: CaseFileTable,
  reading: ProbeReading,
  facts: Pick<ProbeTable, 'sha256' | 'format' | 'byte_length' | 'label' | 'parent_id' | 'steps'>,
): Promise<Probe> {
  const probe = withDigest('probe', {
    id: newId(),
    case_id: caseFile.id,
    ...facts,
    width_px: reading.photo.widthPx,
    height_px: reading.photo.heightPx,
    pixels_sha256: reading.pixelsSha256 ?? null,
    added_by: actor.name,
    account_id: actor.accountId,
    added_at: nowIso(),
  })
  await tx.insertInto('probe').values(probe).execute()
  await tx
    .insertInto('probe_print')
    .values({ probe_id: probe.id, perceptual_hash: reading.photo.perceptualHash })
    .execute()
  // Steps are replayed from the original, and their result is whole: what was said of the original stays.
  if (facts.parent_id === null) await keepRemarks(tx, facts.sha256, reading.photo.remarks)
  const faces = reading.faces.map((face) => faceRow(probe.id, face, reading.engine))
  for (const face of faces) await tx.insertInto('probe_face').values(face).execute()
  await appendAuditEvent(tx, actor, {
    action: facts.parent_id === null ? 'probe.add' : 'probe.derive',
    agencyId: actor.agencyId,
    subject: `probe ${probe.id}`,
    caseId: caseFile.id,
    purpose: caseFile.purpose,
    details: {
      faces: faces.length,
      steps: (JSON.parse(facts.steps) as unknown[]).length,
      parent: facts.parent_id,
    },
  })
  const remarks = (await remarksOf(tx, [facts.sha256])).get(facts.sha256) ?? []
  return { probe, faces, remarks }
}

function faceRow(probeId: string, face: Face, engine: ProbeReading['engine']): ProbeFaceTable {
  return withDigest('probe_face', {
    id: newId(),
    probe_id: probeId,
    number: face.number,
    origin: face.origin,
    box: JSON.stringify(face.boxPx),
    five_points: JSON.stringify(face.fivePointsPx),
    tilt_degrees: face.tiltDegrees,
    quality: JSON.stringify(face.quality),
    unified_score: face.quality.unifiedScore,
    pack_id: engine.packId,
    pipeline_version: engine.pipelineVersion,
    vector: new Uint8Array(face.template.buffer, face.template.byteOffset, face.template.byteLength).slice(),
  })
}
