import type { Selectable } from 'kysely'
import type { CasePurpose } from '../../contract/case-purposes.ts'
import type { AlertState, ClosedAs, Comparison, StandingState } from '../../contract/watch-words.ts'
import { type Row, blob, generated, integer, nullable, real, table, text } from './table.ts'

/** Every face enrolled from now on, and everything held, is compared with a person's faces. */
export const STANDING_SEARCH = table(
  {
    id: text(),
    agency_id: text({ references: 'agency (id)' }),
    person_id: text({ references: 'person (id)' }),
    case_id: nullable(text({ references: 'case_file (id)' })),
    purpose: text<CasePurpose>(),
    legal_basis: text(),
    /** JSON of ids; null: all that the agency may search, those of the future too. */
    collections: nullable(text()),
    /** Several faces of the person one by one, the best counting, or as one fused template. */
    comparison: text<Comparison>({ oneOf: ['singly', 'fused'] }),
    /** 1: faces that examiners linked with the person count beside the person's photos. */
    with_faces: integer(),
    /** JSON of ids of probe faces that show the person. */
    probe_faces: text(),
    /** Share of strangers that the threshold was chosen for; null when it was given as a number. */
    false_match_rate: nullable(real()),
    threshold: real(),
    /** Kind of templates that the threshold was measured with; see active-templates.ts. */
    threshold_label: text(),
    /** Hours within which an alert is to be dealt with. */
    due_hours: integer(),
    /** YYYY-MM-DD: it runs to the end of that day (UTC). */
    ends_on: text(),
    /** YYYY-MM-DD: from that day on a supervisor is asked whether it is still needed. */
    review_on: text(),
    review_asked_at: nullable(text()),
    state: text<StandingState>({ oneOf: ['running', 'paused', 'ended'] }),
    state_reason: nullable(text()),
    set_up_by: text(),
    account_id: nullable(text({ references: 'account (id)' })),
    set_up_at: text(),
    changed_by: text(),
    changed_at: text(),
    digest: blob(),
  },
  {
    indexes: {
      standing_search_person: { on: ['person_id'] },
      standing_search_agency: { on: ['agency_id', 'id'] },
      standing_search_state: { on: ['state', 'ends_on'] },
    },
  },
)
export type StandingSearchTable = Row<typeof STANDING_SEARCH>

/** One template that a running standing search compares; derived from the person's photos, links and probes. */
export const STANDING_FACE = table(
  {
    seq: generated(integer()),
    search_id: text({ references: 'standing_search (id)' }),
    label: text(),
    kind: text({ oneOf: ['photo', 'face', 'probe', 'fused'] }),
    /** Id of the photo, face or probe face; for a fused one `kind:id` of its parts, sorted, with commas between. */
    origin: text(),
    /** When it was compared with everything held; null until then. */
    held_at: nullable(text()),
  },
  {
    primaryKey: ['seq'],
    autoincrement: true,
    unique: [['search_id', 'label', 'kind', 'origin']],
    indexes: {
      standing_face_unheld: { on: ['label', 'seq'], where: 'held_at is null' },
    },
  },
)
export type StandingFaceTable = Row<typeof STANDING_FACE>

export type StandingFace = Selectable<Row<typeof STANDING_FACE>>

export const STANDING_DIRTY = table(
  {
    search_id: text(),
  },
  {
    primaryKey: ['search_id'],
    withoutRowid: true,
  },
)

/** One row. */
export const WATCH_STATE = table(
  {
    id: integer(),
    /** Grows with everything that changes what newly enrolled faces are compared with. */
    version: integer(),
    /** Kind of templates that `standing_face` was last made for. */
    label: nullable(text()),
    leased_by: nullable(text()),
    leased_until: nullable(text()),
  },
  {
    checks: ['id = 1'],
  },
)

export const WATCH_CURSOR = table(
  {
    name: text(),
    reached: integer(),
  },
  {
    primaryKey: ['name'],
    withoutRowid: true,
  },
)

export const PROBE_FACE_FEED = table(
  {
    seq: generated(integer()),
    probe_face_id: text(),
  },
  {
    primaryKey: ['seq'],
    autoincrement: true,
    unique: [['probe_face_id']],
  },
)

/** A person who is looked for may be in this photo. */
export const ALERT = table(
  {
    id: text(),
    agency_id: text({ references: 'agency (id)' }),
    person_id: text({ references: 'person (id)' }),
    target_kind: text({ oneOf: ['media', 'probe'] }),
    /** Id of the media, or of the first probe of the case with these bytes; null once it was erased. */
    target_id: nullable(text()),
    state: text<AlertState>({ oneOf: ['new', 'seen', 'being_examined', 'dismissed', 'led_to_lead'] }),
    owner_id: nullable(text({ references: 'account (id)' })),
    owner: nullable(text()),
    raised_at: text(),
    due_at: text(),
    escalated_at: nullable(text()),
    closed_as: nullable(text<ClosedAs>()),
    reason: nullable(text()),
    identification_id: nullable(text()),
    changed_by: text(),
    changed_at: text(),
    /** When what it speaks of was erased. */
    gone_at: nullable(text()),
    digest: blob(),
  },
  {
    unique: [['person_id', 'target_kind', 'target_id']],
    indexes: {
      alert_agency: { on: ['agency_id', 'state', 'id'] },
      alert_changed: { on: ['agency_id', 'changed_at'] },
      alert_newest: { on: ['agency_id', 'id'] },
      alert_target: { on: ['target_kind', 'target_id'] },
      alert_due: { on: ['due_at'], where: "state in ('new', 'seen', 'being_examined')" },
      alert_identification: { on: ['identification_id'], where: 'identification_id is not null' },
    },
  },
)
export type AlertTable = Row<typeof ALERT>

/** A face in the photo that reached a standing search's threshold. */
export const ALERT_HIT = table(
  {
    id: text(),
    alert_id: text({ references: 'alert (id)' }),
    search_id: text({ references: 'standing_search (id)' }),
    /** A face of the media, or a probe face. */
    face_id: text(),
    subject_kind: text<StandingFaceTable['kind']>(),
    subject_id: text(),
    similarity: real(),
    threshold: real(),
    /** Share of strangers that are as similar; null where nobody has measured. */
    false_match_rate: nullable(real()),
    /** Pairs of different people that the share was measured on: nothing rarer than one of them may be said. null: not kept. */
    measured_pairs: nullable(integer({ addedLater: true })),
    label: text(),
    found_at: text(),
    digest: blob(),
  },
  {
    unique: [['search_id', 'face_id']],
    indexes: {
      alert_hit_alert: { on: ['alert_id'] },
      alert_hit_face: { on: ['face_id'] },
      alert_hit_subject: { on: ['subject_id'] },
    },
  },
)
export type AlertHitTable = Row<typeof ALERT_HIT>
