import type { Standing } from './standing.ts'
import type { NotifiedParty } from './notified-parties.ts'

/** What happened, in the order of time. */
export const TIMELINE_KINDS = [
  'opened',
  'examination_begun',
  'examination_finished',
  'examination_abandoned',
  'verification_asked',
  'verification_taken',
  'verification_finished',
  'verification_cancelled',
  'evidence_recorded',
  'evidence_retracted',
  'closed',
  'signed',
  'reported',
  'transmitted',
  'withdrawn',
] as const
type TimelineKind = (typeof TIMELINE_KINDS)[number]

export interface TimelineEntry {
  at: string
  kind: TimelineKind
  by: string
  /** Id of what it is about: an examination, verification, entry, report or transmittal. */
  about: string | null
  /** A word of the contract: conclusion, outcome, kind of evidence, kind of recipient; or a reason. */
  what: string | null
}

/** Every act on an identification, oldest first, made from what stands. */
export function timelineOf(standing: Standing, told: readonly NotifiedParty[]): TimelineEntry[] {
  const { identification: row } = standing
  const entries: TimelineEntry[] = [entry(row.opened_at, 'opened', row.opened_by, null, null)]
  for (const { examination, items } of standing.examinations) {
    if (examination.verification_id !== null) continue
    const { id, examiner, begun_at, finished_at, abandoned_at, abandoned_by } = examination
    entries.push(entry(begun_at, 'examination_begun', examiner, id, null))
    if (finished_at !== null)
      entries.push(entry(finished_at, 'examination_finished', examiner, id, items[0]?.conclusion ?? null))
    if (abandoned_at !== null)
      entries.push(entry(abandoned_at, 'examination_abandoned', abandoned_by!, id, null))
  }
  for (const verification of standing.verifications) {
    const { id, asked_at, asked_by, taken_at, verifier, finished_at, outcome } = verification
    entries.push(entry(asked_at, 'verification_asked', asked_by, id, null))
    if (taken_at !== null) entries.push(entry(taken_at, 'verification_taken', verifier!, id, null))
    if (finished_at !== null)
      entries.push(entry(finished_at, 'verification_finished', verifier!, id, outcome))
    if (verification.cancelled_at !== null) {
      const { cancelled_at: at, cancelled_by: by, cancel_reason: reason } = verification
      entries.push(entry(at, 'verification_cancelled', by!, id, reason))
    }
  }
  for (const { id, kind, recorded_at, recorded_by, retracted_at, retracted_by } of standing.corroborations) {
    entries.push(entry(recorded_at, 'evidence_recorded', recorded_by, id, kind))
    if (retracted_at !== null)
      entries.push(entry(retracted_at, 'evidence_retracted', retracted_by!, id, kind))
  }
  for (const { by, id, recipientKind, at, givenBy } of told) {
    entries.push(entry(at, by === 'report' ? 'reported' : 'transmitted', givenBy, id, recipientKind))
  }
  if (row.closed_at !== null)
    entries.push(entry(row.closed_at, 'closed', row.closed_by!, null, row.closed_as))
  if (row.signed_at !== null)
    entries.push(entry(row.signed_at, 'signed', row.signed_by!, null, row.statement))
  if (row.withdrawn_at !== null)
    entries.push(entry(row.withdrawn_at, 'withdrawn', row.withdrawn_by!, null, row.withdraw_reason))
  // Acts of one millisecond stay in the order above.
  return entries.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

function entry(
  at: string,
  kind: TimelineKind,
  by: string,
  about: string | null,
  what: string | null,
): TimelineEntry {
  return { at, kind, by, about, what }
}
