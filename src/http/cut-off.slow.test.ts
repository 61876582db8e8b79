import { readFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { cookieHeader } from '../../scripts/browser-fetch.ts'
import { FaceMaker } from '../../bench/gallery/faces.ts'
import { groupPhoto, portrait } from '../../scripts/sample-photos.ts'
import { fillRecord } from '../../test/support/made-up-record.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { startServer } from '../../test/support/server-process.ts'
import { join, newAccount, newAgency, newClient, type TestAccount } from '../../test/support/test-service.ts'
import { addressOf } from '../contract/client/address-of.ts'
import { openStore } from '../store/store.ts'

/** Everything of an account must have ended this long after the suspension was acknowledged. */
const CUT_OFF_WITHIN_MS = 1000

interface OpenStream {
  /** What it said until it ended, and when that was. */
  ended: Promise<{ text: string; endedMs: number }>
}

/** Opens the account's event stream, and waits until it has begun. */
async function openStream(account: TestAccount, server: string): Promise<OpenStream> {
  const cookie = cookieHeader(account.client.cookies)
  const response = await fetch(`${server}${addressOf('streamEvents', {})}`, { headers: { cookie } })
  expect(response.status).toBe(200)
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  const first = await reader.read()
  const rest = async (): Promise<{ text: string; endedMs: number }> => {
    let text = decoder.decode(first.value)
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { text, endedMs: performance.now() }
      text += decoder.decode(value)
    }
  }
  return { ended: rest() }
}

async function statusAt(account: TestAccount, server: string): Promise<number> {
  const cookie = cookieHeader(account.client.cookies)
  return (await fetch(`${server}${addressOf('showMe', {})}`, { headers: { cookie } })).status
}

test('a suspension ends requests and open streams on every server process within a second', async () => {
  const dataFolder = path.join(scratchFolder(), 'data')
  const first = await startServer(dataFolder)
  const second = await startServer(dataFolder)
  const operator = await join(first.address, second.setupLink!, { email: 'o@instance.example', name: 'O' })
  const agencyId = await newAgency(operator, 'Agency')
  const accounts = [
    await newAccount(operator, agencyId, 'By account', ['examiner']),
    await newAccount(operator, agencyId, 'By session', ['examiner']),
    await newAccount(operator, agencyId, 'By device', ['examiner']),
    await newAccount(operator, agencyId, 'By agency', ['examiner']),
  ]
  const untouched = await openStream(operator, second.address)
  let untouchedEnded = false
  void untouched.ended.then(() => (untouchedEnded = true))
  for (const [index, account] of accounts.entries()) {
    const streams = [await openStream(account, first.address), await openStream(account, second.address)]
    const [session] = await account.client.call('listMySessions', {})
    const target = [
      { kind: 'account' as const, targetId: account.accountId },
      { kind: 'session' as const, targetId: session.id },
      { kind: 'device' as const, targetId: session.deviceId! },
      { kind: 'agency' as const, targetId: agencyId },
    ][index]
    const startMs = performance.now()
    await operator.client.call('suspend', { body: { ...target, reason: 'lost' } })
    // New requests: at once, on both processes.
    expect(await statusAt(account, first.address)).toBe(401)
    expect(await statusAt(account, second.address)).toBe(401)
    for (const { ended } of streams) {
      const { text, endedMs } = await ended
      expect(text).toContain('event: cut_off')
      expect(endedMs - startMs).toBeLessThan(CUT_OFF_WITHIN_MS)
    }
  }
  expect(await statusAt(operator, second.address)).toBe(200)
  expect(untouchedEnded).toBe(false)
})

/** Faces to be taken into the index before a first search can be answered: that takes seconds. */
const FACES = 60_000
/** A photo of so many times so many group photos, which takes the engine seconds. */
const TILES = 3
const PROBES_AT_ONCE = 6

