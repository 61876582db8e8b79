import type { KeptRemark } from '../store/photo-remarks.ts'
import type { AccountActor, Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { recordEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import type { DerivationStep } from '../contract/derivation.ts'
import { AppError } from '../errors.ts'
import type { ProbeFaceTable, ProbeTable } from '../store/tables/search-tables.ts'
import { remarksOf } from '../store/photo-remarks.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import { findCase, visibleCases } from './case-scope.ts'
import { refuseErased } from './emptied-case.ts'
import type { WorkContext } from '../media/work-context.ts'

/** Probes of a case, newest first. */
export async function listProbes(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { caseId: string; before: string | undefined; limit: number },
): Promise<Probe[]> {
  authorize(actor, 'case.read')
  const { db } = ctx.store
  await findCase(db, actor, input.caseId)
  let query = db
    .selectFrom('probe')
    .selectAll()
    .where('case_id', '=', input.caseId)
    .orderBy('id', 'desc')
    .limit(input.limit)
  if (input.before !== undefined) query = query.where('id', '<', input.before)
  const rows = await query.execute()
  const remarks = await remarksOf(
    db,
    rows.map(({ sha256 }) => sha256),
  )
  return Promise.all(
    rows.map(async (row) => ({
      probe: checkedRow('probe', row, row.id),
      faces: await facesOf(db, row.id),
      remarks: remarks.get(row.sha256) ?? [],
    })),
  )
}

/** One probe with its faces. @throws AppError `not_found` */
export async function showProbe(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { id: string },
): Promise<Probe> {
  authorize(actor, 'case.read')
  const probe = await findProbe(ctx.store.db, actor, input.id)
  const remarks = await remarksOf(ctx.store.db, [probe.sha256])
  const faces = await facesOf(ctx.store.db, probe.id)
  return { probe, faces, remarks: remarks.get(probe.sha256) ?? [] }
}

/** The probe's picture for people, after its steps. The look is written into the audit log. */
export async function showProbePicture(
  ctx: WorkContext,
  actor: AccountActor,
  input: { id: string; longSidePx: number; signal: AbortSignal },
): Promise<Uint8Array> {
  authorize(actor, 'case.read')
  const { db, vault } = ctx.store
  const probe = await findProbe(db, actor, input.id)
  await refuseErased(db, probe.id)
  const photo = await vault.read(probe.sha256)
  const steps = JSON.parse(probe.steps) as DerivationStep[]
  const { bytes } = await ctx.pictures.make(
    { want: 'shown', photo, steps, longSidePx: input.longSidePx, part: undefined, blurred: false },
    input.signal,
  )
  await recordEvent(db, actor, {
    action: 'probe.look',
    agencyId: actor.agencyId,
    subject: `probe ${probe.id}`,
    caseId: probe.case_id,
    details: undefined,
  })
  return bytes
}

/** The probe, if the actor works on its case. @throws AppError `not_found` */
export async function findProbe(db: Db, actor: Actor, id: string): Promise<ProbeTable> {
  const row = await db
    .selectFrom('probe')
    .selectAll()
    .where('id', '=', id)
    .where('case_id', 'in', visibleCases(db, actor).select('case_file.id'))
    .executeTakeFirst()
  if (row === undefined)
    throw new AppError('not_found', 'There is no such probe, or you do not work on its case.')
  return checkedRow('probe', row, id)
}

/** Faces of probes in one case, in the order asked for. @throws AppError `not_found` */
export async function findProbeFaces(
  db: Db,
  caseId: string,
  ids: readonly string[],
): Promise<(ProbeFaceTable & { sha256: string })[]> {
  const rows = await db
    .selectFrom('probe_face')
    .innerJoin('probe', 'probe.id', 'probe_face.probe_id')
    .selectAll('probe_face')
    .select('probe.sha256')
    .where('probe.case_id', '=', caseId)
    .where('probe_face.id', 'in', ids)
    .execute()
  return ids.map((id) => {
    const found = rows.find((row) => row.id === id)
    if (found === undefined)
      throw new AppError('not_found', 'There is no such face among the probes of this case.')
    const { sha256, ...face } = found
    return { ...checkedRow('probe_face', face, id), sha256 }
  })
}

/** Perceptual hashes of the probes that faces stand in, where they are kept. */
export async function printsOfProbes(db: Db, faces: readonly ProbeFaceTable[]): Promise<string[]> {
  const rows = await db
    .selectFrom('probe_print')
    .select('perceptual_hash')
    .where(
      'probe_id',
      'in',
      faces.map(({ probe_id: id }) => id),
    )
    .execute()
  return rows.map(({ perceptual_hash: print }) => print)
}

async function facesOf(db: Db, probeId: string): Promise<ProbeFaceTable[]> {
  const rows = await db
    .selectFrom('probe_face')
    .selectAll()
    .where('probe_id', '=', probeId)
    .orderBy('number')
    .execute()
  return rows.map((row) => checkedRow('probe_face', row, row.id))
}

export interface Probe {
  probe: ProbeTable
  faces: ProbeFaceTable[]
  /** How the original was read, when not whole. */
  remarks: KeptRemark[]
}
