import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { enrol, storeWithCollection, testPhoto } from '../../test/support/enrolled-record.ts'
import { writeByHand } from '../../test/support/write-by-hand.ts'
import { collectionSetNumber, MAX_COLLECTION_SETS, setsWithAny } from './collection-sets.ts'

test('a combination has one number, whatever the order, and is found through each of its collections', async () => {
  const store = await storeWithCollection()
  const { db } = store
  await writeByHand(store, async (tx) => {
    for (const id of ['a', 'b', 'c']) {
      await sql`insert into collection select ${id}, agency_id, ${id}, lawful_basis, sensitivity, null, created_at, created_by, digest from collection limit 1`.execute(
        tx,
      )
    }
  })
  await db.transaction().execute(async (tx) => {
    const ab = await collectionSetNumber(tx, ['a', 'b'])
    const a = await collectionSetNumber(tx, ['a'])
    const c = await collectionSetNumber(tx, ['c'])
    expect(await collectionSetNumber(tx, ['b', 'a'])).toBe(ab)
    expect(new Set(await setsWithAny(tx, ['a']))).toEqual(new Set([ab, a]))
    expect(await setsWithAny(tx, ['b'])).toEqual([ab])
    expect(new Set(await setsWithAny(tx, ['b', 'c']))).toEqual(new Set([ab, c]))
    expect(await setsWithAny(tx, [])).toEqual([])
  })
})

test('MAX_COLLECTION_SETS: numbers that nobody uses are given out again; when all are in use it is refused', async () => {
  const store = await storeWithCollection()
  const { db } = store
  await enrol(store, [testPhoto('a.jpg')])
  const { set_number: used } = await db
    .selectFrom('index_entry')
    .select('set_number')
    .executeTakeFirstOrThrow()
  expect(used).toBe(0)
  await sql`
    with recursive n(i) as (select 1 union all select i + 1 from n where i + 1 < ${MAX_COLLECTION_SETS})
    insert into collection_set select i, 'made up ' || i from n
  `.execute(db)
  const { id } = await db.selectFrom('collection').select('id').executeTakeFirstOrThrow()
  await writeByHand(store, (tx) =>
    sql`insert into collection select 'other', agency_id, 'other', lawful_basis, sensitivity, null, created_at, created_by, digest from collection limit 1`.execute(
      tx,
    ),
  )
  const number = await db.transaction().execute((tx) => collectionSetNumber(tx, [id, 'other']))
  expect(number).toBe(1)
  expect(await setsWithAny(db, [id])).toEqual([0, 1])

  // Now as if faces were entered under every number there is.
  await sql`pragma foreign_keys = off`.execute(db)
  await sql`
    with recursive n(i) as (select 1 union all select i + 1 from n where i + 1 < ${MAX_COLLECTION_SETS})
    insert or ignore into collection_set select i, 'made up ' || i from n
  `.execute(db)
  await sql`
    with recursive n(i) as (select 1 union all select i + 1 from n where i + 1 < ${MAX_COLLECTION_SETS})
    insert into index_entry (template_seq, media_id, label, set_number) select i + 1000, 'made up', 'x', i from n
  `.execute(db)
  await expect(db.transaction().execute((tx) => collectionSetNumber(tx, ['other']))).rejects.toMatchObject({
    code: 'limit_exceeded',
  })
})
