import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enrolInto, testPhoto } from '../../test/support/enrolled-record.ts'
import {
  expectedState,
  maySign,
  mayTake,
  newFacts,
  peopleBehind,
  type GateFacts,
} from '../../test/support/gate-rules.ts'
import { agencyOfRecord, madeUpAccount } from '../../test/support/made-up-accounts.ts'
import { comparison, madeUpContext, madeUpSearch, suitable } from '../../test/support/made-up-lead.ts'
import type { AccountActor } from '../access/actor.ts'
import { showSearch } from '../cases/show-search.ts'
import { createCollection } from '../collections/create-collection.ts'
import { localOperator } from '../access/actor.ts'
import type { Conclusion } from '../contract/examination-words.ts'
import { EVIDENCE_KINDS, isPrimaryIdentifier, type EvidenceKind } from '../contract/identification-words.ts'
import { ROLES, type Role } from '../contract/roles.ts'
import { AppError } from '../errors.ts'
import {
  abandonExamination,
  analyseProbe,
  beginExamination,
  compareCandidate,
  finishExamination,
} from '../examination/examine-candidate.ts'
import {
  analyseLineupProbe,
  compareInLineup,
  finishLineup,
  showLineup,
} from '../examination/examine-lineup.ts'
import { assignLineup, recallLineup, returnLineup, takeLineup } from '../examination/take-lineup.ts'
import { createPerson } from '../people/save-person.ts'
import { openStore, type Store } from '../store/store.ts'
import {
  closeIdentification,
  namePerson,
  signIdentification,
  withdrawIdentification,
} from './change-identification.ts'
import { corroborate, retractCorroboration } from './corroborate.ts'
import { openIdentification } from './open-identification.ts'
import { askThirdExaminer } from './open-verification.ts'

/** As the issue asks: random sequences of calls, at least. */
const SEQUENCES = 5000
const SEED = 20_220_224
const ACCOUNTS = 4

/** One call, by one of the accounts of a sequence. */
type Call =
  | { kind: 'begin' | 'finish' | 'abandon' | 'take' | 'finishLineup' | 'return' | 'recall'; who: number }
  | { kind: 'third' | 'name' | 'sign' | 'withdraw' | 'look' | 'retract'; who: number }
  | { kind: 'examine' | 'analyse'; who: number; conclusion: Conclusion }
  | { kind: 'verify'; who: number; conclusion: Conclusion; fillerChosen: boolean }
  | { kind: 'assign'; who: number; to: number }
  | { kind: 'evidence'; who: number; evidence: EvidenceKind }
  | { kind: 'close'; who: number; as: 'rejected' | 'inconclusive' }

