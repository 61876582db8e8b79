import { sql } from 'kysely'
import type { AccountActor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { recordEvent } from '../audit/append-event.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import type { Context } from '../context.ts'
import { OPEN_ALERT_STATES, type AlertState } from '../contract/watch-words.ts'
import { describeMedia, type FoundMedia } from '../media/describe-candidates.ts'
import type { Box } from '../engine/types.ts'
import type { ProbeTable } from '../store/tables/search-tables.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { AlertHitTable, AlertTable } from '../store/tables/watch-tables.ts'
import { personNames } from './list-standing-searches.ts'
import { findAlert, visibleAlerts } from './watch-scope.ts'

/** An alert with what is known now of whom and what it speaks of. */
export interface ShownAlert {
  alert: AlertTable
  person: { name: string | null; ref: string | null }
  /** Most similar first. */
  hits: ShownHit[]
  /** The photo; undefined once it was erased or the grant to its collection ended. */
  media: Omit<FoundMedia, 'faces'> | undefined
  probe:
    | (Pick<ProbeTable, 'id' | 'case_id' | 'label' | 'width_px' | 'height_px'> & { caseNumber: string })
    | undefined
}

export interface ShownHit extends AlertHitTable {
  /** Of the face in the photo; undefined with the photo. */
  box: Box | undefined
}

export interface AlertFilter {
  /** Undefined: all. */
  states: readonly AlertState[] | undefined
  personId: string | undefined
  ownerId: string | undefined
  /** Open and past their due time only. */
  isOverdue: boolean
  before: string | undefined
  limit: number
}

/** Alerts that the actor may see, newest first; the look is written into the audit log when there is one. @throws AppError `not_allowed` */
export async function listAlerts(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  filter: AlertFilter,
): Promise<ShownAlert[]> {
  authorize(actor, 'alert.read')
  const { db } = ctx.store
  let query = visibleAlerts(db, actor).selectAll('alert').orderBy('alert.id', 'desc').limit(filter.limit)
  if (filter.states !== undefined) query = query.where('alert.state', 'in', filter.states)
  if (filter.personId !== undefined) query = query.where('alert.person_id', '=', filter.personId)
  if (filter.ownerId !== undefined) query = query.where('alert.owner_id', '=', filter.ownerId)
  if (filter.before !== undefined) query = query.where('alert.id', '<', filter.before)
  if (filter.isOverdue) {
    query = query
      .where('alert.state', 'in', OPEN_ALERT_STATES)
      .where('alert.due_at', '<', new Date().toISOString())
  }
  const rows = await query.execute()
  if (rows.length > 0) {
    await recordEvent(db, actor, {
      action: 'alert.list',
      agencyId: agencyOf(actor),
      subject: undefined,
      // Which: who has seen an alert about a candidate, in a list too, is no blind verifier of it.
      details: { shown: rows.length, alerts: rows.map(({ id }) => id).join(' ') },
    })
  }
  return describeAlerts(
    db,
    actor,
    rows.map((row) => checkedRow('alert', row, row.id)),
  )
}

/** One alert; the look is written into the audit log. @throws AppError `not_allowed`, `not_found` */
export async function showAlert(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
  input: { id: string },
): Promise<ShownAlert> {
  authorize(actor, 'alert.read')
  const { db } = ctx.store
  const shown = await describedAlert(db, actor, input.id)
  await recordEvent(db, actor, {
    action: 'alert.look',
    agencyId: shown.alert.agency_id,
    subject: `alert ${input.id}`,
    ...(shown.probe === undefined ? {} : { caseId: shown.probe.case_id }),
    details: { hits: shown.hits.length },
  })
  return shown
}

/** The same for those who write their own event. @throws AppError `not_found` */
export async function describedAlert(db: Db, actor: AccountActor, id: string): Promise<ShownAlert> {
  const [shown] = await describeAlerts(db, actor, [await findAlert(db, actor, id)])
  return shown
}

/** How many wait, for the home page, the board and the stream of events. */
export interface AlertCounts {
  fresh: number
  open: number
  overdue: number
  mine: number
  /** Id of the newest; null when there is none. */
  newest: string | null
}

/** What somebody is told who is to hear of no alert. */
export const NO_ALERTS = { fresh: 0, open: 0, overdue: 0, mine: 0, newest: null, changed: null } as const

/** @throws AppError `not_allowed` */
export async function countVisibleAlerts(
  ctx: Pick<Context, 'store'>,
  actor: AccountActor,
): Promise<AlertCounts> {
  authorize(actor, 'alert.read')
  return countAlerts(ctx.store.db, actor)
}

async function countAlerts(db: Db, actor: AccountActor): Promise<AlertCounts> {
  const now = new Date().toISOString()
  const counts = await visibleAlerts(db, actor)
    .select(({ fn }) => [
      fn.countAll<number>().as('open'),
      fn.sum<number | null>(sql`alert.state = 'new'`).as('fresh'),
      fn.sum<number | null>(sql`alert.due_at < ${now}`).as('overdue'),
      fn.sum<number | null>(sql`alert.owner_id is ${actor.accountId}`).as('mine'),
    ])
    .where('alert.state', 'in', OPEN_ALERT_STATES)
    .executeTakeFirstOrThrow()
  const newest = await visibleAlerts(db, actor)
    .select('alert.id')
    .orderBy('alert.id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return {
    open: counts.open,
    fresh: counts.fresh ?? 0,
    overdue: counts.overdue ?? 0,
    mine: counts.mine ?? 0,
    newest: newest?.id ?? null,
  }
}

/**
 * Counts for somebody who is kept up to date: counted again when an alert of the agency was changed or a minute has passed,
 * so that asking often costs next to nothing.
 * @param db the service's reading connection will do
 */
export function followAlerts(
  db: Db,
  actor: AccountActor,
): () => Promise<AlertCounts & { changed: string | null }> {
  let stamp: string | undefined
  let counts: AlertCounts | undefined
  return async () => {
    const alerts = db.selectFrom('alert').where('agency_id', '=', agencyOf(actor))
    // One query each: of one greatest value SQLite reads one entry of an index, of two all of them.
    const last = await alerts.select(({ fn }) => fn.max('changed_at').as('at')).executeTakeFirst()
    const newest = await alerts.select(({ fn }) => fn.max('id').as('id')).executeTakeFirst()
    const changed = last?.at ?? null
    const now = `${new Date().toISOString().slice(0, 'YYYY-MM-DDTHH:MM'.length)} ${changed} ${newest?.id}`
    if (counts === undefined || now !== stamp) counts = await countAlerts(db, actor)
    stamp = now
    return { ...counts, changed }
  }
}

async function describeAlerts(
  db: Db,
  actor: AccountActor,
  alerts: readonly AlertTable[],
): Promise<ShownAlert[]> {
  const people = await personNames(
    db,
    alerts.map((alert) => alert.person_id),
  )
  const hits = await db
    .selectFrom('alert_hit')
    .selectAll()
    .where(
      'alert_id',
      'in',
      alerts.map(({ id }) => id),
    )
    .orderBy('similarity', 'desc')
    .execute()
  const agencyId = agencyOf(actor)
  const scope = { collections: await searchableCollections(db, agencyId, undefined), agencyId }
  const targets = alerts.flatMap(({ target_kind: kind, target_id: id }) =>
    kind === 'media' && id !== null ? [id] : [],
  )
  const media = await describeMedia(db, new Map(targets.map((id) => [id, null])), scope)
  const boxes = await faceBoxes(db, hits)
  return Promise.all(
    alerts.map(async (alert) => {
      const found = alert.target_kind === 'media' ? media.get(alert.target_id ?? '') : undefined
      const visible = found !== undefined && found.collections.length > 0 ? found : undefined
      const probe = alert.target_kind === 'probe' ? await probeOf(db, alert.target_id) : undefined
      const own = hits.filter(({ alert_id: id }) => id === alert.id)
      return {
        alert,
        person: people.get(alert.person_id) ?? { name: null, ref: null },
        hits: own.map((hit) => ({
          ...checkedRow('alert_hit', hit, hit.id),
          box: visible === undefined && probe === undefined ? undefined : boxes.get(hit.face_id),
        })),
        media: visible,
        probe,
      }
    }),
  )
}

async function probeOf(db: Db, id: string | null): Promise<ShownAlert['probe']> {
  const row = await db
    .selectFrom('probe')
    .innerJoin('case_file', 'case_file.id', 'probe.case_id')
    .select([
      'probe.id',
      'probe.case_id',
      'probe.label',
      'probe.width_px',
      'probe.height_px',
      'case_file.number',
    ])
    .where('probe.id', '=', id)
    .executeTakeFirst()
  return row && { ...row, caseNumber: row.number }
}

async function faceBoxes(db: Db, hits: readonly AlertHitTable[]): Promise<Map<string, Box>> {
  const ids = [...new Set(hits.map(({ face_id: id }) => id))]
  const faces = await db
    .selectFrom('face')
    .select(['id', 'box_x_px as x', 'box_y_px as y', 'box_width_px as width', 'box_height_px as height'])
    .where('id', 'in', ids)
    .execute()
  const probes = await db.selectFrom('probe_face').select(['id', 'box']).where('id', 'in', ids).execute()
  return new Map([
    ...faces.map(({ id, ...box }): [string, Box] => [id, box]),
    ...probes.map(({ id, box }): [string, Box] => [id, JSON.parse(box) as Box]),
  ])
}
