import fc from 'fast-check'
import type { Role } from '../../src/contract/roles.ts'

/** People at most, and accounts of theirs at most. */
export const HUMANS = 3
export const ACCOUNTS = 8

/** Roles of an agency that matter to the gate, and one that nobody confirms. */
export const ROLE_SETS: readonly (readonly Role[])[] = [
  ['administrator'],
  ['examiner'],
  ['supervisor'],
  ['auditor', 'curator'],
  ['administrator', 'examiner'],
  ['administrator', 'supervisor'],
  ['examiner', 'supervisor'],
  ['administrator', 'examiner', 'supervisor'],
]

/** One call. Accounts, invitations and requests are counted from the first there is, round and round. */
export type PeopleCall =
  | { kind: 'invite'; by: number; human: number; roles: number }
  | { kind: 'code'; by: number; invitation: number }
  | { kind: 'accept'; human: number; invitation: number }
  | { kind: 'change'; by: number; account: number; roles: number }
  | { kind: 'confirm'; by: number; request: number }
  | { kind: 'suspend'; by: number; account: number }
  | { kind: 'sit'; account: number; browser: number }
  | { kind: 'examine' | 'verify' | 'sign'; by: number }

export interface PeopleSequence {
  /** How many people there are. The first is the agency's first administrator. */
  humans: number
  /** Who is the operator: one of the others, or somebody outside. Never the first administrator. */
  operator: number
  /**
   * Which of them wants to decide alone, with several browsers, while the others know whom they confirm; undefined: nobody
   * knows anybody and all confirm anything, each at the one browser they have.
   */
  crook: number | undefined
  byMail: boolean
  /** Whether each of them has an account with roles already, honestly come by. */
  staffed: boolean
  calls: PeopleCall[]
}

const account = fc.nat(ACCOUNTS - 1)
const human = fc.nat(HUMANS - 1)
const roles = fc.nat(ROLE_SETS.length - 1)
const some = fc.nat(3)
const call: fc.Arbitrary<PeopleCall> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('invite' as const), by: account, human, roles }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('code' as const), by: account, invitation: some }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('accept' as const), human, invitation: some }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('change' as const), by: account, account, roles }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('confirm' as const), by: account, request: some }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('suspend' as const), by: account, account }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sit' as const), account, browser: some }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('examine', 'verify', 'sign'), by: account }) },
)

const [ADMINISTRATOR, EXAMINER, SUPERVISOR] = [0, 1, 2]
/** The honest way of three people through it all: accounts 0 operator, 1 first administrator, 2 and 3 as they accept. */
const WAY: PeopleCall[] = [
  { kind: 'invite', by: 1, human: 1, roles: 4 },
  { kind: 'code', by: 0, invitation: 0 },
  { kind: 'accept', human: 1, invitation: 0 },
  { kind: 'confirm', by: 0, request: 0 },
  { kind: 'confirm', by: 0, request: 0 },
  { kind: 'change', by: 2, account: 1, roles: 5 },
  { kind: 'confirm', by: 0, request: 0 },
  { kind: 'invite', by: 1, human: 2, roles: EXAMINER },
  { kind: 'code', by: 2, invitation: 0 },
  { kind: 'accept', human: 2, invitation: 0 },
  { kind: 'confirm', by: 2, request: 0 },
  { kind: 'examine', by: 2 },
  { kind: 'verify', by: 3 },
  { kind: 'sign', by: 1 },
]
/** How one person would try it who has an account already: another one, its roles, and the decisions. */
const alone: fc.Arbitrary<PeopleCall[]> = fc
  .tuple(account, account, human, fc.constantFrom(ADMINISTRATOR, EXAMINER, SUPERVISOR, 6, 7))
  .map(([asks, confirms, who, wanted]) => [
    { kind: 'invite', by: asks, human: who, roles: wanted },
    { kind: 'code', by: confirms, invitation: 0 },
    { kind: 'accept', human: who, invitation: 0 },
    { kind: 'confirm', by: confirms, request: 0 },
    { kind: 'confirm', by: confirms, request: 0 },
  ])
const decisions: fc.Arbitrary<PeopleCall[]> = fc
  .tuple(account, account, account)
  .map(([first, second, third]) => [
    { kind: 'examine', by: first },
    { kind: 'verify', by: second },
    { kind: 'sign', by: third },
  ])
/** One person who is administrator, invites himself three times by e-mail, and confirms what he asked for. */
const ALONE: PeopleCall[] = [EXAMINER, EXAMINER, SUPERVISOR].flatMap((wanted): PeopleCall[] => [
  { kind: 'invite', by: 1, human: 0, roles: wanted },
  { kind: 'accept', human: 0, invitation: 0 },
  { kind: 'confirm', by: 1, request: 0 },
])
ALONE.push({ kind: 'examine', by: 2 }, { kind: 'verify', by: 3 }, { kind: 'sign', by: 4 })

/** A way with up to two calls left out and up to three others between. */
function near(way: readonly PeopleCall[]): fc.Arbitrary<PeopleCall[]> {
  return fc
    .tuple(
      fc.array(fc.record({ at: fc.nat(way.length), call }), { maxLength: 3 }),
      fc.array(fc.nat(way.length - 1), { maxLength: 2 }),
    )
    .map(([inserted, dropped]) => {
      const calls = way.filter((_, at) => !dropped.includes(at))
      for (const { at, call: extra } of inserted) calls.splice(Math.min(at, calls.length), 0, extra)
      return calls
    })
}
const tried = fc
  .tuple(fc.array(fc.oneof(alone, fc.array(call, { maxLength: 3 })), { maxLength: 2 }), decisions)
  .map(([before, after]) => [...before.flat(), ...after])

const anywhere = fc.record({
  humans: fc.integer({ min: 1, max: HUMANS }),
  operator: fc.integer({ min: 1, max: HUMANS }),
  crook: fc.option(fc.nat(HUMANS - 1), { nil: undefined }),
  byMail: fc.boolean(),
  staffed: fc.boolean(),
  calls: fc.oneof(
    { weight: 3, arbitrary: tried },
    { weight: 2, arbitrary: fc.array(call, { minLength: 1, maxLength: 8 }) },
  ),
})
/** The honest way, by three people or by fewer who sit behind its accounts. */
const theWay = fc.record({
  humans: fc.constantFrom(1, 2, HUMANS, HUMANS),
  operator: fc.integer({ min: 1, max: HUMANS }),
  crook: fc.option(fc.nat(HUMANS - 1), { nil: undefined }),
  byMail: fc.boolean(),
  staffed: fc.constant(false),
  calls: near(WAY),
})
const byOneAlone = fc.record({
  humans: fc.integer({ min: 1, max: HUMANS }),
  operator: fc.integer({ min: 1, max: HUMANS }),
  crook: fc.constant(0),
  byMail: fc.constant(true),
  staffed: fc.constant(false),
  calls: near(ALONE),
})

export const peopleSequence: fc.Arbitrary<PeopleSequence> = fc
  .oneof(
    { weight: 16, arbitrary: anywhere },
    { weight: 3, arbitrary: theWay },
    { weight: 1, arbitrary: byOneAlone },
  )
  .map((sequence) => ({
    ...sequence,
    // HUMANS: somebody outside, who is none of them.
    operator: sequence.operator < sequence.humans ? sequence.operator : HUMANS,
    crook: sequence.crook === undefined ? undefined : sequence.crook % sequence.humans,
  }))