interface Sequence {
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
const sequence: fc.Arbitrary<Sequence> = fc.record({
  accounts: fc.integer({ min: 1, max: ACCOUNTS }),
  allRoles: fc.boolean(),
  dead: fc.boolean(),
  calls: fc.oneof(nearTheWay, fc.array(call, { minLength: 1, maxLength: 14 })),
})

let folder: string
let store: Store
let ctx: ReturnType<typeof madeUpContext>
let mighty: AccountActor[]
let apart: AccountActor[]
let janitor: AccountActor
let faceId: string
let personId: string

beforeAll(async () => {
  // In memory where there is such a folder: what is tested here are rules, and 200,000 commits wait for no disk.
  folder = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'likeness-gate-'))
  store = await openStore({ dataFolder: path.join(folder, 'data'), operatorKey: undefined })
  await createCollection({ store }, localOperator('test'), {
    title: 'Test',
    lawfulBasis: 'test',
    agency: 'Agency',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  await enrolInto(
    store,
    path.join(folder, 'photos'),
    Array.from({ length: 9 }, (_, at) => testPhoto(`${at}.jpg`)),
  )
  ctx = madeUpContext(store)
  const agencyId = await agencyOfRecord(store)
  const accounts = (roles: (at: number) => Role[]) =>
    Promise.all(
      Array.from({ length: ACCOUNTS }, (_, at) => madeUpAccount(store, agencyId, `Account ${at}`, roles(at))),
    )
  const everyRole = ROLES.filter((role) => role !== 'operator')
  mighty = await accounts(() => everyRole)
  apart = await accounts((at) => (at === 2 ? ['supervisor'] : ['examiner']))
  janitor = await madeUpAccount(store, agencyId, 'Janitor', ['supervisor'])
  faceId = (await store.db.selectFrom('face').select('id').orderBy('id').executeTakeFirstOrThrow()).id
  const nothing = {
    ref: undefined,
    names: undefined,
    birthDate: undefined,
    birthApproximate: undefined,
    affiliation: undefined,
    note: undefined,
    anteMortem: undefined,
    postMortem: undefined,
  }
  personId = (await createPerson(ctx, janitor, { ...nothing, status: 'missing' })).person.id
}, 60_000)
afterAll(async () => {
  await ctx.index.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

let identified = 0
let shut = 0

test(`${SEQUENCES} random sequences of calls never pass the gate, and its state is always what the rules say`, async () => {
  await fc.assert(fc.asyncProperty(sequence, run), { numRuns: SEQUENCES, seed: SEED })
  // What is never reached proves nothing: both ends of the way were.
  expect(identified).toBeGreaterThan(50)
  expect(shut).toBeGreaterThan(500)
})

async function run({ accounts, allRoles, dead, calls }: Sequence): Promise<void> {
  const crew = (allRoles ? mighty : apart).slice(0, accounts)
  const [opener] = crew
  const made = await madeUpSearch(store, opener, crew, {
    faceId,
    purpose: dead ? 'identify_the_dead' : 'find_missing_person',
  })
  const input = { searchId: made.searchId, rank: 1, probeFaceId: undefined }
  const { id } = await openIdentification(ctx, opener, input)
  const facts = newFacts(dead)
  facts.onlookers.add(0)
  const stage = new Stage(id, made.searchId, crew, facts)
  for (const one of calls) {
    const at = { ...one, who: one.who % accounts }
    await stage.make(at.kind === 'assign' ? { ...at, to: at.to % accounts } : at)
    const { state } = await store.db
      .selectFrom('identification')
      .select('state')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(state, JSON.stringify(at)).toBe(expectedState(facts))
    if (state === 'identified') expect(accounts, 'no pair of accounts gets here').toBeGreaterThan(2)
  }
  if (facts.end !== 'withdrawn') await withdrawIdentification(ctx, janitor, { id, reason: 'over' })
}

/** One lead with its accounts: makes calls, and keeps the facts of those that were accepted. */
class Stage {
  readonly #id: string
  readonly #searchId: string
  readonly #crew: readonly AccountActor[]
  readonly #facts: GateFacts

  constructor(id: string, searchId: string, crew: readonly AccountActor[], facts: GateFacts) {
    this.#id = id
    this.#searchId = searchId
    this.#crew = crew
    this.#facts = facts
  }

  /** Makes one call; what the service refuses with one of its own errors leaves the facts as they are. */
  async make(one: Call): Promise<void> {
    const actor = this.#crew[one.who]
    if (one.kind === 'sign') return this.#sign(one.who)
    try {
      await this.#act(one, actor)
    } catch (error) {
      // Only refusals that the service means: anything else is a fault of its own.
      if (!(error instanceof AppError) || error.status >= 500) throw error
    }
  }

  async #sign(by: number): Promise<void> {
    const allowed = maySign(this.#facts, by) && this.#crew[by].roles.includes('supervisor')
    const signing = signIdentification(ctx, this.#crew[by], { id: this.#id, statement: 'Signed.' })
    if (!allowed || (await this.#isBlind(by))) {
      await expect(signing).rejects.toBeInstanceOf(AppError)
      shut += 1
      return
    }
    await signing
    expect(peopleBehind(this.#facts, by)).toBe(3)
    this.#facts.end = 'identified'
    identified += 1
  }

  async #act(one: Call, actor: AccountActor): Promise<void> {
    const id = this.#id
    const facts = this.#facts
    switch (one.kind) {
      case 'begin':
        await beginExamination(ctx, actor, { identificationId: id })
        facts.examiners.add(one.who)
        return
      case 'analyse':
      case 'examine':
        return this.#examine(one, actor)
      case 'finish':
        return this.#finish(one.who, actor)
      case 'abandon':
        await abandonExamination(ctx, actor, { id: await this.#draft() })
        facts.onlookers.add(one.who)
        return
      case 'take':
        return this.#taken(one.who, (await takeLineup(ctx, actor)) !== undefined)
      case 'assign': {
        const input = { verificationId: await this.#open(), accountId: this.#crew[one.to].accountId }
        await assignLineup(ctx, actor, input)
        facts.onlookers.add(one.who)
        return this.#taken(one.to, true)
      }
      case 'verify':
      case 'finishLineup':
        return this.#verify(one, actor)
      case 'return':
        await returnLineup(ctx, actor, { id: await this.#open(), reason: 'x' })
        facts.onlookers.add(one.who)
        return
      case 'recall':
        await recallLineup(ctx, actor, { verificationId: await this.#open(), reason: 'x' })
        facts.onlookers.add(one.who)
        return
      case 'third':
        await askThirdExaminer(ctx, actor, { id })
        facts.onlookers.add(one.who)
        return
      case 'name':
        await namePerson(ctx, actor, { id, personId })
        facts.hasPerson = true
        facts.onlookers.add(one.who)
        return
      case 'look':
        await showSearch(ctx, actor, { id: this.#searchId })
        facts.onlookers.add(one.who)
        return
      case 'evidence':
        return this.#evidence(one.evidence, one.who, actor)
      case 'retract':
        return this.#retract(one.who, actor)
      case 'close':
        await closeIdentification(ctx, actor, { id, as: one.as, reason: 'x' })
        facts.end = one.as
        return
      case 'withdraw':
        await withdrawIdentification(ctx, actor, { id, reason: 'x' })
        facts.end = 'withdrawn'
        return
      default:
        throw new Error(`unknown call ${one.kind}`)
    }
  }

  /** Begins when nothing is begun, and goes on to the end, or only to the end of the comparison. */
  async #examine(
    one: { kind: string; who: number; conclusion: Conclusion },
    actor: AccountActor,
  ): Promise<void> {
    if ((await this.#draftOrNone()) === undefined) {
      await beginExamination(ctx, actor, { identificationId: this.#id })
      this.#facts.examiners.add(one.who)
    }
    const id = await this.#draft()
    await analyseProbe(ctx, actor, { id, analysis: suitable, finish: true }).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'conflict') throw error
    })
    const { id: itemId } = await store.db
      .selectFrom('examination_item')
      .select('id')
      .where('examination_id', '=', id)
      .executeTakeFirstOrThrow()
    await compareCandidate(ctx, actor, { id, itemId, draft: comparison(one.conclusion) })
    if (one.kind === 'examine') await this.#finish(one.who, actor)
  }

  async #finish(by: number, actor: AccountActor): Promise<void> {
    const { items } = await finishExamination(ctx, actor, { id: await this.#draft() })
    this.#facts.first = { by, conclusion: items[0].conclusion! }
  }

  #taken(by: number, taken: boolean): void {
    if (!taken) return
    expect(mayTake(this.#facts, by), 'only who is blind gets a line-up').toBe(true)
    this.#facts.examiners.add(by)
  }

  async #verify(
    one: { kind: string; who: number; conclusion?: Conclusion; fillerChosen?: boolean },
    actor: AccountActor,
  ): Promise<void> {
    const id = await this.#open()
    const { work } = await showLineup(ctx, actor, { id })
    if (one.kind === 'verify') {
      await analyseLineupProbe(ctx, actor, { id, analysis: suitable, finish: true }).catch(() => undefined)
      const chosen = one.fillerChosen === true ? work.items.find(({ role }) => role === 'filler') : undefined
      for (const item of work.items) {
        const isFor = item.role === 'candidate' ? one.conclusion! : 'different_strong'
        const draft = comparison(item === chosen ? 'same_limited' : isFor)
        await compareInLineup(ctx, actor, { id, itemId: item.id, draft })
      }
    }
    const done = await finishLineup(ctx, actor, { id })
    const candidate = done.work.items.find(({ role }) => role === 'candidate')!
    this.#facts.verified.push({
      by: one.who,
      conclusion: candidate.conclusion!,
      fillerChosen: done.work.items.some(
        (item) => item.role === 'filler' && item.conclusion!.startsWith('same'),
      ),
    })
  }

  async #evidence(kind: EvidenceKind, by: number, actor: AccountActor): Promise<void> {
    const named = isPrimaryIdentifier(kind) ? { laboratory: 'L', reference: 'R' } : {}
    const input = { id: this.#id, kind, description: 'x', reference: undefined, laboratory: undefined }
    await corroborate(ctx, actor, { ...input, ...named })
    if (isPrimaryIdentifier(kind)) this.#facts.primary += 1
    else this.#facts.evidence += 1
    this.#facts.onlookers.add(by)
  }

  async #retract(by: number, actor: AccountActor): Promise<void> {
    const entry = await store.db
      .selectFrom('corroboration')
      .select(['id', 'kind'])
      .where('identification_id', '=', this.#id)
      .where('retracted_at', 'is', null)
      .executeTakeFirst()
    if (entry === undefined) return
    await retractCorroboration(ctx, actor, { id: this.#id, entryId: entry.id, reason: 'x' })
    if (isPrimaryIdentifier(entry.kind)) this.#facts.primary -= 1
    else this.#facts.evidence -= 1
    this.#facts.onlookers.add(by)
  }

  async #isBlind(by: number): Promise<boolean> {
    const taken = await store.db
      .selectFrom('verification')
      .select('id')
      .where('identification_id', '=', this.#id)
      .where('account_id', '=', this.#crew[by].accountId)
      .where('state', '=', 'taken')
      .executeTakeFirst()
    return taken !== undefined
  }

  async #draftOrNone(): Promise<string | undefined> {
    const row = await store.db
      .selectFrom('examination')
      .select('id')
      .where('identification_id', '=', this.#id)
      .where('verification_id', 'is', null)
      .where('finished_at', 'is', null)
      .where('abandoned_at', 'is', null)
      .executeTakeFirst()
    return row?.id
  }

  async #draft(): Promise<string> {
    const id = await this.#draftOrNone()
    if (id === undefined) throw new AppError('not_found', 'No draft.')
    return id
  }

  async #open(): Promise<string> {
    const row = await store.db
      .selectFrom('verification')
      .select('id')
      .where('identification_id', '=', this.#id)
      .where('state', 'in', ['waiting', 'taken'])
      .executeTakeFirst()
    if (row === undefined) throw new AppError('not_found', 'No verification.')
    return row.id
  }
}
