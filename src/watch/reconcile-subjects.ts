import { appendAuditEvent } from '../audit/append-event.ts'
import type { Context } from '../context.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { labelOf, type TemplateKind } from '../store/active-templates.ts'
import { feedEnd } from '../store/index-feed.ts'
import { nowIso } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { ScoreMeaning } from '../search/score-meaning.ts'
import type { StandingSearchTable } from '../store/tables/watch-tables.ts'
import { standingRows, subjectFaces } from './subject-faces.ts'
import { scoresOf } from './watch-context.ts'
import { WATCH_ACTOR } from '../alerts/watch-actor.ts'

/** Standing searches brought in line in one transaction. */
const SEARCHES_A_STEP = 25

/**
 * Brings what standing searches compare in line with the photos, links and probes that the record has now, for those
 * whose something changed; see the triggers in migrations/watch-tables.ts. Rows that are new are compared with everything
 * held next. A standing search that is paused or has ended compares nothing.
 * @returns whether anything was dirty
 */
export async function reconcileSubjects(ctx: Context, kind: TemplateKind): Promise<boolean> {
  const { db } = ctx.store
  await goOverTo(ctx, kind)
  let any = false
  for (;;) {
    const dirty = await db
      .selectFrom('standing_dirty')
      .select('search_id')
      .orderBy('search_id')
      .limit(SEARCHES_A_STEP)
      .execute()
    if (dirty.length === 0) return any
    any = true
    const stale = await staleThresholds(
      ctx,
      kind,
      dirty.map(({ search_id: id }) => id),
    )
    await db.transaction().execute(async (tx) => {
      for (const { search_id: id } of dirty) await reconcile(tx, id, kind, stale)
    })
  }
}

/**
 * When the record goes over to other templates: rows of the old ones go, every running standing search is made anew and
 * compared with everything held. Faces that have raised an alert raise none again: a hit is known by search and face.
 */
async function goOverTo(ctx: Context, kind: TemplateKind): Promise<void> {
  const label = labelOf(kind)
  const state = await ctx.store.db.selectFrom('watch_state').select('label').executeTakeFirstOrThrow()
  if (state.label === label) return
  await ctx.store.db.transaction().execute(async (tx) => {
    await tx.deleteFrom('standing_face').where('label', '!=', label).execute()
    await tx
      .insertInto('standing_dirty')
      .columns(['search_id'])
      .expression(tx.selectFrom('standing_search').select('id').where('state', '=', 'running'))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    // Whatever is held up to here, the rows made from now on are compared with by themselves.
    const { lastEntry } = await feedEnd(tx, label)
    await tx
      .insertInto('watch_cursor')
      .values({ name: label, reached: lastEntry })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ reached: lastEntry }))
      .execute()
    await tx.updateTable('watch_state').set({ label }).execute()
  })
}

/** What scores mean, when some of these standing searches have a threshold that was measured with other templates. */
async function staleThresholds(
  ctx: Context,
  kind: TemplateKind,
  ids: readonly string[],
): Promise<ScoreMeaning | undefined> {
  const stale = await ctx.store.db
    .selectFrom('standing_search')
    .select('id')
    .where('id', 'in', ids)
    .where('state', '=', 'running')
    .where('threshold_label', '!=', labelOf(kind))
    .executeTakeFirst()
  return stale === undefined ? undefined : scoresOf(ctx)
}

async function reconcile(
  tx: Tx,
  id: string,
  kind: TemplateKind,
  scores: ScoreMeaning | undefined,
): Promise<void> {
  const label = labelOf(kind)
  const row = await tx.selectFrom('standing_search').selectAll().where('id', '=', id).executeTakeFirst()
  if (row !== undefined) {
    const search = await withThresholdFor(tx, checkedRow('standing_search', row, id), label, scores)
    const isComparable = search.state === 'running' && search.threshold_label === label
    const faces = isComparable ? await subjectFaces(tx, search, kind) : []
    const wanted = standingRows(faces, search.comparison)
    const held = await tx.selectFrom('standing_face').selectAll().where('search_id', '=', id).execute()
    const wantedKeys = new Set(wanted.map(key))
    const gone = held.filter((face) => face.label !== label || !wantedKeys.has(key(face)))
    const heldKeys = new Set(held.filter((face) => !gone.includes(face)).map(key))
    const missing = wanted.filter((face) => !heldKeys.has(key(face)))
    if (gone.length > 0) {
      const seqs = gone.map(({ seq }) => seq)
      await tx.deleteFrom('standing_face').where('seq', 'in', seqs).execute()
    }
    if (missing.length > 0) {
      const rows = missing.map((face) => ({ ...face, search_id: id, label, held_at: null }))
      await tx.insertInto('standing_face').values(rows).execute()
    }
  }
  await tx.deleteFrom('standing_dirty').where('search_id', '=', id).execute()
}

/**
 * Another model pack's similarities are others: the threshold follows the share of strangers it was chosen for. One
 * that was given as a number, or that nobody can translate, pauses the standing search until somebody chooses anew.
 */
async function withThresholdFor(
  tx: Tx,
  search: StandingSearchTable,
  label: string,
  scores: ScoreMeaning | undefined,
): Promise<StandingSearchTable> {
  if (search.threshold_label === label || search.state !== 'running' || scores === undefined) return search
  const { false_match_rate: rate } = search
  const threshold = rate === null ? undefined : scores.similarityAt(rate)
  const changes =
    threshold === undefined
      ? { state: 'paused' as const, state_reason: 'other_templates' }
      : { threshold, threshold_label: label }
  const changed = await changeRow(tx, 'standing_search', search.id, {
    ...changes,
    changed_by: WATCH_ACTOR.name,
    changed_at: nowIso(),
  })
  await appendAuditEvent(tx, WATCH_ACTOR, {
    action: 'watch.new_templates',
    agencyId: search.agency_id,
    subject: `standing_search ${search.id}`,
    details: { templates: label, before: search.threshold, threshold: threshold ?? null },
  })
  return changed!
}

function key({ kind, origin }: { kind: string; origin: string }): string {
  return `${kind} ${origin}`
}
