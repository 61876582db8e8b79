import type { RecipientKind } from '../contract/identification-words.ts'
import type { Db } from '../store/database/db.ts'
import { checkedRow } from '../store/tables/row-digest.ts'

/** Somebody who was given something of an identification. */
export interface NotifiedParty {
  by: 'report' | 'transmittal'
  /** Of the report or transmittal. */
  id: string
  recipientKind: RecipientKind
  recipient: string
  /** When, and by whom it was given. */
  at: string
  givenBy: string
  /** Who took it, where a receipt says so. */
  receivedBy: string | null
}

/** Everyone who was given a report of it, or something was transmitted to, oldest first. */
export async function notifiedParties(db: Db, identificationId: string): Promise<NotifiedParty[]> {
  const reports = await db
    .selectFrom('report')
    .selectAll()
    .where('identification_id', '=', identificationId)
    .execute()
  const transmittals = await db
    .selectFrom('transmittal')
    .selectAll()
    .where('identification_id', '=', identificationId)
    .execute()
  const told: NotifiedParty[] = [
    ...reports.map((row) => {
      const { id, recipient_kind, recipient, made_at, made_by } = checkedRow('report', row, row.id)
      return {
        by: 'report' as const,
        id,
        recipientKind: recipient_kind,
        recipient,
        at: made_at,
        givenBy: made_by,
        receivedBy: null,
      }
    }),
    ...transmittals.map((row) => {
      const { id, recipient_kind, recipient, sent_at, sent_by, received_by } = checkedRow(
        'transmittal',
        row,
        row.id,
      )
      return {
        by: 'transmittal' as const,
        id,
        recipientKind: recipient_kind,
        recipient,
        at: sent_at,
        givenBy: sent_by,
        receivedBy: received_by,
      }
    }),
  ]
  return told.toSorted((a, b) => (a.at < b.at ? -1 : 1))
}
