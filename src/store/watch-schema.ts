import type { Generated, Selectable } from 'kysely'
import type { CasePurpose } from '../contract/case-purposes.ts'
import type { AlertState, ClosedAs, Comparison, NoticeKind, StandingState } from '../contract/watch-words.ts'

/** Tables of standing searches, alerts and notices; see migrations/watch-tables.ts. */
export interface WatchTables {
  standing_search: StandingSearchTable
  standing_face: StandingFaceTable
  standing_dirty: { search_id: string }
  watch_state: WatchStateTable
  watch_cursor: { name: string; reached: number }
  probe_face_feed: { seq: Generated<number>; probe_face_id: string }
  alert: AlertTable
  alert_hit: AlertHitTable
  notice: NoticeTable
  notice_choice: { account_id: string; alerts: number; summaries: number }
  webhook: WebhookTable
  delivery: DeliveryTable
  agency_summary: { agency_id: string; day: string }
}

/** Every face enrolled from now on, and everything held, is compared with a person's faces. */
export interface StandingSearchTable {
  id: string
  agency_id: string
  person_id: string
  case_id: string | null
  purpose: CasePurpose
  legal_basis: string
  /** JSON of ids; null: all that the agency may search, those of the future too. */
  collections: string | null
  /** Several faces of the person one by one, the best counting, or as one fused template. */
  comparison: Comparison
  /** 1: faces that examiners linked with the person count beside the person's photos. */
  with_faces: number
  /** JSON of ids of probe faces that show the person. */
  probe_faces: string
  /** Share of strangers that the threshold was chosen for; null when it was given as a number. */
  false_match_rate: number | null
  threshold: number
  /** Kind of templates that the threshold was measured with; see active-templates.ts. */
  threshold_label: string
  /** Hours within which an alert is to be dealt with. */
  due_hours: number
  /** YYYY-MM-DD: it runs to the end of that day (UTC). */
  ends_on: string
  /** YYYY-MM-DD: from that day on a supervisor is asked whether it is still needed. */
  review_on: string
  review_asked_at: string | null
  state: StandingState
  state_reason: string | null
  set_up_by: string
  account_id: string | null
  set_up_at: string
  changed_by: string
  changed_at: string
  digest: Uint8Array
}

/** One template that a running standing search compares; derived from the person's photos, links and probes. */
export interface StandingFaceTable {
  seq: Generated<number>
  search_id: string
  label: string
  kind: 'photo' | 'face' | 'probe' | 'fused'
  /** Id of the photo, face or probe face; for a fused one `kind:id` of its parts, sorted, with commas between. */
  origin: string
  /** When it was compared with everything held; null until then. */
  held_at: string | null
}

export type StandingFace = Selectable<StandingFaceTable>

/** One row. */
export interface WatchStateTable {
  id: number
  /** Grows with everything that changes what newly enrolled faces are compared with. */
  version: number
  /** Kind of templates that `standing_face` was last made for. */
  label: string | null
  leased_by: string | null
  leased_until: string | null
}

/** A person who is looked for may be in this photo. */
export interface AlertTable {
  id: string
  agency_id: string
  person_id: string
  target_kind: 'media' | 'probe'
  /** Id of the media, or of the first probe of the case with these bytes; null once it was erased. */
  target_id: string | null
  state: AlertState
  owner_id: string | null
  owner: string | null
  raised_at: string
  due_at: string
  escalated_at: string | null
  closed_as: ClosedAs | null
  reason: string | null
  identification_id: string | null
  changed_by: string
  changed_at: string
  /** When what it speaks of was erased. */
  gone_at: string | null
  digest: Uint8Array
}

/** A face in the photo that reached a standing search's threshold. */
export interface AlertHitTable {
  id: string
  alert_id: string
  search_id: string
  /** A face of the media, or a probe face. */
  face_id: string
  subject_kind: StandingFaceTable['kind']
  subject_id: string
  similarity: number
  threshold: number
  /** Share of strangers that are as similar; null where nobody has measured. */
  false_match_rate: number | null
  /** Pairs of different people that the share was measured on: nothing rarer than one of them may be said. null: not kept. */
  measured_pairs: number | null
  label: string
  found_at: string
  digest: Uint8Array
}

/** Something to be told; never a face or a name. */
export interface NoticeTable {
  seq: Generated<number>
  /** What receivers tell repeats by. */
  id: string
  agency_id: string
  kind: NoticeKind
  /** Id of the alert or standing search; the day of a summary. */
  subject_id: string
  /** JSON of a summary's counts. */
  counts: string | null
  at: string
  /** When deliveries were made of it. */
  spread_at: string | null
}

export interface WebhookTable {
  id: string
  agency_id: string
  url: string
  /** Key of the signature; shown once, when it is made. */
  secret: string
  added_by: string
  added_at: string
  removed_by: string | null
  removed_at: string | null
  digest: Uint8Array
}

/** A message on its way to one receiver. */
export interface DeliveryTable {
  id: string
  agency_id: string
  channel: 'email' | 'webhook'
  /** Account or webhook. */
  target_id: string
  /** JSON. */
  body: string
  state: 'waiting' | 'sent' | 'given_up'
  attempts: number
  next_at: string
  last_error: string | null
  made_at: string
  sent_at: string | null
}
