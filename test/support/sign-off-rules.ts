import type { Conclusion } from '../../src/contract/examination-words.ts'

/**
 * The rules of the gate, written down a second time and on their own, for tests to hold the service against. Only facts that
 * happened are put in; who may do what is asked of `mayTake` and `maySign`.
 */
export interface GateFacts {
  dead: boolean
  /** Conclusion of the first examination that stands, and by whom. */
  first: { by: number; conclusion: Conclusion } | undefined
  /** Everybody who ever began to examine it, first or in a line-up. */
  examiners: Set<number>
  /** Everybody who saw candidates or decisions of the case. */
  onlookers: Set<number>
  /** Finished line-ups, in order. */
  verified: { by: number; conclusion: Conclusion; fillerChosen: boolean }[]
  evidence: number
  primary: number
  hasPerson: boolean
  end: 'identified' | 'withdrawn' | 'rejected' | 'inconclusive' | undefined
}

export function newFacts(dead: boolean): GateFacts {
  return {
    dead,
    first: undefined,
    examiners: new Set(),
    onlookers: new Set(),
    verified: [],
    evidence: 0,
    primary: 0,
    hasPerson: false,
    end: undefined,
  }
}

/** What the state must be. */
export function expectedState({ end, first, verified }: GateFacts): string {
  if (end !== undefined) return end
  if (first === undefined) return 'lead'
  if (isFor('different', first.conclusion)) return 'rejected'
  if (!isFor('same', first.conclusion)) return 'inconclusive'
  if (verified.some(agrees)) return 'corroborated'
  if (verified.length < 2) return 'lead'
  return verified.every(({ conclusion }) => isFor('different', conclusion)) ? 'rejected' : 'inconclusive'
}

/** Whether this account may be given the line-up. */
export function mayTake({ examiners, onlookers }: GateFacts, who: number): boolean {
  return !examiners.has(who) && !onlookers.has(who)
}

/** Whether this account may sign now. */
export function maySign(facts: GateFacts, who: number): boolean {
  return (
    expectedState(facts) === 'corroborated' &&
    !facts.examiners.has(who) &&
    facts.evidence > 0 &&
    (!facts.dead || facts.primary > 0) &&
    facts.hasPerson
  )
}

/** At least three different people stand behind an identification. */
export function peopleBehind(facts: GateFacts, signer: number): number {
  const verifier = facts.verified.find(agrees)?.by
  return new Set([facts.first?.by, verifier, signer]).size
}

function agrees({ conclusion, fillerChosen }: { conclusion: Conclusion; fillerChosen: boolean }): boolean {
  return isFor('same', conclusion) && !fillerChosen
}

function isFor(what: 'same' | 'different', conclusion: Conclusion): boolean {
  return conclusion.startsWith(what)
}
