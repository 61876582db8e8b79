import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  busy,
  busyBetween,
  clientOf,
  json,
  lost,
  type Answer,
  type SentRequest,
} from '../../../test/support/answering-server.ts'
import { PART_BYTES } from '../part-bytes.ts'
import { sendInParts, type LargeFile } from './send-in-parts.ts'

/** Three parts, the last one short. */
const bytes = randomBytes(2 * PART_BYTES + 12_345)

/** What goes wrong with a request: an answer instead of the service's; or the service does its part, and its answer is lost. */
type Mishap = Answer | 'answer lost'

/**
 * A server that keeps parts as the service does: what came already is passed over, what comes too early is refused.
 * @param mishaps by the number of the request, from 1
 * @param before what an earlier sending left there
 */
async function keeperOf(mishaps: Record<number, Mishap> = {}, before: Uint8Array = new Uint8Array()) {
  const kept = { body: Buffer.from(before), begun: {}, finished: 0 }
  const state = () => ({ id: 'u', received: kept.body.length, isComplete: kept.finished > 0 })
  const work = ({ url, body }: SentRequest): Answer => {
    const { pathname, searchParams } = new URL(url!, 'http://service.test')
    if (pathname === '/api/v1/imports/i/uploads') kept.begun = JSON.parse(body.toString()) as object
    if (pathname === '/api/v1/uploads/u/parts') {
      const at = Number(searchParams.get('at'))
      if (at > kept.body.length) return json({ code: 'conflict', detail: 'Too early.' }, 409)
      if (at === kept.body.length) kept.body = Buffer.concat([kept.body, body])
    }
    if (pathname === '/api/v1/uploads/u/finish') kept.finished += 1
    return json(state())
  }
  let requests = 0
  const { client, sent } = await clientOf((response, request) => {
    const mishap = mishaps[++requests]
    const answer = typeof mishap === 'function' ? mishap : work(request)
    return (mishap === 'answer lost' ? lost : answer)(response, request)
  })
  const paths = () => sent.map(({ url }) => url!.replace('/api/v1', ''))
  return { client, kept, paths }
}

function film(over: Partial<LargeFile> = {}): LargeFile {
  const read: LargeFile['read'] = async (at, most) => bytes.subarray(at, at + most)
  return { name: 'film.mp4', byteLength: bytes.length, claims: { collector: 'Iryna' }, read, ...over }
}

const shortened: LargeFile['read'] = async (at, most) =>
  bytes.subarray(0, PART_BYTES + 5).subarray(at, at + most)
const unplugged = (): Promise<never> => Promise.reject(new Error('unplugged'))

const isWhole = ({ body }: { body: Buffer }): boolean => Buffer.compare(body, bytes) === 0

test('a file goes part by part, with what is claimed of it, and is told to be whole', async () => {
  const { client, kept, paths } = await keeperOf()
  const shares: number[] = []
  await sendInParts(client, 'i', film(), (share) => shares.push(share))
  expect(kept.begun).toEqual({ name: 'film.mp4', byteLength: bytes.length, collector: 'Iryna' })
  expect(isWhole(kept)).toBe(true)
  expect(paths()).toEqual([
    '/imports/i/uploads',
    '/uploads/u/parts?at=0',
    `/uploads/u/parts?at=${PART_BYTES}`,
    `/uploads/u/parts?at=${2 * PART_BYTES}`,
    '/uploads/u/finish',
  ])
  expect(shares).toEqual([0, PART_BYTES / bytes.length, (2 * PART_BYTES) / bytes.length])
})

test('a service that is busy, fails behind something between and loses its answers gets the file all the same', async () => {
  const { client, kept } = await keeperOf({
    1: busy(),
    3: 'answer lost',
    5: busy(0, 429, 'too_many_requests'),
    6: busyBetween,
    9: 'answer lost',
  })
  await sendInParts(client, 'i', film(), () => undefined)
  expect(isWhole(kept)).toBe(true)
  expect(kept.finished).toBe(2)
})

test('what came by an earlier sending is not sent again', async () => {
  const { client, kept, paths } = await keeperOf({}, bytes.subarray(0, 2 * PART_BYTES))
  await sendInParts(client, 'i', film(), () => undefined)
  expect(isWhole(kept)).toBe(true)
  expect(paths()).toEqual([
    '/imports/i/uploads',
    `/uploads/u/parts?at=${2 * PART_BYTES}`,
    '/uploads/u/finish',
  ])
  kept.finished = 1
  await sendInParts(client, 'i', film(), () => undefined)
  expect(paths().slice(3)).toEqual(['/imports/i/uploads'])
})

test('a refusal ends the sending, and is not asked for again', async () => {
  const refusal = json({ code: 'quota_reached', detail: 'The agency has no room.' }, 413)
  const { client, kept, paths } = await keeperOf({ 3: refusal })
  const sending = sendInParts(client, 'i', film(), () => undefined)
  await expect(sending).rejects.toMatchObject({ status: 413, message: 'The agency has no room.' })
  expect(paths()).toHaveLength(3)
  expect(kept.finished).toBe(0)
})

test('a file that became shorter is refused here, not sent for ever', async () => {
  const { client, kept } = await keeperOf()
  const sending = sendInParts(client, 'i', film({ read: shortened }), () => undefined)
  await expect(sending).rejects.toMatchObject({ code: 'unreadable_input' })
  expect([kept.body.length, kept.finished]).toEqual([PART_BYTES + 5, 0])
})

test('a file that cannot be read any more is not asked of the service', async () => {
  const { client, kept, paths } = await keeperOf()
  await expect(sendInParts(client, 'i', film({ read: unplugged }), () => undefined)).rejects.toThrow(
    'unplugged',
  )
  expect([paths().length, kept.finished]).toEqual([1, 0])
})

test('who breaks it off while the service is busy has it broken off', async () => {
  const leaving = new AbortController()
  const longBusy: Answer = (response, request) => {
    busy(600)(response, request)
    setImmediate(() => leaving.abort(new Error('left')))
  }
  const { client, kept, paths } = await keeperOf({ 3: longBusy })
  const sending = sendInParts(client, 'i', film(), () => undefined, leaving.signal)
  await expect(sending).rejects.toThrow('left')
  expect([paths().length, kept.finished]).toEqual([3, 0])
})
