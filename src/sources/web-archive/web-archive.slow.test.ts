import { generateKeyPairSync } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordWarc, serveSite, siteOf, written } from '../../../test/support/archived-pages.ts'
import {
  anonymousSigner,
  domainSigner,
  waczByTool,
  waczOf,
  type Signer,
} from '../../../test/support/wacz-files.ts'
import { scratchFolder } from '../../../test/support/scratch-folder.ts'
import { detectSource, openSource } from '../open-source.ts'
import type { ListedItem } from '../source-item.ts'
import { fileBytes } from './byte-feed.ts'
import type { ArchiveFacts, IndexedRecord } from './capture.ts'
import { WarcSurvey } from './survey-warc.ts'
import { surveyWacz } from './survey-wacz.ts'

const jpeg = (mark: string): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(mark.repeat(500))])
const video = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom'), Buffer.alloc(4000, 7)])
const site = siteOf(
  { img: jpeg('img'), set: jpeg('set'), css: jpeg('css'), inline: jpeg('inl'), poster: jpeg('pos') },
  video,
)
const paths = Object.keys(site)

let origin: string
let close: () => Promise<void>
beforeAll(async () => {
  ;({ origin, close } = await serveSite(site))
})
afterAll(() => close())

interface Surveyed {
  kind: string
  facts: ArchiveFacts | undefined
  records: IndexedRecord[]
  items: ListedItem[]
  bytes: Map<string, Buffer | string>
}

/** Everything that an import would see of an archive. */
async function surveyed(file: string): Promise<Surveyed> {
  const kind = await detectSource(file)
  const source = openSource(kind, file)
  const result: Surveyed = { kind, facts: undefined, records: [], items: [], bytes: new Map() }
  const keep = async (facts: ArchiveFacts, records: AsyncIterable<IndexedRecord[]>): Promise<void> => {
    result.facts = facts
    for await (const batch of records) result.records.push(...batch)
  }
  for await (const item of source.list(keep)) result.items.push(item)
  const reader = source.openReader()
  for (const [ordinal, { name, claims, refusal }] of result.items.entries()) {
    if (refusal !== undefined) continue
    const read = await reader.read(ordinal, name, claims?.capture)
    result.bytes.set(name, read.ok ? Buffer.from(read.bytes!) : `refused: ${read.refusal.reason}`)
  }
  await reader.close()
  return result
}

/** Path of each picture -> its pages and how that is known. */
function pagesOf({ items }: Surveyed): Record<string, string[]> {
  return Object.fromEntries(
    items.map(({ claims }) => [
      new URL(claims?.capture?.resourceUrl ?? 'x:').pathname,
      (claims?.capture?.pages ?? []).map(({ url, how }) => `${new URL(url).pathname} ${how}`),
    ]),
  )
}

const EXPECTED_PAGES = {
  '/img/first.jpg': ['/post html', '/other html'],
  '/img/set.jpg': ['/post html'],
  '/img/css.jpg': ['/post css'],
  '/img/inline.jpg': ['/post html'],
  '/img/poster.jpg': ['/post html'],
  '/clip.mp4': ['/post html'],
}

test.each([true, false])(
  'a WARC by warcio (compressed: %s) gives every picture with its page',
  async (gzip) => {
    const file = written(scratchFolder(), 'site.bin', await recordWarc(origin, paths, { gzip }))
    const found = await surveyed(file)
    expect(found.kind).toBe('warc')
    expect(pagesOf(found)).toEqual(EXPECTED_PAGES)
    const first = found.items[0].claims?.capture
    expect(first).toMatchObject({
      status: 200,
      capturedAt: '2024-03-01T12:00:03.000Z',
      digest: { verdict: 'valid', claimed: expect.stringMatching(/^sha256:/) },
      recordId: expect.stringMatching(/^<urn:uuid:/),
      pages: [{ title: 'Звіт зі станції' }, { title: 'Other page' }],
    })
    expect(first?.headers).toContainEqual(['content-type', 'image/jpeg'])
    expect(found.bytes.get(`${origin}/img/css.jpg`)).toEqual(site['/img/css.jpg'].bytes)
    expect(found.bytes.get(`${origin}/clip.mp4`)).toEqual(video)
    expect(found.facts).toMatchObject({
      packageVerdict: 'absent',
      signatureVerdict: 'absent',
      records: 21,
      pages: 2,
      problems: [],
      software: 'test recorder 1.0',
    })
  },
)

test('records that were changed are named as changed, and their neighbours are not', async () => {
  const warc = await recordWarc(origin, paths, { gzip: false })
  const at = warc.indexOf('setsetset')
  warc.write('SET', at)
  const { items } = await surveyed(written(scratchFolder(), 'changed.warc', warc))
  const verdicts = Object.fromEntries(
    items.map(({ name, claims }) => [new URL(name).pathname, claims?.capture?.digest.verdict]),
  )
  expect(verdicts).toEqual({
    ...Object.fromEntries(Object.keys(EXPECTED_PAGES).map((name) => [name, 'valid'])),
    '/img/set.jpg': 'invalid',
  })
})

