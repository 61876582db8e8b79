import { witnessCheckpoint } from '../../audit/anchors/witness-checkpoint.ts'
import { readLastSigned } from '../../audit/last-signed.ts'
import { exportLog, readLog } from '../../audit/read-log.ts'
import { verifyLog } from '../../audit/verify-log.ts'
import type { auditEndpoints } from '../../contract/audit-endpoints.ts'
import type { AuditEventTable } from '../../store/tables/audit-tables.ts'
import type { HandlersOf } from '../handlers.ts'
import type { HttpContext } from '../http-context.ts'
import { nextOf, placeOf } from '../pages.ts'

/** The audit log. */
export function auditRoutes(ctx: HttpContext): HandlersOf<typeof auditEndpoints> {
  return {
    async readAudit({ actor, query: { cursor, limit, ...filter } }) {
      const before = placeOf(cursor)
      const rows = await readLog(ctx, actor, { ...given(filter), before, limit })
      return { items: rows.map(eventReply), next: nextOf(rows, limit, ({ seq }) => String(seq)) }
    },
    verifyAudit: async ({ actor }) =>
      verifyLog(ctx, actor, {
        publicKey: ctx.signingKey.publicKey,
        lastSigned: readLastSigned(ctx.signingKey),
      }),
    witnessCheckpoint: async ({ actor, body }) => witnessCheckpoint(ctx, actor, body),
    exportAudit: async ({ actor, query }) => exportLog(ctx, actor, { ...given(query), key: ctx.signingKey }),
  }
}

/** Without the members that are undefined. */
function given<Values extends object>(values: Values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Values]?: Exclude<Values[Name], undefined>
  }
}

function eventReply(row: AuditEventTable) {
  return {
    seq: row.seq,
    at: row.at,
    actor: row.actor,
    accountId: row.account_id,
    roles: row.roles,
    agencyId: row.agency_id,
    action: row.action,
    subject: row.subject,
    caseId: row.case_id,
    purpose: row.purpose,
    outcome: row.outcome,
    requestId: row.request_id,
    address: row.address,
    details: row.details === null ? null : (JSON.parse(row.details) as Record<string, unknown>),
    chainHash: row.chain_hash,
  }
}
