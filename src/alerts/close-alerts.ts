import type { Actor } from '../actor/actor.ts'
import { appendAuditEvent } from '../audit/append-event.ts'
import { OPEN_ALERT_STATES } from '../contract/watch-words.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { nowIso } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'

/**
 * 'Not this person': open alerts on the person that rest on this face alone, or on others that are not the person's either,
 * are closed. The link keeps later ones away, whatever model pack finds them.
 */
export async function closeAlertsOnFace(
  tx: Tx,
  actor: Actor,
  { personId, faceId }: { personId: string; faceId: string },
): Promise<void> {
  const alerts = await tx
    .selectFrom('alert')
    .innerJoin('alert_hit', 'alert_hit.alert_id', 'alert.id')
    .select(['alert.id', 'alert.agency_id', 'alert.state'])
    .distinct()
    .where('alert.person_id', '=', personId)
    .where('alert_hit.face_id', '=', faceId)
    .where('alert.state', 'in', OPEN_ALERT_STATES)
    .execute()
  for (const { id, agency_id: agencyId, state } of alerts) {
    const other = await tx
      .selectFrom('alert_hit')
      .select('id')
      .where('alert_id', '=', id)
      .where('face_id', 'not in', (query) =>
        query
          .selectFrom('person_face')
          .select('face_id')
          .where('person_id', '=', personId)
          .where('link', '=', 'not_same'),
      )
      .executeTakeFirst()
    if (other !== undefined) continue
    await changeRow(tx, 'alert', id, {
      state: 'dismissed',
      closed_as: 'not_this_person',
      changed_by: actor.name,
      changed_at: nowIso(),
    })
    await appendAuditEvent(tx, actor, {
      action: 'alert.dismiss',
      agencyId,
      subject: `alert ${id}`,
      details: { as: 'not_this_person', before: state },
    })
  }
}
