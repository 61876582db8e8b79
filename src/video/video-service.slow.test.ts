import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cookieHeader } from '../../scripts/browser-fetch.ts'
import { addressOf } from '../contract/client/address-of.ts'
import { PART_BYTES } from '../contract/part-bytes.ts'
import { eraseMedia } from '../erasure/erase-media.ts'
import { examine } from '../doctor/examine.ts'
import { localOperator } from '../actor/actor.ts'
import { makeClip, pictureAt } from '../../test/support/make-video.ts'
import { filesBelow, scratchFolder } from '../../test/support/scratch-folder.ts'
import {
  newAccount,
  newAgency,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../../test/support/test-service.ts'

let service: TestService
let curator: TestAccount
let examiner: TestAccount
let outsider: TestAccount
let collectionId: string
let caseId: string

beforeAll(async () => {
  service = await startTestService()
  const operator = await setUp(service)
  const agencyId = await newAgency(operator, 'Kyiv bureau')
  curator = await newAccount(operator, agencyId, 'Cora Curator', ['curator'])
  examiner = await newAccount(operator, agencyId, 'Eva Examiner', ['examiner'])
  outsider = await newAccount(operator, await newAgency(operator, 'Other'), 'Oleh', ['examiner', 'curator'])
  const body = { title: 'Clips', lawfulBasis: 'test', sensitivity: 'sensitive' as const }
  collectionId = (await curator.client.call('createCollection', { body })).id
  const opened = await examiner.client.call('createCase', {
    body: { number: '1', title: 'Clip', purpose: 'investigate_crime', legalBasis: 'Order 1' },
  })
  caseId = opened.id
}, 120_000)
afterAll(() => service.remove())

/** Sends a video in parts as a browser does. @param breakAfter parts after which the sender begins anew */
async function send(importId: string, name: string, bytes: Buffer, breakAfter: number): Promise<void> {
  const { client } = curator
  const begin = () =>
    client.call('beginUpload', { params: { id: importId }, body: { name, byteLength: bytes.length } })
  let { id, received } = await begin()
  const params = { id }
  for (let part = 0; received < bytes.length; part++) {
    if (part === breakAfter) {
      const again = await begin()
      expect(again).toMatchObject({ id, received })
      // A part whose reply was lost is sent again and passed over.
      await client.call('sendPart', {
        params,
        query: { at: 0 },
        body: bytes.subarray(0, PART_BYTES),
      })
    }
    const body = bytes.subarray(received, received + PART_BYTES)
    received = (await client.call('sendPart', { params, query: { at: received }, body })).received
  }
  await client.call('finishUpload', { params, body: {} })
}

test('a video sent in parts is found, shown at its moment, played, searched with, and erased', async () => {
  const folder = scratchFolder()
  // Raw pictures, so that it has several parts.
  const raw = { encoder: 'rawvideo', width: 352, rate: 10 }
  const clip = readFileSync(makeClip(folder, 'clip.avi', { startS: 60, seconds: 8, ...raw }))
  expect(clip.length).toBeGreaterThan(PART_BYTES)
  const { client } = curator
  const { id: importId } = await client.call('startImport', {
    params: { id: collectionId },
    body: { files: 1 },
  })
  await send(importId, 'clips/clip.avi', clip, 1)
  await client.call('finishImport', { params: { id: importId }, body: {} })
  const items = () => client.call('listImportItems', { params: { id: importId } })
  await expect.poll(async () => (await items())[0].state, { timeout: 90_000, interval: 200 }).toBe('done')
  // The last file is done a moment before its import is.
  const finishedAt = async () =>
    (await client.call('listImports', { params: { id: collectionId } }))[0].finishedAt
  await expect.poll(finishedAt).not.toBeNull()
  // Its parts go when that is committed.
  await expect.poll(() => filesBelow(service.ctx.store.uploads.folder)).toEqual([])

  const { items: media } = await client.call('browseCollection', { params: { id: collectionId } })
  expect(media[0]).toMatchObject({ format: 'avi', video: { tracks: 1 }, faces: [{ moment: { track: 1 } }] })
  // Its track counts once, however many samples of it are kept.
  const held = (await client.call('listCollections', {})).find(({ id }) => id === collectionId)
  expect(held).toMatchObject({ photos: 0, videos: 1, faces: 1 })
  const still = await pictureAt(`${folder}/clip.avi`, 3)
  const probe = await examiner.client.call('addProbe', { params: { id: caseId }, body: still })
  const search = await examiner.client.call('searchInCase', {
    params: { id: caseId },
    body: { faces: [probe.faces[0].id] },
  })
  const [candidate] = search.candidates
  expect(search.candidates).toHaveLength(1)
  expect(Math.abs(candidate.face!.moment!.timeS - 3)).toBeLessThanOrEqual(1)

  const params = { id: search.id, rank: 1 }
  const track = await examiner.client.call('showCandidateTrack', { params })
  expect(track.faces.length).toBeGreaterThanOrEqual(7)
  expect(track.faces.filter(({ isBest }) => isBest).length).toBeGreaterThan(1)
  const picture = await examiner.client.call('showCandidatePicture', { params })
  expect(picture.headers.get('content-type')).toBe('image/jpeg')
  const strip = { ...params, faceId: track.faces[0].id }
  expect((await examiner.client.send('showTrackPicture', { params: strip })).status).toBe(200)
  for (const name of ['showCandidateTrack', 'playCandidateVideo'] as const) {
    expect((await outsider.client.send(name, { params })).status).toBe(404)
  }

  const whole = await examiner.client.call('playCandidateVideo', { params })
  const bytes = Buffer.from(await whole.arrayBuffer())
  expect(whole.headers.get('content-type')).toBe('video/webm')
  expect(bytes.subarray(0, 4).toString('hex')).toBe('1a45dfa3')
  const url = `${examiner.client.server}${addressOf('playCandidateVideo', { params })}`
  const cookie = cookieHeader(examiner.client.cookies)
  const piece = await fetch(url, { headers: { cookie, range: 'bytes=100-199' } })
  expect(piece.status).toBe(206)
  expect(piece.headers.get('content-range')).toBe(`bytes 100-199/${bytes.length}`)
  expect(Buffer.compare(Buffer.from(await piece.arrayBuffer()), bytes.subarray(100, 200))).toBe(0)
  expect((await fetch(url, { headers: { cookie, range: `bytes=${bytes.length}-` } })).status).toBe(416)

  const taken = await examiner.client.call('addTrackProbes', {
    params: { id: caseId },
    body: { searchId: search.id, rank: 1 },
  })
  expect(taken.faces.length).toBeGreaterThan(2)
  const again = await examiner.client.call('searchInCase', {
    params: { id: caseId },
    body: { faces: taken.faces },
  })
  expect(again.candidates[0]).toMatchObject({ mediaId: candidate.mediaId })
  expect(again.candidates[0].similarity).toBeGreaterThan(0.9)

  const { ctx } = service
  const actor = localOperator('tester')
  expect((await examine(ctx, actor, { repair: false })).findings).toEqual([])
  await eraseMedia(ctx, actor, {
    target: { kind: 'media', media: [media[0].sha256] },
    reason: 'The agreement has ended',
    dryRun: false,
  })
  for (const table of [
    'video',
    'video_track',
    'video_face',
    'video_trace',
    'derivative',
    'face',
    'template',
  ] as const) {
    expect(await ctx.store.db.selectFrom(table).selectAll().execute(), table).toEqual([])
  }
  expect(filesBelow(ctx.store.derived.folder)).toEqual([])
  expect(await ctx.store.vault.has(media[0].sha256)).toBe(false)
  expect((await examiner.client.send('playCandidateVideo', { params })).status).toBe(404)
  expect((await examine(ctx, actor, { repair: false })).findings).toEqual([])
})