test('page ids, referers and revisits say where a picture stood when the page does not', async () => {
  const only = ['/img/first.jpg', '/img/set.jpg']
  const warc = await recordWarc(origin, only, {
    referers: true,
    pageIds: { '/img/set.jpg': 'p1' },
    revisits: ['/img/first.jpg'],
  })
  const pages = [{ id: 'p1', url: `${origin}/gallery`, title: 'Gallery' }]
  const { items, bytes } = await surveyed(
    written(scratchFolder(), 'x.zip', await waczOf({ 'data.warc.gz': warc }, { pages })),
  )
  expect(
    items.map(({ name, claims }) => [
      name.slice(origin.length),
      claims?.capture?.pages.map(({ url, how }) => `${url.slice(origin.length)} ${how}`),
    ]),
  ).toEqual([
    ['/img/first.jpg', ['/post referer']],
    ['/img/set.jpg', ['/gallery page_id', '/post referer']],
    ['/img/first.jpg?again', []],
  ])
  expect(items[2].claims?.capture).toMatchObject({
    revisitOf: items[0].claims?.capture?.recordId,
    capturedAt: '2024-03-02T08:00:00Z',
  })
  expect(bytes.get(items[2].name)).toEqual(site['/img/first.jpg'].bytes)
})

function swap(files: Map<string, Buffer>, name: string): void {
  files.set(name, Buffer.concat([files.get(name)!, Buffer.from('\n')]))
}

const domain = await domainSigner('archive.example')

describe('WACZ packages', () => {
  test('by js-wacz: every picture with its page, hashes good, no signature', async () => {
    const found = await surveyed(await waczByTool(scratchFolder(), await recordWarc(origin, paths)))
    expect(found.kind).toBe('wacz')
    expect(pagesOf(found)).toEqual(EXPECTED_PAGES)
    expect(found.facts).toMatchObject({ packageVerdict: 'valid', signatureVerdict: 'absent', problems: [] })
    expect(found.bytes.get(`${origin}/img/inline.jpg`)).toEqual(site['/img/inline.jpg'].bytes)
  })

  test('packed again with compression are read too', async () => {
    const warc = await recordWarc(origin, paths)
    const found = await surveyed(
      written(scratchFolder(), 'again.wacz', await waczOf({ 'data.warc.gz': warc }, { compress: true })),
    )
    expect(pagesOf(found)).toEqual(EXPECTED_PAGES)
    expect(found.bytes.get(`${origin}/img/set.jpg`)).toEqual(site['/img/set.jpg'].bytes)
  })

  test.each<[string, Parameters<typeof waczOf>[1], [string, string], RegExp | undefined]>([
    ['an anonymous signature', { signer: anonymousSigner() }, ['valid', 'valid'], undefined],
    ['none', {}, ['valid', 'absent'], undefined],
    [
      'a changed list of pages',
      { signer: anonymousSigner(), change: (files) => swap(files, 'pages/pages.jsonl') },
      ['invalid', 'valid'],
      /hash of 'pages\/pages.jsonl' differs/,
    ],
    [
      'a changed data package',
      { signer: anonymousSigner(), change: (files) => swap(files, 'datapackage.json') },
      ['invalid', 'invalid'],
      /signature is of another data package/,
    ],
    [
      'a file that nobody listed',
      { change: (files) => void files.set('archive/extra.warc.gz', gzipSync('WARC/1.0\r\n')) },
      ['invalid', 'absent'],
      /'archive\/extra.warc.gz' is in the package and not in its list/,
    ],
    [
      'another key',
      {
        signer: {
          ...anonymousSigner(),
          publicKey: generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey,
        } as Signer,
      },
      ['valid', 'invalid'],
      /does not fit its key/,
    ],
    [
      'a certificate whose issuer nobody knows',
      { signer: domain },
      ['valid', 'unchecked'],
      /issuer is not known here/,
    ],
    [
      'a certificate of another domain',
      { signer: { ...domain, domain: 'other.example' } as Signer },
      ['valid', 'invalid'],
      /not of the domain other.example/,
    ],
  ])('with %s are told apart', async (_name, options, verdicts, problem) => {
    const warc = await recordWarc(origin, ['/img/first.jpg'])
    const file = written(scratchFolder(), 'a.wacz', await waczOf({ 'data.warc.gz': warc }, options))
    const bytes = await fileBytes(file)
    const facts = await surveyWacz(bytes, new WarcSurvey('wacz', ''))
    await bytes.close()
    expect([facts.packageVerdict, facts.signatureVerdict]).toEqual(verdicts)
    expect(facts.problems.join(' ')).toMatch(problem ?? /^$/)
  })
})
