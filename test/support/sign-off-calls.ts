import fc from 'fast-check'
import type { Conclusion } from '../../src/contract/examination-words.ts'
import { EVIDENCE_KINDS, type EvidenceKind } from '../../src/contract/identification-words.ts'

/** Accounts that take part in a sequence, at most. */
export const ACCOUNTS = 4

/** One call, by one of the accounts of a sequence. */
export type Call =
  | { kind: 'begin' | 'finish' | 'abandon' | 'take' | 'finishLineup' | 'return' | 'recall'; who: number }
  | { kind: 'third' | 'name' | 'sign' | 'withdraw' | 'look' | 'retract'; who: number }
  | { kind: 'examine' | 'analyse'; who: number; conclusion: Conclusion }
  | { kind: 'verify'; who: number; conclusion: Conclusion; fillerChosen: boolean }
  | { kind: 'assign'; who: number; to: number }
  | { kind: 'evidence'; who: number; evidence: EvidenceKind }
  | { kind: 'close'; who: number; as: 'rejected' | 'inconclusive' }

export interface Sequence {
  /** How many accounts take part. */
  accounts: number
  /** Whether everybody has every role, or examiners and supervisors are apart. */
  allRoles: boolean
  dead: boolean
  calls: Call[]
}

const conclusion = fc.constantFrom<Conclusion>(
  'same_strong',
  'same_moderate',
  'same_limited',
  'no_support',
  'different_limited',
  'different_strong',
)
const who = fc.nat(ACCOUNTS - 1)
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ kind: fc.constantFrom('begin', 'finish', 'abandon', 'return', 'recall'), who }),
  fc.record({ kind: fc.constantFrom('take', 'finishLineup', 'third', 'name', 'look', 'retract'), who }),
  fc.record({ kind: fc.constant('sign' as const), who }),
  fc.record({ kind: fc.constant('withdraw' as const), who }),
  fc.record({ kind: fc.constantFrom('examine', 'analyse'), who, conclusion }),
  fc.record({ kind: fc.constant('verify' as const), who, conclusion, fillerChosen: fc.boolean() }),
  fc.record({ kind: fc.constant('assign' as const), who, to: who }),
  fc.record({ kind: fc.constant('evidence' as const), who, evidence: fc.constantFrom(...EVIDENCE_KINDS) }),
  fc.record({ kind: fc.constant('close' as const), who, as: fc.constantFrom('rejected', 'inconclusive') }),
)

/** The way through the gate, as three accounts go it; others begin from here and leave it. */
const WAY: Call[] = [
  { kind: 'examine', who: 0, conclusion: 'same_strong' },
  { kind: 'take', who: 1 },
  { kind: 'verify', who: 1, conclusion: 'same_moderate', fillerChosen: false },
  { kind: 'evidence', who: 0, evidence: 'document' },
  { kind: 'evidence', who: 0, evidence: 'dna' },
  { kind: 'name', who: 0 },
  { kind: 'sign', who: 2 },
]
/** Half of all: the way with some calls left out, made by others, or with others between. */
const nearTheWay = fc
  .tuple(
    fc.array(fc.record({ at: fc.nat(WAY.length), call }), { maxLength: 3 }),
    fc.subarray(WAY.map((_, at) => at)),
    fc.array(fc.record({ at: fc.nat(WAY.length - 1), who }), { maxLength: 2 }),
    fc.boolean(),
  )
  .map(([inserted, kept, others, whole]) => {
    const calls: Call[] = WAY.map((step, at) => ({
      ...step,
      who: others.find((other) => other.at === at)?.who ?? step.who,
    })).filter((_, at) => whole || kept.includes(at))
    for (const { at, call: extra } of inserted) calls.splice(Math.min(at, calls.length), 0, extra)
    return calls
  })
/** Any calls by any accounts, half of them near the way through. */
export const sequence: fc.Arbitrary<Sequence> = fc.record({
  accounts: fc.integer({ min: 1, max: ACCOUNTS }),
  allRoles: fc.boolean(),
  dead: fc.boolean(),
  calls: fc.oneof(nearTheWay, fc.array(call, { minLength: 1, maxLength: 14 })),
})
