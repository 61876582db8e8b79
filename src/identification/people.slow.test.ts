import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enrolInto, testPhoto } from '../../test/support/enrolled-record.ts'
import { agencyOfRecord, madeUpAccount } from '../../test/support/made-up-accounts.ts'
import { madeUpContext } from '../../test/support/made-up-lead.ts'
import { NOTHING_OF_A_PERSON } from '../../test/support/nothing-of-a-person.ts'
import { peopleSequence, type PeopleSequence } from '../../test/support/people-calls.ts'
import { PeopleWorld, type PeopleContext, type PeoplePlace } from '../../test/support/people-world.ts'
import { localOperator } from '../actor/actor.ts'
import { createCollection } from '../collections/create-collection.ts'
import { createPerson } from '../people/save-person.ts'
import { openStore, type Store } from '../store/store.ts'
import { writeByHand } from '../../test/support/write-by-hand.ts'

// Who stands behind the accounts: up to three people, up to eight accounts, browsers, roles, and calls at random.

/** Random sequences of calls, at least this many. */
const SEQUENCES = 10_000
const SEED = 20_220_224

let folder: string
let store: Store
let ctx: PeopleContext
let place: PeoplePlace

beforeAll(async () => {
  // In memory where there is such a folder: what is tested here are rules, and no commit waits for a disk.
  folder = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'likeness-people-'))
  store = await openStore({ dataFolder: path.join(folder, 'data'), operatorKey: undefined })
  await createCollection({ store }, localOperator('test'), {
    title: 'Test',
    lawfulBasis: 'test',
    agency: 'Agency',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  const photos = Array.from({ length: 9 }, (_, at) => testPhoto(`${at}.jpg`))
  await enrolInto(store, path.join(folder, 'photos'), photos)
  // better-auth's hashing takes a tenth of a second, for passwords that nobody tries here.
  const auth = { $context: Promise.resolve({ password: { hash: async (password: string) => password } }) }
  ctx = { ...madeUpContext(store), auth } as unknown as PeopleContext
  const agencyId = await agencyOfRecord(store)
  const janitor = await madeUpAccount(store, agencyId, 'Janitor', ['supervisor'])
  const { person } = await createPerson(ctx, janitor, { ...NOTHING_OF_A_PERSON, status: 'missing' })
  await writeByHand(store, (tx) => tx.deleteFrom('membership').execute())
  const { id: faceId } = await store.db
    .selectFrom('face')
    .select('id')
    .orderBy('id')
    .executeTakeFirstOrThrow()
  place = { agencyId, faceId, personId: person.id }
}, 60_000)
afterAll(async () => {
  await ctx.index.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

let identified = 0
const refused: Record<string, number> = {}

test(`${SEQUENCES} random sequences by up to three people reach an identification only where three people decided`, async () => {
  await fc.assert(fc.asyncProperty(peopleSequence, run), { numRuns: SEQUENCES, seed: SEED })
  // What is never reached proves nothing: three honest people got there, and what must be refused was tried.
  expect(identified).toBeGreaterThan(50)
  expect(refused['not_allowed']).toBeGreaterThan(2500)
  expect(refused['shared_device']).toBeGreaterThan(50)
})

async function run(sequence: PeopleSequence): Promise<void> {
  const world = new PeopleWorld(ctx, place, sequence)
  try {
    await world.begin()
    for (const [at, call] of sequence.calls.entries()) await world.make(call, sequence.calls.slice(at + 1))
    const people = await world.peopleBehind()
    if (people !== undefined) {
      expect(sequence.humans, 'neither one nor two people get here').toBe(3)
      expect(people, JSON.stringify(sequence)).toBe(3)
      identified += 1
    }
    for (const code of world.refusals) refused[code] = (refused[code] ?? 0) + 1
  } finally {
    await world.end()
  }
}
