import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { enrol, storeWithCollection, testPhoto } from '../../test/support/enrolled-record.ts'
import { listMembers } from '../media/list-members.ts'
import type { Store } from '../store/store.ts'
import { checkLists } from './check-lists.ts'

async function filled(): Promise<Store> {
  const store = await storeWithCollection()
  await enrol(store, [
    { ...testPhoto('with.jpg'), claims: { note: 'перший' } },
    testPhoto('without.jpg', 0),
    testPhoto('two.jpg', 2),
  ])
  return store
}

async function found(store: Store, words: string): Promise<number> {
  const { id: collectionId } = await store.db.selectFrom('collection').select('id').executeTakeFirstOrThrow()
  const sieve = { collectionId, faces: 'with' as const, words, limit: 10 }
  return (await listMembers(store.db, { ...sieve, since: undefined, until: undefined, before: undefined }))
    .members.length
}

test('what an import wrote is in order, and counted', async () => {
  const store = await filled()
  expect(await checkLists(store, false)).toEqual([])
  const { media, faces } = await store.db.selectFrom('collection_count').selectAll().executeTakeFirstOrThrow()
  expect({ media, faces }).toEqual({ media: 3, faces: 3 })
})

test.each([
  ['source_words', "delete from source_words where said like '%перший%'"],
  ['source_words', "update source_words set said = 'інше' where said like '%перший%'"],
  ['source_words', "insert into source_words (seq, source_id, scope, said) values (1, 'none', 'x', 'y')"],
  ['media_in_collection', 'update media_in_collection set has_faces = 1 - has_faces where seq = 1'],
  ['collection_count', 'update collection_count set faces = 7'],
  ['import_count', "update import_count set items = 9 where state = 'done'"],
  ['word_index', 'delete from word_index_data where id > 10'],
  ['word_index', "update word_index set words = 'інше' where words like '%перш%'"],
  ['word_index', "delete from word_index where words like '%перш%'"],
])('what is wrong with %s is named and set right (%s)', async (where, damage) => {
  const store = await filled()
  await sql.raw(damage).execute(store.db)
  const named = await checkLists(store, false)
  expect(named.map((finding) => finding.where)).toContain(where)
  await checkLists(store, true)
  expect(await checkLists(store, false)).toEqual([])
  expect(await found(store, 'перш')).toBe(1)
})
