import { sql } from 'kysely'
import type { Actor } from '../actor/actor.ts'
import { agencyOf, authorize } from '../actor/policy.ts'
import { casesKeptBlind } from '../actor/blind-scope.ts'
import type { Context } from '../context.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { AuditEventTable } from '../store/tables/audit-tables.ts'
import { appendAuditEvent, recordEvent } from './append-event.ts'
import { checkpointFile, readCheckpoints } from './checkpoints.ts'
import type { SigningKey } from './signing-key.ts'

const EXPORT_PAGE = 500

export interface AuditFilter {
  accountId?: string
  caseId?: string
  /** An action, or its beginning: 'case.' */
  action?: string
  outcome?: AuditEventTable['outcome']
  /** Times, ISO; `until` is left out itself. */
  since?: string
  until?: string
}

/**
 * Events of the auditor's agency, newest first. The reading is written down itself, as one event that names the cases whose
 * events were shown: whoever has read of a matter is no blind verifier of it.
 * @param before events with lower numbers only
 */
export async function readLog(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: AuditFilter & { before: number | undefined; limit: number },
): Promise<AuditEventTable[]> {
  authorize(actor, 'audit.read')
  return ctx.store.db.transaction().execute(async (tx) => {
    let query = matching(tx, actor, input).orderBy('seq', 'desc').limit(input.limit)
    if (input.before !== undefined) query = query.where('seq', '<', input.before)
    const rows = await query.execute()
    if (rows.length > 0) {
      const cases = new Set(rows.flatMap(({ case_id: id }) => id ?? []))
      await appendAuditEvent(tx, actor, {
        action: 'audit.read',
        agencyId: undefined,
        subject: undefined,
        ...(input.caseId === undefined ? {} : { caseId: input.caseId }),
        details: { shown: rows.length, cases: [...cases].join(' ') },
      })
    }
    return rows.map((row) => checkedRow('audit_event', row, String(row.seq)))
  })
}

/**
 * The log as JSON lines with what proves it: the public key, every event that the auditor may see, of all others their
 * number and hash (so that the chain can be followed), then the checkpoints.
 */
export async function* exportLog(
  ctx: Pick<Context, 'store'>,
  actor: Actor,
  input: AuditFilter & { key: SigningKey },
): AsyncGenerator<string> {
  authorize(actor, 'audit.read')
  const { db, dataFolder } = ctx.store
  await recordEvent(db, actor, {
    action: 'audit.export',
    agencyId: undefined,
    subject: undefined,
    ...(input.caseId === undefined ? {} : { caseId: input.caseId }),
    details: undefined,
  })
  const publicKey = input.key.publicKey.export({ type: 'spki', format: 'pem' })
  yield line({ kind: 'key', id: input.key.id, publicKey })
  for (let after = 0; ;) {
    const page = await db
      .selectFrom('audit_event')
      .select(['seq', 'chain_hash'])
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(EXPORT_PAGE)
      .execute()
    if (page.length === 0) break
    const last = page[page.length - 1].seq
    const visible = await matching(db, actor, input)
      .where('seq', '>', after)
      .where('seq', '<=', last)
      .execute()
    const events = new Map(visible.map((event) => [event.seq, event]))
    for (const { seq, chain_hash } of page) {
      const event = events.get(seq)
      if (event === undefined) yield line({ kind: 'withheld', seq, chain_hash })
      else {
        const { digest: _digest, ...facts } = event
        yield line({ kind: 'event', ...facts })
      }
    }
    after = last
  }
  for (const checkpoint of readCheckpoints(checkpointFile(dataFolder)))
    yield line({ kind: 'checkpoint', ...checkpoint })
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}

/**
 * An auditor sees what concerns their agency, without cases that they are a blind verifier for; the operator of the machine
 * sees all.
 */
function matching(db: Db, actor: Actor, filter: AuditFilter) {
  let query = db.selectFrom('audit_event').selectAll()
  if (actor.kind === 'account') {
    const blind = casesKeptBlind(db, actor.accountId)
    query = query
      .where('agency_id', '=', agencyOf(actor))
      .where((where) => where.or([where('case_id', 'is', null), where('case_id', 'not in', blind)]))
  }
  if (filter.accountId !== undefined) query = query.where('account_id', '=', filter.accountId)
  if (filter.caseId !== undefined) query = query.where('case_id', '=', filter.caseId)
  if (filter.action !== undefined) {
    // A range instead of LIKE: no wildcard in what was given has a meaning.
    query = query.where('action', '>=', filter.action).where('action', '<', `${filter.action}\u{10ffff}`)
  }
  if (filter.outcome !== undefined) query = query.where('outcome', '=', filter.outcome)
  // Said again for the index of those, which SQLite takes only where its own condition stands.
  if (filter.outcome !== undefined && filter.outcome !== 'done')
    query = query.where('outcome', '<>', sql.lit('done'))
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since)
  if (filter.until !== undefined) query = query.where('at', '<', filter.until)
  return query
}
