import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { listMembers, type MemberSieve } from '../media/list-members.ts'
import { checkLists } from '../doctor/check-lists.ts'
import { fillLists } from './fill-lists.ts'
import { MIGRATIONS } from './database/migrations.ts'
import { LIST_TABLES } from './database/migrations/list-tables.ts'
import { openDatabase, readPragma } from './database/open-database.ts'
import { openStore } from './store.ts'

const MEDIA = 4500

/** A record as the version before wrote it: every third photo with a face, each with two sources. */
function earlierRecord(): string {
  const folder = scratchFolder()
  const database = openDatabase(path.join(folder, 'record.db'), undefined)
  const earlier = MIGRATIONS.slice(0, MIGRATIONS.indexOf(LIST_TABLES))
  for (const migration of earlier) database.exec(migration)
  readPragma(database, `user_version = ${earlier.length}`)
  database.exec(`
    insert into agency values ('a', 'Agency', '2022', x'00');
    insert into collection values ('c', 'a', 'Ours', 'test', 'ordinary', null, '2022', 'test', x'00');
    insert into import (id, collection_id, source_kind, location, started_by, started_at)
      values ('i', 'c', 'folder', '/x', 'test', '2022');
    create temp table number as
      with recursive n (x) as (select 0 union all select x + 1 from n where x < ${MEDIA - 1}) select x from n;
    insert into media (id, sha256, kind, format, byte_length, width_px, height_px, perceptual_hash, created_at, digest)
      select 'm' || x, 's' || x, 'photo', 'jpeg', 1, 1, 1, '0', '2022', x'00' from number;
    insert into media_in_collection (media_id, collection_id, added_at)
      select 'm' || x, 'c', '2022-03-05T00:00:00.000Z' from number;
    insert into source (id, media_id, collection_id, import_id, ordinal, name, note, imported_at, digest)
      select 'f' || x, 'm' || x, 'c', 'i', x, 'photo ' || x || '.jpg', 'Об''єкт', '2022', x'00' from number;
    insert into source (id, media_id, collection_id, import_id, ordinal, name, imported_at, digest)
      select 'g' || x, 'm' || x, 'c', 'i', ${MEDIA} + x, 'again ' || x || '.jpg', '2022', x'00' from number;
    insert into face (id, media_id, number, origin, box_x_px, box_y_px, box_width_px, box_height_px, detection_score,
        verification_score, tilt_degrees, five_points, quality, unified_score, created_at, created_by, digest)
      select 'f' || x, 'm' || x, 1, 'detector', 1, 1, 1, 1, 1, 1, 1, '[]', '{}', 1, '2022', 'test', x'00'
      from number where x % 3 = 0;
    insert into import_item (import_id, ordinal, state) select 'i', x, 'done' from number;
  `)
  database.close()
  return folder
}

const sieve: MemberSieve = {
  collectionId: 'c',
  faces: 'any',
  words: undefined,
  since: undefined,
  until: undefined,
  before: undefined,
  limit: 3,
}

test('what an earlier version wrote is found by words and faces, and counted, as soon as the record is open', async () => {
  const store = await openStore({ dataFolder: earlierRecord(), operatorKey: undefined })
  onTestFinished(() => store.close())
  const places = async (changes: Partial<MemberSieve>): Promise<number[]> =>
    (await listMembers(store.db, { ...sieve, ...changes })).members.map(({ seq }) => seq)
  expect(await places({ words: 'обʼєкт photo' })).toEqual([MEDIA, MEDIA - 1, MEDIA - 2])
  expect(await places({ words: 'again 17' })).toEqual([1800, 1799, 1798])
  expect(await places({ faces: 'with', words: 'обєкт' })).toEqual([MEDIA - 2, MEDIA - 5, MEDIA - 8])
  expect(await store.db.selectFrom('collection_count').selectAll().execute()).toEqual([
    { collection_id: 'c', media: MEDIA, faces: MEDIA / 3, bytes: MEDIA },
  ])
  expect(await store.db.selectFrom('import_count').selectAll().execute()).toEqual([
    { import_id: 'i', state: 'done', items: MEDIA },
  ])
  expect(await checkLists(store, false)).toEqual([])
})

test('filling that was cut off goes on where it was, and what was erased meanwhile stays erased', async () => {
  const dataFolder = earlierRecord()
  const database = openDatabase(path.join(dataFolder, 'record.db'), undefined)
  database.exec(LIST_TABLES)
  readPragma(database, `user_version = ${MIGRATIONS.indexOf(LIST_TABLES) + 1}`)
  const cutOff = fillLists(database, () => Promise.reject(new Error('killed')))
  await expect(cutOff).rejects.toThrow('killed')
  const { filled } = database.prepare('select count(*) as filled from source_words').get() as {
    filled: number
  }
  expect(filled).toBeGreaterThan(0)
  expect(filled).toBeLessThan(MEDIA * 2)
  for (const id of ['1', '4400']) {
    database.exec(`delete from source where media_id = 'm${id}'; delete from face where media_id = 'm${id}';
      delete from media_in_collection where media_id = 'm${id}'`)
  }
  database.close()
  const store = await openStore({ dataFolder, operatorKey: undefined })
  onTestFinished(() => store.close())
  expect(await checkLists(store, false)).toEqual([])
  const { members } = await listMembers(store.db, { ...sieve, words: 'обєкт', limit: MEDIA })
  expect(members).toHaveLength(MEDIA - 2)
})
