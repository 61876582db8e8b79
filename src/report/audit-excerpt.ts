import type { SelectQueryBuilder } from 'kysely'
import { newestCheckpoint } from '../audit/sign-log.ts'
import type { Standing } from '../identification/standing.ts'
import type { Db } from '../store/database/db.ts'
import type { AuditEventTable } from '../store/tables/audit-tables.ts'
import type { RecordTables } from '../store/tables/record-tables.ts'
import { checkedRow } from '../store/tables/row-digest.ts'
import type { ReportContent } from './report-content.ts'

/** Events of one report at most; looks at pictures make most of them. */
const MAX_EVENTS = 2000

/** Ids that events about an identification name. */
export function subjectsOf(standing: Standing): string[] {
  const { identification: row, examinations, verifications } = standing
  return [
    `identification ${row.id}`,
    `search ${row.search_id}`,
    ...examinations.map(({ examination }) => `examination ${examination.id}`),
    ...verifications.map(({ id }) => `verification ${id}`),
  ]
}

/** Events of the audit log about an identification and what belongs to it, the oldest first. */
export function eventsAbout(
  db: Db,
  standing: Standing,
): SelectQueryBuilder<RecordTables, 'audit_event', AuditEventTable> {
  return db
    .selectFrom('audit_event')
    .selectAll()
    .where('case_id', '=', standing.identification.case_id)
    .where('subject', 'in', subjectsOf(standing))
    .orderBy('seq')
}

/** What the audit log has of an identification, with the hash of each event, and the last signed checkpoint. */
export async function auditExcerpt(db: Db, standing: Standing): Promise<ReportContent['audit']> {
  const rows = await eventsAbout(db, standing).limit(MAX_EVENTS).execute()
  const checkpoint = await newestCheckpoint(db)
  return {
    events: rows.map((row) => {
      const { seq, at, actor, action, subject, outcome, chain_hash } = checkedRow(
        'audit_event',
        row,
        String(row.seq),
      )
      return { seq, at, actor, action, subject, outcome, chainHash: chain_hash }
    }),
    checkpoint:
      checkpoint === undefined
        ? null
        : {
            seq: checkpoint.seq,
            chainHash: checkpoint.chain_hash,
            at: checkpoint.at,
            keyId: checkpoint.key_id,
            signature: checkpoint.signature,
          },
  }
}
