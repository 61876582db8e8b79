/** Where a candidate stands on the way from a lead to an identification. */
export const IDENTIFICATION_STATES = [
  'lead',
  'corroborated',
  'identified',
  'rejected',
  'inconclusive',
  'withdrawn',
] as const
export type IdentificationState = (typeof IDENTIFICATION_STATES)[number]

/** What else than a face speaks for an identity. */
export const CORROBORATION_KINDS = ['document', 'witness', 'device', 'place', 'other'] as const

/** INTERPOL's primary identifiers: what alone identifies the dead. */
export const PRIMARY_IDENTIFIERS = ['fingerprints', 'dental', 'dna'] as const

export const EVIDENCE_KINDS = [...CORROBORATION_KINDS, ...PRIMARY_IDENTIFIERS] as const
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number]

export function isPrimaryIdentifier(kind: EvidenceKind): boolean {
  return (PRIMARY_IDENTIFIERS as readonly string[]).includes(kind)
}

/** Bodies that something may be handed to, and whom reports are made for. */
export const RECIPIENT_KINDS = [
  'own_agency',
  'national_bureau',
  'central_agency',
  'court',
  'other_agency',
] as const
export type RecipientKind = (typeof RECIPIENT_KINDS)[number]

/**
 * Recipients who may be given unblurred pictures of the dead, wounded or captured: the case's own agency; the national
 * information bureau and the Central Tracing Agency, whose task they are (Geneva Conventions I 16, III 122-123); a court.
 */
const MAY_SEE_PROTECTED = new Set<RecipientKind>(['own_agency', 'national_bureau', 'central_agency', 'court'])

export function maySeeProtected(recipient: RecipientKind): boolean {
  return MAY_SEE_PROTECTED.has(recipient)
}

/** What is still missing before a supervisor can sign. */
export const GATE_STEPS = [
  'first_examination',
  'verification',
  'supervisor_decision',
  'corroboration',
  'primary_identifier',
  'person',
] as const
export type GateStep = (typeof GATE_STEPS)[number]

/** What makes decisions of different accounts look like those of one person. */
export const CLOSENESS_KINDS = ['same_address', 'close_in_time'] as const
export type ClosenessKind = (typeof CLOSENESS_KINDS)[number]

export const VERIFICATION_OUTCOMES = ['concordant', 'discordant', 'filler_chosen'] as const
export type VerificationOutcome = (typeof VERIFICATION_OUTCOMES)[number]

/**
 * What ties whoever brought a picture of an open line-up to be compared to its verifier: the same account, a browser that both
 * have used, the same name, or only the picture, which nobody has but from the line-up.
 */
export const UNBLINDING_RELATIONS = ['account', 'device', 'person', 'other'] as const
export type UnblindingRelation = (typeof UNBLINDING_RELATIONS)[number]
