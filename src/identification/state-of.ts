import { directionOf, type Conclusion } from '../contract/examination-words.ts'
import type { GateStep, IdentificationState, VerificationOutcome } from '../contract/identification-words.ts'

/** What an identification's state follows from; nothing else changes it. */
export interface StandingFacts {
  withdrawn: boolean
  signed: boolean
  closedAs: 'rejected' | 'inconclusive' | undefined
  /** Of the first examination that stands: finished and not superseded. */
  first: Conclusion | undefined
  /** Finished verifications: the second examiner's, then the third's. */
  verifications: readonly { outcome: VerificationOutcome; conclusion: Conclusion }[]
}

/**
 * [Note: identification states]
 * A first conclusion for different people rejects, one for neither is inconclusive; only one for the same person goes to
 * blind verification. A concordant verification corroborates. Anything else is a conflict, which stays a lead until a
 * supervisor asks a third examiner; the third settles it: concordant corroborates, otherwise it is rejected when both
 * verifiers found different people, else inconclusive. Supersession of the first examination changes the first
 * conclusion and never undoes what verifiers found, so nobody gets another try by superseding.
 */
export function stateOf(facts: StandingFacts): IdentificationState {
  if (facts.withdrawn) return 'withdrawn'
  if (facts.signed) return 'identified'
  if (facts.closedAs !== undefined) return facts.closedAs
  if (facts.first === undefined) return 'lead'
  const direction = directionOf(facts.first)
  if (direction === 'different') return 'rejected'
  if (direction === 'neither') return 'inconclusive'
  const [second, third] = facts.verifications
  if (second === undefined) return 'lead'
  if (second.outcome === 'concordant') return 'corroborated'
  if (third === undefined) return 'lead'
  if (third.outcome === 'concordant') return 'corroborated'
  const bothDifferent = [second, third].every(({ conclusion }) => directionOf(conclusion) === 'different')
  return bothDifferent ? 'rejected' : 'inconclusive'
}

/** Whether verifiers disagree and a supervisor has to say how it goes on. */
export function needsSupervisor({ first, verifications }: StandingFacts): boolean {
  const [second, third] = verifications
  const isConflict = second !== undefined && second.outcome !== 'concordant'
  return first !== undefined && directionOf(first) === 'same' && isConflict && third === undefined
}

/** What is still missing before a supervisor can sign; empty: nothing. */
export function missingSteps(
  facts: StandingFacts & {
    corroborations: number
    primaryIdentifiers: number
    concernsDead: boolean
    hasPerson: boolean
  },
): GateStep[] {
  const missing: GateStep[] = []
  if (facts.first === undefined || directionOf(facts.first) !== 'same') missing.push('first_examination')
  if (needsSupervisor(facts)) missing.push('supervisor_decision')
  else if (stateOf({ ...facts, signed: false, withdrawn: false }) !== 'corroborated')
    missing.push('verification')
  if (facts.corroborations === 0) missing.push('corroboration')
  if (facts.concernsDead && facts.primaryIdentifiers === 0) missing.push('primary_identifier')
  if (!facts.hasPerson) missing.push('person')
  return missing
}
