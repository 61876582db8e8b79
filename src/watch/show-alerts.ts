import type { AccountActor } from '../access/actor.ts'
import { agencyOf, authorize } from '../access/policy.ts'
import { recordEvent } from '../audit/append-event.ts'
import { searchableCollections } from '../collections/searchable-collections.ts'
import type { Context } from '../context.ts'
import { OPEN_ALERT_STATES, type AlertState } from '../contract/watch-words.ts'
import { describeMedia, type FoundMedia } from '../search/describe-candidates.ts'
import type { Box } from '../engine/types.ts'
import type { ProbeTable } from '../store/probe-schema.ts'
import type { Db } from '../store/record.ts'
import { checkedRow } from '../store/row-digest.ts'
import type { AlertHitTable, AlertTable } from '../store/watch-schema.ts'
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
  /** The person's face that it is alike: undefined when it was fused of several, or is gone. */
  subject: { widthPx: number; heightPx: number; box: Box } | undefined
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

/** Alerts that the actor may see, newest first. @throws AppError `not_allowed` */
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
  const [shown] = await describeAlerts(db, actor, [await findAlert(db, actor, input.id)])
  await recordEvent(db, actor, {
    action: 'alert.look',
    agencyId: shown.alert.agency_id,
    subject: `alert ${input.id}`,
    ...(shown.probe === undefined ? {} : { caseId: shown.probe.case_id }),
    details: { hits: shown.hits.length },
  })
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

/** @param db the service's reading connection will do */
export async function countAlerts(db: Db, actor: AccountActor): Promise<AlertCounts> {
  const rows = await visibleAlerts(db, actor)
    .select(['alert.state', 'alert.owner_id', 'alert.due_at'])
    .where('alert.state', 'in', OPEN_ALERT_STATES)
    .execute()
  const newest = await visibleAlerts(db, actor)
    .select(({ fn }) => fn.max('alert.id').as('id'))
    .executeTakeFirst()
  const now = new Date().toISOString()
  return {
    fresh: rows.filter(({ state }) => state === 'new').length,
    open: rows.length,
    overdue: rows.filter(({ due_at: due }) => due < now).length,
    mine: rows.filter(({ owner_id: owner }) => owner === actor.accountId).length,
    newest: newest?.id ?? null,
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
  const subjects = await subjectBoxes(db, hits)
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
          subject: subjects.get(hit.subject_id),
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

async function subjectBoxes(
  db: Db,
  hits: readonly AlertHitTable[],
): Promise<Map<string, NonNullable<ShownHit['subject']>>> {
  const ids = [...new Set(hits.map(({ subject_id: id }) => id))]
  const photos = await db
    .selectFrom('person_photo')
    .select(['id', 'width_px', 'height_px', 'box'])
    .where('id', 'in', ids)
    .execute()
  return new Map(
    photos.map((photo) => [
      photo.id,
      { widthPx: photo.width_px, heightPx: photo.height_px, box: JSON.parse(photo.box) as Box },
    ]),
  )
}
