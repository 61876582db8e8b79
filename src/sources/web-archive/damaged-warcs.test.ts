import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { written } from '../../../test/support/archived-pages.ts'
import { zipOf } from '../../../test/support/hostile-archives.ts'
import { warcRecord } from '../../../test/support/hostile-warcs.ts'
import { scratchFolder } from '../../../test/support/scratch-folder.ts'
import { ArchiveThread } from './archive-thread.ts'
import type { ArchiveFacts } from './capture.ts'
import type { SurveyedItem } from './surveyed-item.ts'
import { OriginalsOfRevisits, type FoundMedia } from './originals-of-revisits.ts'
import { MAX_REREADS } from './record-stream.ts'

const thread = new ArchiveThread()
afterAll(() => thread.close())

const jpeg = (mark: string): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(mark.repeat(500))])
const url = (name: string): string => `https://example.org/${name}.jpg`
const record = (name: string, claimedBytes?: number): Buffer =>
  warcRecord(url(name), jpeg(name), claimedBytes === undefined ? {} : { claimedBytes })
const A_BYTES = jpeg('a').byteLength
const members = (): Buffer[] => ['a', 'b', 'c', 'd'].map((name) => gzipSync(record(name)))
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** What an archive gives: addresses of pictures whose bytes are read again whole and fit their hash; all sentences. */
async function survey(
  bytes: Buffer,
  kind: 'warc' | 'wacz' = 'warc',
): Promise<{ whole: string[]; items: SurveyedItem[]; facts: ArchiveFacts }> {
  const file = written(scratchFolder(), 'archive', bytes)
  const location = { file }
  const facts = await thread.ask('survey', { location, kind, name: 'archive' })
  const items = await thread.ask('items', { from: 0, count: 1000 })
  const whole: string[] = []
  for (const { name, claims } of items) {
    const { place, digest } = claims?.capture ?? {}
    if (place === undefined || digest?.verdict !== 'valid') continue
    const read = await thread.ask('read', { location, kind: 'warc', place, surveyed: digest.verdict })
    expect(Buffer.from(read).equals(jpeg(/(\w+)\.jpg/.exec(name)![1]))).toBe(true)
    whole.push(name)
  }
  return { whole, items, facts }
}

describe.each([
  ['plain', (...records: Buffer[]) => Buffer.concat(records)],
  ['all in one gzip member', (...records: Buffer[]) => gzipSync(Buffer.concat(records))],
])('a WARC file, %s', (_how, pack) => {
  test.each([
    ['too short by three', A_BYTES - 3],
    ['too long by three', A_BYTES + 3],
    ['so long that it takes in the next record', A_BYTES + 1500],
    ['nearly nothing', 1],
    ['nothing', 0],
    ['without end', 9e15],
  ])(
    'whose record has a length that is %s gives that record and all after it, with a warning',
    async (_what, claimed) => {
      const { whole, items, facts } = await survey(
        pack(record('b'), record('a', claimed), record('c'), record('d')),
      )
      expect(whole).toEqual(['b', 'a', 'c', 'd'].map(url))
      expect(items).toHaveLength(4)
      expect(facts.problems.join(' ')).toMatch(
        new RegExp(`says that it has ${claimed} bytes and has ${A_BYTES}`),
      )
      expect(facts.records).toBe(4)
    },
  )

  test('with a header that cannot be read, or something between records, goes on behind it', async () => {
    const broken = Buffer.from('WARC/1.0\r\nno colon\r\n\r\nbody\r\n\r\n')
    const noLength = Buffer.from('WARC/1.0\r\nWARC-Type: resource\r\n\r\nbody\r\n\r\n')
    for (const between of [broken, noLength, Buffer.from('junk between records\r\n\r\n')]) {
      const { whole, facts } = await survey(pack(record('a'), between, record('b')))
      expect(whole).toEqual(['a', 'b'].map(url))
      expect(facts.problems.join(' ')).toMatch(/passed over/)
    }
  })
})

describe('a WARC file compressed record by record', () => {
  test.each([
    ['in its data', (member: Buffer) => member.fill(0xff, 40, 60)],
    ['in its checksum', (member: Buffer) => member.fill(0, member.length - 8, member.length - 4)],
    ['at its beginning', (member: Buffer) => member.fill(0, 0, 4)],
  ])('that is damaged %s in the middle goes on at the next member, and says so', async (_where, damage) => {
    const parts = members()
    damage(parts[1])
    const { whole, facts } = await survey(Buffer.concat(parts))
    expect(whole).toEqual(expect.arrayContaining(['a', 'c', 'd'].map(url)))
    expect(facts.problems.join(' ')).toMatch(/gone on at byte/)
  })

  test('whose middle is missing goes on at the next member', async () => {
    const parts = members()
    const { whole } = await survey(Buffer.concat([parts[0], parts[1].subarray(0, 50), parts[2], parts[3]]))
    expect(whole).toEqual(['a', 'c', 'd'].map(url))
  })
})

