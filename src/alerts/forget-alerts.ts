import { sql } from 'kysely'
import { changeRow } from '../store/tables/change-row.ts'
import { nowIso } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'
import { OPEN_ALERT_STATES } from '../contract/watch-words.ts'
import { WATCH_ACTOR } from './watch-actor.ts'

/**
 * What alerts say of media that are being erased goes with them; the alert stays and says that there was one. Hits that
 * rest on a face of theirs as one of the person's own go too. Call it before the faces go.
 */
export async function forgetFacesInAlerts(tx: Tx, mediaIds: readonly string[]): Promise<void> {
  const alerts = await tx
    .selectFrom('alert')
    .select('id')
    .where('target_kind', '=', 'media')
    .where('target_id', 'in', mediaIds)
    .execute()
  const rested = await tx
    .selectFrom('alert_hit')
    .innerJoin('face', 'face.id', 'alert_hit.subject_id')
    .select(['alert_hit.id', 'alert_hit.alert_id'])
    .where('face.media_id', 'in', mediaIds)
    .execute()
  for (const { id } of alerts) await tx.deleteFrom('alert_hit').where('alert_id', '=', id).execute()
  for (const { id } of rested) await tx.deleteFrom('alert_hit').where('id', '=', id).execute()
  const gone = new Set([...alerts.map(({ id }) => id), ...rested.map(({ alert_id: id }) => id)])
  for (const id of gone) await emptyAlert(tx, id)
}

/** An alert without a hit left says only that there was one. */
export async function emptyAlert(tx: Tx, id: string): Promise<void> {
  const hit = await tx.selectFrom('alert_hit').select('id').where('alert_id', '=', id).executeTakeFirst()
  if (hit !== undefined) return
  const alert = await tx.selectFrom('alert').select('state').where('id', '=', id).executeTakeFirstOrThrow()
  const isOpen = OPEN_ALERT_STATES.includes(alert.state)
  await changeRow(tx, 'alert', id, {
    target_id: null,
    gone_at: nowIso(),
    reason: null,
    ...(isOpen
      ? { state: 'dismissed', closed_as: 'erased', changed_by: WATCH_ACTOR.name, changed_at: nowIso() }
      : {}),
  })
}

/** Removes a person's standing searches with their alerts; for the person's erasure. */
export async function removeStandingSearches(tx: Tx, personId: string): Promise<void> {
  const alerts = sql`(select id from alert where person_id = ${personId})`
  const searches = sql`(select id from standing_search where person_id = ${personId})`
  await sql`delete from notice where subject_id in ${alerts} or subject_id in ${searches}`.execute(tx)
  await sql`delete from alert_hit where alert_id in ${alerts} or search_id in ${searches}`.execute(tx)
  await tx.deleteFrom('alert').where('person_id', '=', personId).execute()
  await sql`delete from standing_face where search_id in ${searches}`.execute(tx)
  await sql`delete from standing_dirty where search_id in ${searches}`.execute(tx)
  await tx.deleteFrom('standing_search').where('person_id', '=', personId).execute()
}
