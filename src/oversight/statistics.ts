import { sql } from 'kysely'
import type { Actor } from '../actor/actor.ts'
import { authorize } from '../actor/policy.ts'
import { recordEvent } from '../audit/append-event.ts'
import type { CasePurpose } from '../contract/case-purposes.ts'
import type { Context } from '../context.ts'

/** Searches of one agency for one purpose in one month. */
export interface SearchCount {
  /** YYYY-MM, UTC. */
  month: string
  agency: string
  purpose: CasePurpose
  withCandidates: number
  withoutCandidate: number
}

export interface Statistics {
  searches: SearchCount[]
  /** 1:1 verifications. */
  verifications: { month: string; agency: string; purpose: CasePurpose; alike: number; notAlike: number }[]
  /** Other acts that oversight asks for, by what they are. */
  acts: { month: string; agency: string; action: string; count: number }[]
}

/** Acts that are counted besides: refusals, unblurred pictures, exports, erasures, legal holds, cut-offs, findings, enquiries. */
const COUNTED_ACTS = [
  'access.refuse',
  'face.reveal',
  'media.reveal',
  'audit.export',
  'media.erase',
  'retention.erase',
  'hold.impose',
  'hold.lift',
  'suspension.impose',
  'review.find',
  'people.import',
  'people.export',
  'poster.make',
  'enquiry.open',
  'enquiry.answer',
  'watch.set_up',
  'alert.lead',
  'alert.dismiss',
  'alert.not_this_person',
  'alert.escalate',
]

/**
 * Counts for a transparency report: of the actor's agency, or of all for the operator of the machine. No names of people,
 * no cases.
 * @param input times, ISO; `until` is left out itself
 */
export async function statistics(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: { since: string; until: string },
): Promise<Statistics> {
  authorize(actor, 'statistics.read')
  const { db } = ctx.store
  const agencyId = actor.kind === 'account' ? actor.agencyId : undefined
  const month = sql<string>`substr(at, 1, 7)`
  let searches = db
    .selectFrom('search')
    .innerJoin('agency', 'agency.id', 'search.agency_id')
    .select(({ fn }) => [
      month.as('month'),
      'agency.name as agency',
      'search.purpose',
      fn.sum<number>(sql`candidate_count > 0`).as('withCandidates'),
      fn.sum<number>(sql`candidate_count = 0`).as('withoutCandidate'),
    ])
    .where('at', '>=', input.since)
    .where('at', '<', input.until)
    .groupBy(['month', 'agency.name', 'search.purpose'])
    .orderBy('month')
  let verifications = db
    .selectFrom('comparison')
    .innerJoin('agency', 'agency.id', 'comparison.agency_id')
    .select(({ fn }) => [
      month.as('month'),
      'agency.name as agency',
      'comparison.purpose',
      fn.sum<number>(sql`similarity >= threshold`).as('alike'),
      fn.sum<number>(sql`similarity < threshold`).as('notAlike'),
    ])
    .where('at', '>=', input.since)
    .where('at', '<', input.until)
    .groupBy(['month', 'agency.name', 'comparison.purpose'])
    .orderBy('month')
  let acts = db
    .selectFrom('audit_event')
    .innerJoin('agency', 'agency.id', 'audit_event.agency_id')
    .select(({ fn }) => [
      month.as('month'),
      'agency.name as agency',
      'audit_event.action',
      // Refusals that were counted are one event; see [Note: refusals].
      fn.sum<number>(sql`coalesce(json_extract(details, '$.times'), 1)`).as('count'),
    ])
    .where('action', 'in', COUNTED_ACTS)
    .where('at', '>=', input.since)
    .where('at', '<', input.until)
    .groupBy(['month', 'agency.name', 'audit_event.action'])
    .orderBy('month')
  if (agencyId !== undefined) {
    searches = searches.where('search.agency_id', '=', agencyId)
    verifications = verifications.where('comparison.agency_id', '=', agencyId)
    acts = acts.where('audit_event.agency_id', '=', agencyId)
  }
  const counted = {
    searches: await searches.execute(),
    verifications: await verifications.execute(),
    acts: await acts.execute(),
  }
  await recordEvent(db, actor, {
    action: 'statistics.read',
    agencyId,
    subject: undefined,
    details: { since: input.since, until: input.until },
  })
  return counted
}
