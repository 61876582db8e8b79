import { randomBytes } from 'node:crypto'
import { cpSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeNewRecord } from '../../test/support/new-record.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { openStore, type Store } from './store.ts'

/** Sequences of each kind of record. */
const SEQUENCES = 25

type Act =
  | { kind: 'put'; rows: [key: string, value: string][]; isUndone: boolean }
  | { kind: 'remove'; key: string }
  | { kind: 'checkpoint' | 'reopen' | 'killed' }

/** Few names, so that they meet; values from nothing to more than a page. */
const key = fc.constantFrom('a', 'б', 'c d', '0')
const value = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => text.toWellFormed().replaceAll('\0', ' ')),
  fc.nat(60_000).map((length) => 'є'.repeat(length)),
)
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      rows: fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, minLength: 1, maxLength: 3 }),
      isUndone: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), key }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('checkpoint' as const, 'reopen' as const, 'killed' as const),
    }),
  },
)

class Undone extends Error {}

async function put(store: Store, { rows, isUndone }: Extract<Act, { kind: 'put' }>): Promise<void> {
  const written = store.db.transaction().execute(async (tx) => {
    for (const [name, text] of rows)
      await tx
        .insertInto('setting')
        .values({ key: name, value: text })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: text }))
        .execute()
    if (isUndone) throw new Undone()
  })
  if (isUndone) await expect(written).rejects.toBeInstanceOf(Undone)
  else await written
}

/** What a record holds in the table of this test, and that every page of it is as it was written. */
async function heldBy(store: Store): Promise<Map<string, string>> {
  expect(store.record.openedWithDamage).toBeUndefined()
  const rows = await store.db.selectFrom('setting').selectAll().execute()
  return new Map(rows.map((row) => [row.key, row.value]))
}

test.each([
  ['an unencrypted record', undefined],
  ['an encrypted record', randomBytes(32)],
])(
  '%s holds what was written and not undone, in whatever order it is written, copied, killed and opened',
  async (_name, operatorKey) => {
    const sequence = fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 14 }), async (acts) => {
      const folder = scratchFolder()
      const dataFolder = path.join(folder, 'data')
      await makeNewRecord(dataFolder, operatorKey)
      let store = await openStore({ dataFolder, operatorKey })
      try {
        const expected = await heldBy(store)
        for (const [at, one] of acts.entries()) {
          if (one.kind === 'put') {
            await put(store, one)
            if (!one.isUndone) for (const [name, text] of one.rows) expected.set(name, text)
          } else if (one.kind === 'remove') {
            await store.db.deleteFrom('setting').where('key', '=', one.key).execute()
            expected.delete(one.key)
          } else if (one.kind === 'checkpoint') {
            await store.record.checkpointNow()
          } else if (one.kind === 'reopen') {
            await store.close()
            store = await openStore({ dataFolder, operatorKey })
          } else {
            // As its files stand now, which is what a kill leaves.
            const killed = path.join(folder, `killed-${at}`)
            cpSync(dataFolder, killed, { recursive: true })
            const left = await openStore({ dataFolder: killed, operatorKey })
            expect(await heldBy(left)).toEqual(expected)
            await left.close()
          }
          expect(await heldBy(store)).toEqual(expected)
        }
        await store.record.checkpointNow()
        expect(await store.record.checkPages()).toEqual([])
      } finally {
        await store.close()
      }
    })
    await fc.assert(sequence, { numRuns: SEQUENCES })
  },
)
