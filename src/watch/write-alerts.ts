import { setImmediate as nextTurn } from 'node:timers/promises'
import { appendAuditEvent } from '../audit/append-event.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import { OPEN_ALERT_STATES } from '../contract/watch-words.ts'
import { writeNotice } from '../alerts/write-notice.ts'
import type { ScoreMeaning } from '../search/score-meaning.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { newId } from '../store/ids.ts'
import type { Db, Tx } from '../store/database/db.ts'
import { checkedRow, withDigest } from '../store/tables/row-digest.ts'
import type { AlertTable } from '../store/tables/watch-tables.ts'
import { WATCH_ACTOR } from '../alerts/watch-actor.ts'
import type { Reached, WatchedSearch } from './watch-set.ts'
import { dayAt } from '../contract/dates.ts'

const HOUR_MS = 3_600_000
/** Hits written before the event loop gets a turn: some 5 ms. */
const HITS_A_TURN = 12

/** A face in a photo, and what it reached. */
export interface FoundFace {
  target: { kind: 'media' | 'probe'; id: string }
  faceId: string
  reached: Reached
}

/** The collections whose faces a standing search of an agency may see, as grants are now. */
export class WatchedCollections {
  readonly #db: Db
  readonly #open = new Map<string, Set<string>>()

  constructor(db: Db) {
    this.#db = db
  }

  async of(search: WatchedSearch): Promise<Set<string>> {
    let open = this.#open.get(search.agency_id)
    if (open === undefined) {
      const rows = await searchableCollections(this.#db, search.agency_id, undefined)
      open = new Set(rows.map(({ id }) => id))
      this.#open.set(search.agency_id, open)
    }
    if (search.collections === null) return open
    const chosen = JSON.parse(search.collections) as string[]
    return new Set(chosen.filter((id) => open.has(id)))
  }
}

/** Whether a standing search still runs on a day: its end date is the last one. @param nowMs Unix time */
export function runsOn({ state, ends_on: endsOn }: WatchedSearch, nowMs: number): boolean {
  return state === 'running' && endsOn >= dayAt(nowMs)
}

/**
 * Writes alerts of faces that were found, in the transaction that also notes down how far matching has come. One alert a
 * person and photo; what is found there later joins it. A pair of standing search and face is written once, ever. Nothing is
 * raised for a face that an examiner has linked with the person or said not to be theirs.
 * @returns alerts raised or opened again
 */
export async function writeAlerts(
  tx: Tx,
  found: readonly FoundFace[],
  { label, scores, nowMs }: { label: string; scores: ScoreMeaning; nowMs: number },
): Promise<number> {
  const raised = new Map<string, { alerts: number; hits: number }>()
  for (const [number, { target, faceId, reached }] of bestOfEach(found).entries()) {
    if (number % HITS_A_TURN === HITS_A_TURN - 1) await nextTurn()
    const { search, row, similarity } = reached
    if (!runsOn(search, nowMs) || (await isSettled(tx, search, faceId))) continue
    const { alert, isRaised } = await alertFor(tx, search, target, faceId, nowMs)
    const hit = withDigest('alert_hit', {
      id: newId(),
      alert_id: alert.id,
      search_id: search.id,
      face_id: faceId,
      subject_kind: row.kind,
      subject_id: row.origin,
      similarity,
      threshold: search.threshold,
      false_match_rate: scores.falseMatchRate(similarity)?.value ?? null,
      measured_pairs: scores.pairs ?? null,
      label,
      found_at: new Date(nowMs).toISOString(),
    })
    await tx.insertInto('alert_hit').values(hit).execute()
    const counts = raised.get(search.agency_id) ?? { alerts: 0, hits: 0 }
    raised.set(search.agency_id, { alerts: counts.alerts + (isRaised ? 1 : 0), hits: counts.hits + 1 })
  }
  for (const [agencyId, counts] of raised) {
    await appendAuditEvent(tx, WATCH_ACTOR, {
      action: 'alert.raise',
      agencyId,
      subject: undefined,
      details: { ...counts, templates: label },
    })
  }
  return [...raised.values()].reduce((sum, { alerts }) => sum + alerts, 0)
}

/** Of several templates of one standing search that a face reached, the most similar. */
function bestOfEach(found: readonly FoundFace[]): FoundFace[] {
  const best = new Map<string, FoundFace>()
  for (const face of found) {
    const key = `${face.reached.search.id} ${face.faceId}`
    const other = best.get(key)
    if (other === undefined || face.reached.similarity > other.reached.similarity) best.set(key, face)
  }
  return [...best.values()]
}

/** Whether this pair was written before, or people have decided about face and person. */
async function isSettled(tx: Tx, search: WatchedSearch, faceId: string): Promise<boolean> {
  const known = await tx
    .selectFrom('alert_hit')
    .select('id')
    .where('search_id', '=', search.id)
    .where('face_id', '=', faceId)
    .executeTakeFirst()
  if (known !== undefined) return true
  const link = await tx
    .selectFrom('person_face')
    .select(['link', 'origin'])
    .where('person_id', '=', search.person_id)
    .where('face_id', '=', faceId)
    .executeTakeFirst()
  return link !== undefined && (link.link === 'not_same' || link.origin === 'examiner')
}

async function alertFor(
  tx: Tx,
  search: WatchedSearch,
  target: FoundFace['target'],
  faceId: string,
  nowMs: number,
): Promise<{ alert: Pick<AlertTable, 'id'>; isRaised: boolean }> {
  const known = await tx
    .selectFrom('alert')
    .selectAll()
    .where('person_id', '=', search.person_id)
    .where('target_kind', '=', target.kind)
    .where('target_id', '=', target.id)
    .executeTakeFirst()
  const now = new Date(nowMs).toISOString()
  const due = new Date(nowMs + search.due_hours * HOUR_MS).toISOString()
  if (known === undefined) {
    const alert = withDigest('alert', {
      id: newId(),
      agency_id: search.agency_id,
      person_id: search.person_id,
      target_kind: target.kind,
      target_id: target.id,
      state: 'new' as const,
      owner_id: null,
      owner: null,
      raised_at: now,
      due_at: due,
      escalated_at: null,
      closed_as: null,
      reason: null,
      identification_id: null,
      changed_by: WATCH_ACTOR.name,
      changed_at: now,
      gone_at: null,
    })
    await tx.insertInto('alert').values(alert).execute()
    await writeNotice(tx, { agencyId: search.agency_id, kind: 'alert', subjectId: alert.id, at: now })
    return { alert, isRaised: true }
  }
  const alert = checkedRow('alert', known, known.id)
  if (OPEN_ALERT_STATES.includes(alert.state) || alert.state === 'led_to_lead')
    return { alert, isRaised: false }
  // Closed: another face of the photo is another matter; another standing search's hit on the same face is not.
  const sameFace = await tx
    .selectFrom('alert_hit')
    .select('id')
    .where('alert_id', '=', alert.id)
    .where('face_id', '=', faceId)
    .executeTakeFirst()
  if (sameFace !== undefined) return { alert, isRaised: false }
  await changeRow(tx, 'alert', alert.id, {
    state: 'new',
    closed_as: null,
    due_at: due,
    escalated_at: null,
    changed_by: WATCH_ACTOR.name,
    changed_at: now,
  })
  await writeNotice(tx, { agencyId: search.agency_id, kind: 'alert', subjectId: alert.id, at: now })
  return { alert, isRaised: true }
}
