import { mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { written } from '../../../test/support/archived-pages.ts'
import { zipOf } from '../../../test/support/hostile-archives.ts'
import { warcRecord } from '../../../test/support/hostile-warcs.ts'
import { mhtmlOf } from '../../../test/support/mhtml-files.ts'
import { scratchFolder } from '../../../test/support/scratch-folder.ts'
import { openSource } from '../open-source.ts'
import {
  MAX_ARCHIVE_BYTES,
  MAX_HEADER_BYTES,
  MAX_HEADER_LINE_BYTES,
  MAX_PAGES_OF_PICTURE,
} from './archive-limits.ts'
import { ArchiveThread } from './archive-thread.ts'
import { ArchiveFault } from './capture.ts'
import { type SurveyedItem } from './surveyed-item.ts'
import { detectArchive } from './detect-archive.ts'
import { PageGraph } from './page-graph.ts'

const thread = new ArchiveThread()
afterAll(() => thread.close())

const jpeg = (mark: string): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(mark.repeat(500))])
const A = 'https://example.org/a.jpg'
const B = 'https://example.org/b.jpg'

/** Name -> reason of refusal, or `taken`; the fault when the archive as a whole cannot be read. */
async function outcomes(
  bytes: Buffer,
  kind: 'warc' | 'wacz' | 'mhtml' = 'warc',
): Promise<Record<string, string> | string> {
  const file = written(scratchFolder(), 'archive', bytes)
  try {
    await thread.ask('survey', { location: { file }, kind, name: 'archive' })
  } catch (error) {
    if (error instanceof ArchiveFault) return `${error.reason}: ${error.message}`
    throw error
  }
  const items: SurveyedItem[] = await thread.ask('items', { from: 0, count: 1000 })
  return Object.fromEntries(
    items.map(({ name, refusal }) => [
      name,
      refusal === undefined ? 'taken' : `${refusal.reason}: ${refusal.detail}`,
    ]),
  )
}

describe('hostile WARC files', () => {
  test('zero bytes, bytes that are no records, and records without end are named', async () => {
    expect(await outcomes(Buffer.alloc(0))).toBe('damaged_archive: the file is empty')
    expect(await outcomes(Buffer.from('WARC/1.0\r\nno colon\r\n\r\n'))).toMatchObject({
      '(rest of the archive)': expect.stringContaining('no colon'),
    })
    const endless = Buffer.concat([
      Buffer.from('WARC/1.0\r\nX: '),
      Buffer.alloc(MAX_HEADER_LINE_BYTES + 10, 0x61),
    ])
    expect(await outcomes(endless)).toMatchObject({
      '(rest of the archive)': expect.stringContaining('MAX_HEADER_LINE_BYTES'),
    })
    const many = Buffer.from(
      `WARC/1.0\r\n${`X: ${'a'.repeat(2000)}\r\n`.repeat(1 + MAX_HEADER_BYTES / 2000)}\r\n`,
    )
    expect(await outcomes(many)).toMatchObject({
      '(rest of the archive)': expect.stringContaining('MAX_HEADER_BYTES'),
    })
  })

  test('a length that is a lie costs its record, and with gzip none of its neighbours', async () => {
    const [a, b] = [jpeg('a'), jpeg('b')]
    const tooLong = warcRecord(A, a, { claimedBytes: a.byteLength + 5000 })
    const endless = warcRecord(A, a, { claimedBytes: 9e15 })
    const tooShort = warcRecord(A, a, { claimedBytes: 10 })
    for (const lie of [tooLong, endless]) {
      expect(await outcomes(Buffer.concat([gzipSync(lie), gzipSync(warcRecord(B, b))]))).toMatchObject({
        [A]: expect.stringContaining('damaged_archive'),
        [B]: 'taken',
      })
    }
    for (const lie of [tooLong, endless, tooShort]) {
      const archive = Buffer.concat([warcRecord(`${B}?1`, b), lie, warcRecord(B, b)])
      expect(await outcomes(archive)).toEqual({ [`${B}?1`]: 'taken', [A]: 'taken', [B]: 'taken' })
    }
  })
})