test('MAX_REREADS: an archive of nothing but wrong lengths is not read without end', async () => {
  const one = warcRecord(url('a'), Buffer.alloc(20_000, 'a'), { claimedBytes: 9e15 })
  const { items } = await survey(Buffer.concat(Array.from({ length: 400 }, () => one)))
  expect(items.at(-1)?.refusal?.detail).toContain(`MAX_REREADS, ${MAX_REREADS} times`)
})

test('originals of revisits are found by look-up: the work grows with the records, not with their square', () => {
  let looks = 0
  const media = Array.from({ length: 2000 }, (_, at): FoundMedia => {
    const capture = {
      tool: 'warc',
      recordId: `id-${at}`,
      resourceUrl: url(`${at}`),
      digest: { verdict: 'absent' },
    } as const
    const found = { capture, pageId: undefined, payloadDigest: `sha1:${at % 500}` }
    return new Proxy(found, {
      get(target, name) {
        looks += 1
        return Reflect.get(target, name) as unknown
      },
    })
  })
  const originals = new OriginalsOfRevisits(media)
  const revisit = { capture: { tool: 'warc' }, pageId: undefined } as const
  const found = media.map((_, at) =>
    originals.of({ ...revisit, payloadDigest: `sha1:${at}`, refersTo: undefined, refersToUrl: url(`${at}`) }),
  )
  expect(looks).toBeLessThan(10 * media.length)
  // The first in the archive of those that are meant.
  expect(found[7]).toBe(media[7])
  expect(
    originals.of({ ...revisit, payloadDigest: 'sha1:3', refersTo: 'id-1503', refersToUrl: undefined }),
  ).toBe(media[3])
  expect(
    originals.of({ ...revisit, payloadDigest: 'none', refersTo: undefined, refersToUrl: undefined }),
  ).toBeUndefined()
})

describe('a WACZ package', () => {
  const warc = record('a')
  const verdict = async (resource: object, digestFile?: string): Promise<[string, string]> => {
    const list = JSON.stringify({ resources: [{ path: 'archive/a.warc', ...resource }] })
    const files = [
      { name: 'archive/a.warc', bytes: warc },
      { name: 'datapackage.json', bytes: Buffer.from(list) },
      ...(digestFile === undefined
        ? []
        : [{ name: 'datapackage-digest.json', bytes: Buffer.from(digestFile) }]),
    ]
    const { facts } = await survey(zipOf(files), 'wacz')
    return [facts.packageVerdict, facts.problems.join(' ')]
  }

  test('of the older form, with stats.hash and hashing, is checked', async () => {
    const hash = sha256(warc)
    expect(await verdict({ stats: { hash, bytes: 1 }, hashing: 'sha256' })).toEqual(['valid', ''])
    expect(await verdict({ stats: { hash: `sha256:${hash}` } })).toEqual(['valid', ''])
    expect(await verdict({ hash, hashing: 'sha-256' })).toEqual(['valid', ''])
    const md5 = createHash('md5').update(warc).digest('hex')
    expect(await verdict({ stats: { hash: md5 }, hashing: 'md5' })).toEqual(['valid', ''])
    const wrong = await verdict({ stats: { hash: sha256(Buffer.from('x')) }, hashing: 'sha256' })
    expect(wrong[0]).toBe('invalid')
    expect(await verdict({ path: './archive/a.warc', hash: `sha256:${hash}` })).toEqual(['valid', ''])
  })

  test('whose hashes are of a kind that is not known here could not be checked', async () => {
    const hash = `sha256:${sha256(warc)}`
    for (const [said, digestFile] of [
      [{}, undefined],
      [{ stats: { hash: 'abc' }, hashing: 'blake3' }, undefined],
    ] as const) {
      const [packageVerdict, problems] = await verdict(said, digestFile)
      expect([packageVerdict, problems]).toEqual([
        'unchecked',
        expect.stringContaining('could not be checked'),
      ])
    }
    const [kept, problems] = await verdict({ hash }, '{"path":"datapackage.json","hash":"blake3:00"}')
    expect([kept, problems]).toEqual(['valid', expect.stringContaining('could not be checked')])
    expect((await verdict({ hash }, '{"hash":"sha256:00"}'))[0]).toBe('valid')
    expect((await verdict({ hash }, `{"hash":"sha256:${'0'.repeat(64)}"}`))[0]).toBe('invalid')
  })
})
