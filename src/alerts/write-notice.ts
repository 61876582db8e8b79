import { newId } from '../store/ids.ts'
import type { Tx } from '../store/database/db.ts'
import type { NoticeTable } from '../store/tables/notice-tables.ts'

/**
 * [Note: notices]
 * Whatever is to be told is a row, written in the transaction in which it comes to be. The service makes of it one message
 * for each receiver, in one transaction that marks it as spread; each message is a row too, tried until it is taken or has
 * been tried for days. So a process may die at any moment and nothing is lost; a message may come twice, and has an id by
 * which receivers tell. A message holds ids, counts and a link: no face, no name, nothing of a case.
 */
export async function writeNotice(
  tx: Tx,
  notice: { agencyId: string; kind: NoticeTable['kind']; subjectId: string; at: string; counts?: object },
): Promise<void> {
  const row = {
    id: newId(),
    agency_id: notice.agencyId,
    kind: notice.kind,
    subject_id: notice.subjectId,
    counts: notice.counts === undefined ? null : JSON.stringify(notice.counts),
    at: notice.at,
    spread_at: null,
  }
  await tx.insertInto('notice').values(row).execute()
}