test('MAX_ARCHIVE_BYTES: a larger archive is refused before it is read', async () => {
  const file = written(scratchFolder(), 'huge.warc', 'WARC/1.0')
  truncateSync(file, MAX_ARCHIVE_BYTES + 1)
  const survey = thread.ask('survey', { location: { file }, kind: 'warc', name: 'huge' })
  await expect(survey).rejects.toMatchObject({
    reason: 'too_many_bytes',
    message: expect.stringContaining('MAX_ARCHIVE_BYTES'),
  })
})

test('MAX_PAGES_OF_PICTURE: a picture that stands on every page names so many of them', () => {
  const graph = new PageGraph()
  for (let page = 0; page <= MAX_PAGES_OF_PICTURE; page++)
    graph.addHtml(`https://example.org/${page}`, { title: undefined, media: [A], styles: [], frames: [] })
  expect(graph.pagesOf(A, undefined)).toHaveLength(MAX_PAGES_OF_PICTURE)
})

describe('hostile packages', () => {
  test('paths that lead out, packages in packages, and files that are no WARC are named', async () => {
    const zip = zipOf([
      { name: 'archive/data.warc.gz', bytes: gzipSync(warcRecord(A, jpeg('a'))) },
      { name: '../../etc/cron.d/x', bytes: Buffer.from('x') },
      { name: 'archive/inner.wacz', bytes: Buffer.from('PK') },
      { name: 'archive/words.warc', bytes: Buffer.from('words') },
      { name: 'datapackage.json', bytes: Buffer.from('{"resources": 7}') },
    ])
    expect(await outcomes(zip, 'wacz')).toMatchObject({
      [A]: 'taken',
      '../../etc/cron.d/x': expect.stringContaining('unsafe_path'),
      'archive/inner.wacz': expect.stringContaining('nested_archive'),
      'archive/words.warc': expect.stringContaining('damaged_archive'),
    })
  })

  test('MHTML whose parts are nested without end or cut off says so', async () => {
    const deep = Array.from(
      { length: 9 },
      (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`,
    ).join('')
    expect(
      await outcomes(
        Buffer.from(`${deep}x\r\n${Array.from({ length: 9 }, (_, at) => `--b${8 - at}--\r\n`).join('')}`),
        'mhtml',
      ),
    ).toContain('nested too deep')
    const page = mhtmlOf('https://example.org/', 'Page', { 'a.jpg': jpeg('a'), 'b.jpg': jpeg('b') })
    const cut = await outcomes(page.subarray(0, page.byteLength - 400), 'mhtml')
    expect(cut).toEqual({ [A]: 'taken', '(rest of the file)': expect.stringContaining('ends inside a part') })
  })
})

test('broken archives in a folder cost themselves; the photos beside them are taken', async () => {
  const folder = scratchFolder()
  mkdirSync(path.join(folder, 'sub'))
  written(folder, 'empty.warc', '')
  written(
    folder,
    'broken.wacz',
    Buffer.concat([
      zipOf([{ name: 'archive/x.warc', bytes: Buffer.from('x') }]).subarray(0, 40),
      Buffer.alloc(50),
    ]),
  )
  written(folder, 'cut.warc.gz', gzipSync(warcRecord(A, jpeg('a'))).subarray(0, 100))
  written(folder, 'sub/photo.jpg', jpeg('photo'))
  const items: Record<string, string> = {}
  for await (const { name, refusal } of openSource('folder', folder).list())
    items[name] = refusal?.reason ?? 'taken'
  expect(items).toMatchObject({
    'cut.warc.gz > (rest of the archive)': 'damaged_archive',
    'sub/photo.jpg': 'taken',
  })
  // What nothing tells to be an archive is a file like any other; that it is no photo shows when it is read.
  expect(items).toMatchObject({ 'empty.warc': 'taken', 'broken.wacz': 'taken' })
  expect(await detectArchive(path.join(folder, 'empty.warc'))).toBeUndefined()
})

test('nothing that reads archives can reach the network', () => {
  const folder = 'src/sources'
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )
  const reaching = sources.filter((file) =>
    /\bfetch\(|node:(http|https|http2|net|tls|dgram|dns)'/.test(
      readFileSync(path.join(folder, file), 'utf8').replaceAll(
        /import \{ rootCertificates \} from 'node:tls'/g,
        '',
      ),
    ),
  )
  expect(reaching).toEqual([])
})
