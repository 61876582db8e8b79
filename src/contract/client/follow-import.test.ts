import { expect, test } from 'vitest'
import { busy, clientOf, json, lost, type Answer } from '../../../test/support/answering-server.ts'
import { itemsOf, takenIn, untilRead } from './follow-import.ts'

const which = { collectionId: 'c', importId: 'i' }
const reading = { id: 'i', finishedAt: null }
const read = { id: 'i', finishedAt: '2026-01-01T00:00:00Z' }
const other = { id: 'o', finishedAt: null }

/** A client of a server that gives these answers one after the other. */
function answering(answers: readonly Answer[]) {
  const left = [...answers]
  return clientOf((response, request) => left.shift()!(response, request))
}

test('an import is followed until it is read, however busy the service is meanwhile', async () => {
  const { client, sent } = await answering([busy(), json([other, reading]), lost, json([other, read])])
  const told: unknown[] = []
  await untilRead(client, which, (one) => told.push(one), new AbortController().signal)
  expect(told).toEqual([reading])
  expect(sent).toHaveLength(4)
})

test('an import that is gone is not waited for', async () => {
  const { client } = await answering([json([other])])
  const told: unknown[] = []
  await untilRead(client, which, (one) => told.push(one), new AbortController().signal)
  expect(told).toEqual([])
})

test('who leaves is told nothing more', async () => {
  const { client, sent } = await answering([json([reading])])
  const leaving = new AbortController()
  const following = untilRead(client, which, () => leaving.abort(new Error('left')), leaving.signal)
  await expect(following).rejects.toThrow('left')
  await expect(untilRead(client, which, () => undefined, leaving.signal)).rejects.toThrow('left')
  expect(sent).toHaveLength(1)
})

/** A page of files of an import. */
const page = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({ ordinal: first + at, name: `${first + at}.jpg` }))

test('every file of a large import is listed, page by page', async () => {
  const { client, sent } = await answering([json(page(0, 1000)), json(page(1000, 1000)), json(page(2000, 1))])
  const items = await itemsOf(client, 'i')
  expect(items.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: 2001 }, (_, at) => at))
  expect(sent.map(({ url }) => url)).toEqual([
    '/api/v1/imports/i/items?after=-1&limit=1000',
    '/api/v1/imports/i/items?after=999&limit=1000',
    '/api/v1/imports/i/items?after=1999&limit=1000',
  ])
})

test('what failed or was never read is sent again, what was taken in is not', async () => {
  const states = ['waiting', 'done', 'duplicate', 'no_face', 'unreadable', 'failed']
  const { client } = await answering([
    json(states.map((state, ordinal) => ({ ordinal, name: state, state }))),
  ])
  const taken = await takenIn(client, 'i')
  expect([...taken.keys()]).toEqual(['done', 'duplicate', 'no_face', 'unreadable'])
  expect(taken.get('done')).toMatchObject({ ordinal: 1, state: 'done' })
})
