import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fillRecord, type MadeUpPhoto } from '../../test/support/made-up-record.ts'
import { makeNewRecord } from '../../test/support/new-record.ts'
import { removeMediaRows } from '../erasure/remove-rows.ts'
import { createCollection } from '../collections/create-collection.ts'
import { localOperator } from '../actor/actor.ts'
import { openStore, type Store } from '../store/store.ts'
import { listMembers, type MemberSieve } from './list-members.ts'

let folder: string
let store: Store
let collectionId: string

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'likeness-members-'))
  await makeNewRecord(folder)
  store = await openStore({ dataFolder: folder, operatorKey: undefined })
  const made = await createCollection({ store }, localOperator('test'), {
    title: 'Ours',
    agency: 'Agency',
    lawfulBasis: 'test',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  collectionId = made.id
})

afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Photos in this order, the last one with a face. */
async function fill(photos: readonly Omit<MadeUpPhoto, 'faces' | 'hasTemplates'>[]): Promise<void> {
  await fillRecord(store, {
    collectionId,
    kind: { packId: 'pack', pipelineVersion: '1', templateLength: 4 },
    faces: 1,
    photo: (number) => ({
      ...photos[number],
      faces: number === photos.length - 1 ? 1 : 0,
      hasTemplates: false,
    }),
    next() {},
  })
}

/** Numbers of the photos found, newest first, from 0. */
async function found(sieve: Partial<MemberSieve>): Promise<number[]> {
  const all = {
    collectionId,
    faces: 'any',
    words: undefined,
    since: undefined,
    until: undefined,
    before: undefined,
  }
  const { members } = await listMembers(store.db, { ...all, limit: 50, ...sieve } as MemberSieve)
  const sources = await store.db.selectFrom('source').select(['media_id', 'ordinal']).execute()
  return members.map((member) => sources.find(({ media_id: id }) => id === member.media_id)!.ordinal)
}

test('words are found whatever apostrophe, capitals, stress marks or ґ they are written with', async () => {
  await fill([
    { name: 'a.jpg', note: 'Об’єкт на вулиці Ґонти' },
    { name: 'b.jpg', note: "ОБ'ЄКТ" },
    { name: 'c.jpg', note: 'обʼє\u0301кти' },
    { name: 'd.jpg', note: 'Киї\u0301в, зйомка'.normalize('NFD') },
    { name: 'e.jpg', note: 'café' },
    { name: 'f.jpg', note: 'object' },
  ])
  for (const words of ['обʼєкт', "об'єкт", 'ОБ’ЄКТ', 'обєкт', 'об`єк'])
    expect(await found({ words })).toEqual([2, 1, 0])
  expect(await found({ words: 'гонти' })).toEqual([0])
  expect(await found({ words: 'київ ЗЙОМ' })).toEqual([3])
  expect(await found({ words: 'зиомка' })).toEqual([])
  expect(await found({ words: 'Cafe' })).toEqual([4])
  expect(await found({ words: 'cafe\u0301' })).toEqual([4])
})

test('all words must stand in one source; each is the beginning of a word, and signs of queries mean nothing', async () => {
  await fill([
    { name: 'Hostomel/IMG_2022.jpg', note: 'first' },
    { name: 'Bucha/IMG_2022.jpg', note: 'second' },
    { name: 'x.jpg', note: 'OR NOT NEAR words:x' },
  ])
  expect(await found({ words: 'img host' })).toEqual([0])
  expect(await found({ words: '2022' })).toEqual([1, 0])
  expect(await found({ words: '022' })).toEqual([])
  expect(await found({ words: 'host OR bucha' })).toEqual([])
  expect(await found({ words: 'or not "near' })).toEqual([2])
  expect(await found({ words: 'words:x -jpg*' })).toEqual([2])
  await expect(found({ words: '***' })).rejects.toThrow('letters or digits')
})

test('pages by words, faces and days follow each other without gaps or repeats', async () => {
  const photos = Array.from({ length: 40 }, (_, number) => ({
    name: `${number % 2 === 0 ? 'even' : 'odd'} ${number}.jpg`,
    at: new Date(Date.UTC(2024, 0, 1 + Math.floor(number / 4), 23, 59, number)).toISOString(),
  }))
  await fill(photos)
  const sieve = { words: 'even', since: '2024-01-03', until: '2024-01-08', limit: 3 }
  const pages: number[][] = []
  let before: number | undefined
  do {
    const all = { collectionId, faces: 'without' as const, ...sieve, before }
    const page = await listMembers(store.db, all)
    pages.push(page.members.map(({ seq }) => seq - 1))
    before = page.next
  } while (before !== undefined)
  expect(pages).toEqual([
    [30, 28, 26],
    [24, 22, 20],
    [18, 16, 14],
    [12, 10, 8],
  ])
  expect(await found({ faces: 'with' })).toEqual([39])
  expect(await found({ faces: 'with', words: 'odd' })).toEqual([39])
  expect(await found({ faces: 'with', words: 'even' })).toEqual([])
  expect(await found({ since: '2024-01-10' })).toEqual([39, 38, 37, 36])
  expect(await found({ until: '2023-12-31' })).toEqual([])
})

test('words of another collection are not found', async () => {
  await fill([{ name: 'secret.jpg' }])
  expect(await found({ collectionId: '00000000-0000-7000-8000-000000000000', words: 'secret' })).toEqual([])
})

test('erased words are gone from the file, and the rest is found as before', async () => {
  await fill([
    { name: 'Zaporizhzhiasecret.jpg', note: 'common' },
    { name: 'b.jpg', note: 'common' },
  ])
  const [first] = await store.db.selectFrom('media').select('id').orderBy('id').execute()
  await store.db.transaction().execute((tx) => removeMediaRows(tx, [first.id], 'tombstone'))
  expect(await found({ words: 'zaporizhzhiasecret' })).toEqual([])
  expect(await found({ words: 'common' })).toEqual([1])
  await store.record.checkpointNow()
  const bytes = readFileSync(store.record.files.database).toString('latin1').toLowerCase()
  expect(bytes).toContain('common')
  expect(bytes).not.toContain('zaporizhzhiasecret')
})
