import type { Actor } from '../actor/actor.ts'
import { leaveTombstone } from '../erasure/remove-rows.ts'
import type { Context } from '../context.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId, nowIso } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { CaseFileTable } from '../store/tables/case-tables.ts'
import { isCaseHeld } from '../cases/case-hold.ts'

/**
 * [Note: emptied cases]
 * When the date of a case has passed, its material goes: the probes' photos, faces' templates and labels, notes drawn on
 * pictures, the contents of reports, the title. What stays says that there was a case and what was decided by whom: number,
 * purpose, legal basis, searches with ranks and similarities, examinations, signatures, audit events. The case is closed
 * for good. A template of nothing (no pack, no numbers) takes the place of each, so that nothing can be compared with it.
 */
const NO_TEMPLATE = { pack_id: '', pipeline_version: '', vector: new Uint8Array(0) }

/** A case whose date has passed and that was not emptied. */
export interface DueCase {
  id: string
  number: string
  retentionUntil: string
  /** A legal hold keeps it. */
  held: boolean
  probes: number
}

/** @param today YYYY-MM-DD: cases are kept to the end of their day */
export async function dueCases(db: Db, today: string): Promise<DueCase[]> {
  const rows = await db
    .selectFrom('case_file')
    .selectAll()
    .where('retention_until', '<', today)
    .where('id', 'not in', db.selectFrom('emptied_case').select('case_id'))
    .orderBy('id')
    .execute()
  return Promise.all(
    rows.map(async (row) => {
      const { id, number, retention_until: until } = checkedRow('case_file', row, row.id)
      const { count } = await db
        .selectFrom('probe')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('case_id', '=', id)
        .executeTakeFirstOrThrow()
      return { id, number, retentionUntil: until!, held: await isCaseHeld(db, id), probes: count }
    }),
  )
}

/** Empties those that no hold keeps, each in a transaction of its own with its tombstone. @returns whether any was */
export async function emptyDueCases(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  due: readonly DueCase[],
  today: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  let emptied = false
  for (const { id, held } of due) {
    if (signal?.aborted === true) break
    if (held) continue
    if (await ctx.store.db.transaction().execute((tx) => emptyCase(tx, actor, id, today))) emptied = true
  }
  return emptied
}

async function emptyCase(tx: Tx, actor: Actor, id: string, today: string): Promise<boolean> {
  const row = await tx
    .selectFrom('case_file')
    .selectAll()
    .where('id', '=', id)
    .where('retention_until', '<', today)
    .where('id', 'not in', tx.selectFrom('emptied_case').select('case_id'))
    .executeTakeFirst()
  // The date or a hold may have changed since it was looked up.
  if (row === undefined || (await isCaseHeld(tx, id))) return false
  const caseFile = checkedRow('case_file', row, id)
  const tombstoneId = newId()
  const probes = await tx.selectFrom('probe').select(['id', 'sha256']).where('case_id', '=', id).execute()
  const faces = await eraseTemplates(tx, id)
  for (const probe of probes) {
    await tx.deleteFrom('probe_print').where('probe_id', '=', probe.id).execute()
    await changeRow(tx, 'probe', probe.id, { label: null })
  }
  await eraseWords(tx, caseFile)
  await leaveTombstone(tx, actor, {
    id: tombstoneId,
    kind: 'retention',
    reason: `date of the case ${caseFile.retention_until} passed`,
    agencyId: caseFile.agency_id,
    action: 'case.empty',
    media: probes.length,
    faces,
    sources: 0,
  })
  for (const probe of probes) {
    await tx.insertInto('erased_probe').values({ probe_id: probe.id, tombstone_id: tombstoneId }).execute()
    await tx
      .insertInto('pending_erasure')
      .values({ sha256: probe.sha256, tombstone_id: tombstoneId })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  await tx
    .insertInto('emptied_case')
    .values({ case_id: id, tombstone_id: tombstoneId, emptied_at: nowIso() })
    .execute()
  return true
}

/** @returns how many faces there were */
async function eraseTemplates(tx: Tx, caseId: string): Promise<number> {
  const faces = await tx
    .selectFrom('probe_face')
    .innerJoin('probe', 'probe.id', 'probe_face.probe_id')
    .select('probe_face.id')
    .where('probe.case_id', '=', caseId)
    .execute()
  for (const { id } of faces) await changeRow(tx, 'probe_face', id, NO_TEMPLATE)
  return faces.length
}

async function eraseWords(tx: Tx, { id, number }: CaseFileTable): Promise<void> {
  await tx
    .deleteFrom('candidate_note')
    .where('search_id', 'in', tx.selectFrom('search').select('id').where('case_id', '=', id))
    .execute()
  const reports = await tx
    .selectFrom('report')
    .select('id')
    .where('case_id', '=', id)
    .where('content', 'is not', null)
    .execute()
  for (const report of reports) await changeRow(tx, 'report', report.id, { content: null })
  // A title may name people.
  await changeRow(tx, 'case_file', id, { title: number, status: 'closed' })
}
