import type { UnblindingRelation } from '../contract/identification-words.ts'

/** What a probe's picture looks like, after its steps; gone with the photo. */
export interface ProbePrintTable {
  probe_id: string
  /** 16 hex digits. */
  perceptual_hash: string
}

/** A picture of a line-up as it was given out: bytes that nobody has but from there. */
export interface LineupPrintTable {
  verification_id: string
  /** Of the JPEG. */
  sha256: string
  /** 16 hex digits. */
  perceptual_hash: string
  /** 0: the probe; otherwise the place in the line-up. */
  position: number
}

/** A picture of a line-up that came back to be compared while the line-up was open. */
export interface UnblindingTable {
  id: string
  verification_id: string
  identification_id: string
  agency_id: string
  account_id: string
  /** Name of who did it, as it was then. */
  account: string
  /** What ties them to the verifier: the same account, a device that both use, the same name, or only the picture. */
  relation: UnblindingRelation
  means: 'sha256' | 'perceptual_hash'
  /** Which picture: 0 the probe, otherwise the place in the line-up. */
  position: number
  /** The endpoint's name. */
  operation: string
  at: string
  digest: Uint8Array
}
