import { appendFileSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { portrait } from '../../scripts/sample-photos.ts'
import { runImport } from '../imports/run-import.ts'
import { listItems, startImport } from '../imports/start-import.ts'
import { createEngine } from '../engine/create-engine.ts'
import { actor, storeWithCollection } from '../../test/support/enrolled-record.ts'
import { CONTAINERS, makeClip, makeSound, matroskaOf } from '../../test/support/make-video.ts'
import { filesBelow, scratchFolder } from '../../test/support/scratch-folder.ts'
import { probeVideo } from './probe-video.ts'
import { readFrames } from './read-frames.ts'
import { sniffContainer } from './sniff-container.ts'
import { open } from 'node:fs/promises'

const engine = await createEngine()
afterAll(() => engine.close())

/** Takes a folder in. @returns name -> state and reason */
async function take(folder: string): Promise<Record<string, string>> {
  const store = await storeWithCollection()
  const ctx = { store, engine: async () => engine }
  const { id } = await startImport(ctx, actor, { source: folder, collection: 'Test' })
  await listItems(ctx, id, () => undefined)
  expect(await runImport(ctx, actor, { importId: id })).toMatchObject({ finished: true })
  const rows = await store.db
    .selectFrom('import_item')
    .select(['name', 'state', 'reason', 'detail'])
    .execute()
  for (const { state, detail } of rows) {
    if (state === 'unreadable') expect(detail).toMatch(/^[^\n]{3,300}$/)
  }
  return Object.fromEntries(rows.map(({ name, state, reason }) => [name!, `${state} ${reason ?? ''}`.trim()]))
}

/** A server that nobody should call. */
async function silentServer(): Promise<{ address: string; calls: () => number }> {
  let calls = 0
  const server = createServer((_request, response) => void response.end('never'))
  server.on('connection', () => (calls += 1))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls: () => calls }
}

test('hostile files are refused with a reason, call nobody, read nothing else, and the import goes on', async () => {
  const folder = scratchFolder()
  const file = (name: string): string => path.join(folder, name)
  const { address, calls } = await silentServer()
  const secret = makeClip(scratchFolder(), 'secret.mp4', { startS: 20, seconds: 1 })
  copyFileSync(portrait('audrey.jpg'), file('a-photo.jpg'))
  makeClip(folder, 'z-good.mp4', { startS: 10, seconds: 1 })
  writeFileSync(file('empty.mp4'), '')
  writeFileSync(file('gzip.mp4'), gzipSync(Buffer.alloc(50_000_000)))
  writeFileSync(file('hls.mp4'), `#EXTM3U\n#EXTINF:5,\n${address}/a.ts\n#EXTINF:5,\nfile://${secret}\n`)
  writeFileSync(file('concat.mp4'), `ffconcat version 1.0\nfile '${secret}'\n`)
  writeFileSync(file('dash.mp4'), `<MPD><BaseURL>${address}/</BaseURL></MPD>`)
  const ftyp = Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42', 'latin1')
  writeFileSync(file('dressed-hls.mp4'), Buffer.concat([ftyp, Buffer.from(`#EXTM3U\n${address}/b.ts\n`)]))
  writeFileSync(file('noise.mp4'), Buffer.concat([ftyp, readFileSync(portrait('cage.jpg'))]))
  writeFileSync(file('streams.mkv'), matroskaOf(100_000, 320, 240))
  writeFileSync(file('huge.mkv'), matroskaOf(1, 65_535, 65_535))
  writeFileSync(file('nothing.mkv'), matroskaOf(1, 320, 240))
  makeClip(folder, 'wide.mov', { seconds: 1, width: 9000, height: 64, rate: 1, encoder: 'mjpeg' })
  // Two hundred megabytes of packets that say nothing.
  const packets = file('endless.ts')
  const packet = Buffer.alloc(188, 0xff)
  packet[0] = 0x47
  writeFileSync(packets, Buffer.concat(Array.from({ length: 1000 }, () => packet)))
  truncateSync(packets, 200_000_000)
  makeSound(folder, 'sound.mp4')
  const long = readFileSync(makeClip(scratchFolder(), 'long.mp4', { seconds: 1 }))
  // Two thousand hours between two pictures, said wherever a length is said, and no list of edits that says less.
  for (const [name, at, value] of [
    ['mvhd', 16, 0x7fff_ffff],
    ['mdhd', 16, 0x7fff_ffff],
    ['tkhd', 20, 0x7fff_ffff],
    ['stts', 12, 0x0fff_ffff],
  ] as const) {
    expect(long.indexOf(name)).toBeGreaterThan(0)
    long.writeUInt32BE(value, long.indexOf(name) + 4 + at)
  }
  long.write('free', long.indexOf('edts'))
  writeFileSync(file('says-long.mp4'), long)
  const cut = makeClip(folder, 'cut.mp4', { seconds: 1 })
  truncateSync(cut, 2000)

  const outcomes = await take(folder)
  expect(calls()).toBe(0)
  expect(outcomes).toMatchObject({
    'a-photo.jpg': 'done',
    'z-good.mp4': 'done',
    'empty.mp4': 'unreadable empty_file',
    'gzip.mp4': 'unreadable unsupported_archive',
    'hls.mp4': 'unreadable not_an_image',
    'concat.mp4': 'unreadable not_an_image',
    'dash.mp4': 'unreadable not_an_image',
    'dressed-hls.mp4': 'unreadable damaged',
    'noise.mp4': 'unreadable damaged',
    'streams.mkv': 'unreadable too_many_streams',
    'huge.mkv': expect.stringMatching(/^unreadable (too_small|no_picture_stream|too_large_pictures)$/),
    'wide.mov': 'unreadable too_large_pictures',
    'nothing.mkv': expect.stringMatching(/^unreadable (damaged|no_picture_stream)$/),
    'endless.ts': expect.stringMatching(/^unreadable (damaged|no_picture_stream)$/),
    'sound.mp4': 'unreadable no_picture_stream',
    'says-long.mp4': 'unreadable too_long',
    'cut.mp4': 'unreadable damaged',
  })
})

