import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enrolInto, testPhoto } from '../../test/support/enrolled-record.ts'
import { sequence, type Sequence } from '../../test/support/sign-off-calls.ts'
import { expectedState, newFacts } from '../../test/support/sign-off-rules.ts'
import { Stage } from '../../test/support/sign-off-stage.ts'
import { agencyOfRecord, madeUpAccount } from '../../test/support/made-up-accounts.ts'
import { madeUpContext, madeUpSearch } from '../../test/support/made-up-lead.ts'
import { localOperator, type AccountActor } from '../actor/actor.ts'
import { createCollection } from '../collections/create-collection.ts'
import { ROLES, type Role } from '../contract/roles.ts'
import { createPerson } from '../people/save-person.ts'
import { openStore, type Store } from '../store/store.ts'
import { withdrawIdentification } from './change-identification.ts'
import { openIdentification } from './open-identification.ts'
import { NOTHING_OF_A_PERSON } from '../../test/support/nothing-of-a-person.ts'

/** Random sequences of calls, at least this many. */
const SEQUENCES = 5000
const SEED = 20_220_224

let folder: string
let store: Store
let ctx: ReturnType<typeof madeUpContext>
let newCrew: (allRoles: boolean, accounts: number) => Promise<AccountActor[]>
let janitor: AccountActor
let faceId: string
let personId: string

const apart = (at: number): Role[] => (at === 2 ? ['supervisor'] : ['examiner'])

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
  const everyRole = ROLES.filter((role) => role !== 'operator')
  newCrew = async (allRoles, accounts) => {
    const crew: AccountActor[] = []
    for (let at = 0; at < accounts; at++)
      crew.push(await madeUpAccount(store, agencyId, `Account ${at}`, allRoles ? everyRole : apart(at)))
    return crew
  }
  janitor = await madeUpAccount(store, agencyId, 'Janitor', ['supervisor'])
  faceId = (await store.db.selectFrom('face').select('id').orderBy('id').executeTakeFirstOrThrow()).id
  personId = (await createPerson(ctx, janitor, { ...NOTHING_OF_A_PERSON, status: 'missing' })).person.id
}, 60_000)
afterAll(async () => {
  await ctx.index.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

let identified = 0
let refusedSignatures = 0

test(`${SEQUENCES} random sequences of calls never pass the gate, and its state is always what the rules say`, async () => {
  await fc.assert(fc.asyncProperty(sequence, run), { numRuns: SEQUENCES, seed: SEED })
  // What is never reached proves nothing: both ends of the way were.
  expect(identified).toBeGreaterThan(50)
  expect(refusedSignatures).toBeGreaterThan(500)
})

async function run({ accounts, allRoles, dead, calls }: Sequence): Promise<void> {
  // The leads are all on one face: who saw it in an earlier sequence is blind in none after that.
  const crew = await newCrew(allRoles, accounts)
  const [opener] = crew
  const made = await madeUpSearch(store, opener, crew, {
    faceId,
    purpose: dead ? 'identify_the_dead' : 'find_missing_person',
  })
  const input = { searchId: made.searchId, rank: 1, probeFaceId: undefined }
  const { id } = await openIdentification(ctx, opener, input)
  const facts = newFacts(dead)
  facts.onlookers.add(0)
  const stage = new Stage(ctx, { id, searchId: made.searchId, personId, crew, facts })
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
  refusedSignatures += stage.refusedSignatures
  if (facts.end === 'identified') identified += 1
  if (facts.end !== 'withdrawn') await withdrawIdentification(ctx, janitor, { id, reason: 'over' })
}
