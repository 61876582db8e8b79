import type { Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import type { Context } from '../context.ts'
import type { Permission } from '../contract/roles.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { AuditEventTable } from '../store/tables/audit-tables.ts'
import { findCase } from './case-scope.ts'

/** What happened in a case, without who looked at what: that is oversight's. */
const ACTS = [
  'case.create',
  'case.change',
  'case.add_access',
  'case.remove_access',
  'probe.add',
  'probe.derive',
]
/** Only for those who may read searches. */
const SEARCH_ACTS = ['search.run', 'candidate.mark', 'candidate.note', 'candidate.remove_note']
const VERIFICATION_ACTS = ['verification.run']

export interface TimelineEvent extends Pick<AuditEventTable, 'seq' | 'at' | 'actor' | 'action' | 'subject'> {
  details: Record<string, unknown>
}

/** What was done in a case, newest first, as the audit log has it. @param input.before number of the last event seen */
export async function showTimeline(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { caseId: string; before: number | undefined; limit: number },
): Promise<TimelineEvent[]> {
  authorize(actor, 'case.read')
  const { db } = ctx.store
  const row = await findCase(db, actor, input.caseId)
  const may = (permission: Permission): boolean =>
    actor.kind === 'operator' || actor.permissions.has(permission)
  const actions = [
    ...ACTS,
    ...(may('search.read') ? SEARCH_ACTS : []),
    ...(may('verification.run') ? VERIFICATION_ACTS : []),
  ]
  let query = db
    .selectFrom('audit_event')
    .selectAll()
    .where('case_id', '=', row.id)
    .where('action', 'in', actions)
    .where('outcome', '=', 'done')
    .orderBy('seq', 'desc')
    .limit(input.limit)
  if (input.before !== undefined) query = query.where('seq', '<', input.before)
  return (await query.execute()).map((event) => {
    const {
      seq,
      at,
      actor: who,
      action,
      subject,
      details,
    } = checkedRow('audit_event', event, String(event.seq))
    return {
      seq,
      at,
      actor: who,
      action,
      subject,
      details: details === null ? {} : (JSON.parse(details) as Record<string, unknown>),
    }
  })
}