const MUTANTS = 504
const SEED = 20_261_124
/** At once; each is one process that decodes a few frames. */
const UNDER_WAY = 4

test(`${MUTANTS} damaged videos: each is read or refused with a reason, and nothing is left behind`, async () => {
  const folder = scratchFolder()
  const originals = Object.entries(CONTAINERS).map(([name, codec]) =>
    readFileSync(makeClip(folder, name, { seconds: 1, width: 64, height: 48, rate: 5, ...codec })),
  )
  const random = xorshift32(SEED)
  const mutants = Array.from({ length: MUTANTS }, (_, at) => mutate(originals[at % originals.length], random))
  const scratch = scratchFolder()
  const outcomes = { read: 0, unreadable: 0, photo: 0 }
  let next = 0
  const work = async (): Promise<void> => {
    for (let at = next++; at < MUTANTS; at = next++) {
      const container = sniffContainer(mutants[at])
      if (container === undefined) {
        outcomes.photo += 1
        continue
      }
      const name = path.join(scratch, String(at))
      appendFileSync(name, mutants[at])
      const input = await open(name)
      const probed = await probeVideo(input.fd, container)
      if (probed.outcome === 'probed') {
        const frames = readFrames({
          inputFd: input.fd,
          facts: probed.facts,
          fromS: 0,
          toS: 60,
          take: { atS: 0 },
        })
        for (let count = 0; count < 10; count++) if ((await frames.next()).done === true) break
        await frames.return({ how: 'stopped', complaint: '' })
        outcomes.read += 1
      } else {
        expect(probed.detail, `mutant ${at}`).toMatch(/^[^\n]{3,300}$/)
        expect(probed.reason, `mutant ${at}`).not.toBe('took_too_long')
        outcomes.unreadable += 1
      }
      await input.close()
    }
  }
  await Promise.all(Array.from({ length: UNDER_WAY }, work))
  expect(outcomes.read + outcomes.unreadable + outcomes.photo).toBe(MUTANTS)
  expect(outcomes.read).toBeGreaterThan(MUTANTS / 4)
  expect(outcomes.unreadable).toBeGreaterThan(0)
  // No program wrote anything beside the files that it was given.
  expect(filesBelow(scratch)).toHaveLength(MUTANTS - outcomes.photo)
})

function xorshift32(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Changes bytes, cuts, doubles or moves a part. */
function mutate(original: Buffer, random: () => number): Buffer {
  const place = (): number => Math.floor(random() * original.length)
  const kind = Math.floor(random() * 5)
  if (kind === 0) return original.subarray(0, 200 + place())
  if (kind === 1) {
    const [from, length] = [place(), Math.floor(random() * 400)]
    return Buffer.concat([original.subarray(0, from), original.subarray(from + length)])
  }
  if (kind === 2) {
    const [from, to] = [place(), place()]
    return Buffer.concat([
      original.subarray(0, to),
      original.subarray(from, from + 300),
      original.subarray(to),
    ])
  }
  const copy = Buffer.from(original)
  // Heads break most; so half of the changes fall there.
  const reach = kind === 3 ? Math.min(copy.length, 1500) : copy.length
  for (let changes = 1 + Math.floor(random() * 20); changes > 0; changes--) {
    copy[Math.floor(random() * reach)] = Math.floor(random() * 256)
  }
  return copy
}
