import type { NoticeKind } from '../../contract/watch-words.ts'
import { type Row, blob, generated, integer, nullable, table, text } from './table.ts'

/** Something to be told; never a face or a name. */
export const NOTICE = table(
  {
    seq: generated(integer()),
    /** What receivers tell repeats by. */
    id: text(),
    agency_id: text({ references: 'agency (id)' }),
    kind: text<NoticeKind>({ oneOf: ['alert', 'escalation', 'review', 'summary'] }),
    /** Id of the alert or standing search; the day of a summary. */
    subject_id: text(),
    /** JSON of a summary's counts. */
    counts: nullable(text()),
    at: text(),
    /** When deliveries were made of it. */
    spread_at: nullable(text()),
  },
  {
    primaryKey: ['seq'],
    autoincrement: true,
    unique: [['id']],
    indexes: {
      notice_waiting: { on: ['seq'], where: 'spread_at is null' },
    },
  },
)
export type NoticeTable = Row<typeof NOTICE>

export const NOTICE_CHOICE = table(
  {
    account_id: text({ references: 'account (id)' }),
    alerts: integer(),
    summaries: integer(),
  },
  {
    primaryKey: ['account_id'],
  },
)

export const WEBHOOK = table(
  {
    id: text(),
    agency_id: text({ references: 'agency (id)' }),
    url: text(),
    /** Key of the signature; shown once, when it is made. */
    secret: text(),
    added_by: text(),
    added_at: text(),
    removed_by: nullable(text()),
    removed_at: nullable(text()),
    digest: blob(),
  },
  {
    indexes: {
      webhook_agency: { on: ['agency_id'] },
    },
  },
)
export type WebhookTable = Row<typeof WEBHOOK>

/** A message on its way to one receiver. */
export const DELIVERY = table(
  {
    id: text(),
    agency_id: text({ references: 'agency (id)' }),
    channel: text({ oneOf: ['email', 'webhook'] }),
    /** Account or webhook. */
    target_id: text(),
    /** JSON. */
    body: text(),
    state: text({ oneOf: ['waiting', 'sent', 'given_up'] }),
    attempts: integer(),
    next_at: text(),
    last_error: nullable(text()),
    made_at: text(),
    sent_at: nullable(text()),
  },
  {
    indexes: {
      delivery_waiting: { on: ['next_at'], where: "state = 'waiting'" },
    },
  },
)
export type DeliveryTable = Row<typeof DELIVERY>

export const AGENCY_SUMMARY = table(
  {
    agency_id: text({ references: 'agency (id)' }),
    day: text(),
  },
  {
    primaryKey: ['agency_id', 'day'],
    withoutRowid: true,
  },
)
