import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordWarc, serveSite, siteOf, written } from '../../../../test/support/archived-pages.ts'
import { scratchFolder } from '../../../../test/support/scratch-folder.ts'
import { detectSource, openSource } from '../open-source.ts'
import type { ListedItem } from '../source-item.ts'
import type { ArchiveFacts, IndexedRecord } from './capture.ts'

const jpeg = (mark: string): Buffer => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(mark.repeat(500))])
const video = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom'), Buffer.alloc(4000, 7)])
const site = siteOf({ img: jpeg('img'), set: jpeg('set'), css: jpeg('css'), inline: jpeg('inl'), poster: jpeg('pos') }, video)
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
    result.bytes.set(name, read.ok ? Buffer.from(read.bytes) : `refused: ${read.refusal.reason}`)
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

test.each([true, false])('a WARC by warcio (compressed: %s) gives every picture with its page', async (gzip) => {
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
  expect(found.facts).toMatchObject({ packageVerdict: 'absent', signatureVerdict: 'absent', records: 21, pages: 2, problems: [], software: 'test recorder 1.0' })
})