test('a search and readings under way end within a second, and their workers are free again', async () => {
  const dataFolder = path.join(scratchFolder(), 'data')
  const first = await startServer(dataFolder)
  const second = await startServer(dataFolder)
  const operator = await join(first.address, second.setupLink!, { email: 'o@instance.example', name: 'O' })
  const elsewhere = newClient(second.address)
  for (const [name, value] of operator.client.cookies) elsewhere.cookies.set(name, value)
  const agencyId = await newAgency(operator, 'Agency')
  const curator = await newAccount(operator, agencyId, 'Curator', ['curator'])
  const searching = await newAccount(operator, agencyId, 'Searching', ['examiner'])
  const reading = await newAccount(operator, agencyId, 'Reading', ['examiner'])
  const { id: collectionId } = await curator.client.call('createCollection', {
    body: { title: 'Made up', lawfulBasis: 'test', sensitivity: 'ordinary' },
  })
  const caseId = await openCase(searching)
  const photo = readFileSync(portrait('audrey.jpg'))
  const { faces } = await searching.client.call('addProbe', { params: { id: caseId }, body: photo })

  const store = await openStore({ dataFolder, operatorKey: undefined })
  onTestFinished(() => store.close())
  const {
    pack_id: packId,
    pipeline_version: pipelineVersion,
    vector,
  } = await store.db.selectFrom('probe_face').selectAll().executeTakeFirstOrThrow()
  const kind = { packId, pipelineVersion, templateLength: vector.byteLength / 4 }
  const maker = new FaceMaker(kind.templateLength, 7)
  await fillRecord(store, { collectionId, kind, faces: FACES, next: (into) => maker.person(into) })

  const search = timed(
    searching.client.send('searchInCase', { params: { id: caseId }, body: { faces: [faces[0].id] } }),
  )
  // The same server answers another request of the account, so it has begun the search, too.
  await searching.client.call('showMe', {})
  const searchCutMs = performance.now()
  await elsewhere.call('suspend', {
    body: { kind: 'account', targetId: searching.accountId, reason: 'lost' },
  })
  const searched = await search
  expect(searched).toMatchObject({ status: 401, code: 'cut_off' })
  expect(searched.endedMs).toBeGreaterThan(searchCutMs)
  expect(searched.endedMs - searchCutMs).toBeLessThan(CUT_OFF_WITHIN_MS)

  const otherCase = await openCase(reading)
  const { key } = await reading.client.call('createApiKey', {
    body: { name: 'camera', scopes: ['probe.add', 'case.read'], days: 1 },
  })
  const [{ id: keyId }] = await reading.client.call('listApiKeys', {})
  const program = newClient(first.address, key)
  const large = await tiled(readFileSync(groupPhoto(1)), TILES)
  const probes = Array.from({ length: PROBES_AT_ONCE }, () =>
    timed(program.send('addProbe', { params: { id: otherCase }, body: large })),
  )
  await program.call('listCases', {})
  const keyCutMs = performance.now()
  await elsewhere.call('suspend', { body: { kind: 'api_key', targetId: keyId, reason: 'lost' } })
  for (const { status, code, endedMs } of await Promise.all(probes)) {
    expect({ status, code }).toEqual({ status: 401, code: 'cut_off' })
    expect(endedMs - keyCutMs).toBeLessThan(CUT_OFF_WITHIN_MS)
  }
  // The account itself goes on, and does not wait behind photos that nobody asks for any more.
  const before = performance.now()
  const kept = await reading.client.call('addProbe', { params: { id: otherCase }, body: photo })
  const smallMs = performance.now() - before
  const alone = performance.now()
  await reading.client.call('addProbe', { params: { id: otherCase }, body: large })
  // Two workers would need half as many times that for the photos before it.
  expect(smallMs).toBeLessThan(((performance.now() - alone) * PROBES_AT_ONCE) / 2)
  const probeRows = await store.db.selectFrom('probe').select('id').where('case_id', '=', otherCase).execute()
  expect(probeRows).toHaveLength(2)
  expect(probeRows.map(({ id }) => id)).toContain(kept.id)
  expect(await store.db.selectFrom('search').select('id').execute()).toEqual([])
})

async function openCase({ client }: TestAccount): Promise<string> {
  const { name } = await client.call('showMe', {})
  const facts = { title: 'A case', purpose: 'training' as const, legalBasis: 'test' }
  return (await client.call('createCase', { body: { number: name, ...facts } })).id
}

async function timed(work: Promise<Response>): Promise<{ status: number; code: string; endedMs: number }> {
  const response = await work
  const { code } = (await response.json()) as { code: string }
  return { status: response.status, code, endedMs: performance.now() }
}

async function tiled(photo: Buffer, times: number): Promise<Buffer> {
  const tile = await sharp(photo).resize({ width: 1200 }).toBuffer({ resolveWithObject: true })
  const { width, height } = tile.info
  const places = Array.from({ length: times * times }, (_, at) => ({
    input: tile.data,
    left: (at % times) * width,
    top: Math.floor(at / times) * height,
  }))
  const canvas = {
    create: { width: width * times, height: height * times, channels: 3 as const, background: '#fff' },
  }
  return sharp(canvas).composite(places).jpeg().toBuffer()
}
