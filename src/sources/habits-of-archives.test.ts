import { cpSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { constants, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { tarOf, zipOf, type ZipFile } from '../../test/support/hostile-archives.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { detectSource, openSource } from './open-source.ts'
import type { ItemBytes, ListedItem } from './source-item.ts'
import { MAX_BYTES_AFTER_ZIP } from './zip-end.ts'
import { fileBytes } from './web-archive/byte-feed.ts'
import { openZipPackage } from './web-archive/zip-package.ts'

const photo = Buffer.from('photo '.repeat(2000))

function write(name: string, content: Buffer | string): string {
  const file = path.join(scratchFolder(), name)
  writeFileSync(file, content)
  return file
}

/** Name -> `taken` or the reason, and the sentence. */
async function outcomes(location: string): Promise<Record<string, string>> {
  const source = openSource(await detectSource(location), location)
  const items: ListedItem[] = []
  for await (const item of source.list()) items.push(item)
  const reader = source.openReader()
  const result: Record<string, string> = {}
  for (const [ordinal, { name, refusal, claims }] of items.entries()) {
    const read: ItemBytes =
      refusal === undefined ? await reader.read(ordinal, name, claims?.capture) : { ok: false, refusal }
    result[name] = read.ok
      ? Buffer.from(read.bytes!).equals(photo)
        ? 'taken'
        : 'other bytes'
      : `${read.refusal.reason}: ${read.refusal.detail}`
  }
  await reader.close()
  return result
}

describe('a zip', () => {
  const zip = zipOf([
    { name: 'a.jpg', bytes: photo },
    { name: 'b.jpg', bytes: photo },
  ])
  const whole = { 'a.jpg': 'taken', 'b.jpg': 'taken' }
  const comment = Buffer.concat([
    zip.subarray(0, -2),
    Buffer.from([30, 0]),
    Buffer.from('with PK\u0005\u0006 in the comment...'),
  ])

  test.each([
    ['zeros after its end', Buffer.concat([zip, Buffer.alloc(700_000)])],
    ['other bytes after its end', Buffer.concat([zip, Buffer.from('-----boundary--\r\n'.repeat(9000))])],
    ['bytes before it', Buffer.concat([Buffer.from('MZ'.repeat(5000)), zip])],
    ['both', Buffer.concat([Buffer.alloc(5), zip, Buffer.alloc(5)])],
    ['a comment that holds the mark of an end', comment.subarray(0, comment.length - 4)],
    [
      'a comment that is cut short',
      Buffer.concat([zip.subarray(0, -2), Buffer.from([200, 0]), Buffer.from('cut')]),
    ],
  ])('with %s is read', async (_what, bytes) => {
    expect(await outcomes(write('a.zip', bytes))).toEqual(whole)
  })

  test('that was packed with Deflate64 is read, alone and among others, also with bytes before it', async () => {
    // Literals alone are coded alike in Deflate and Deflate64.
    const packed = deflateRawSync(photo, { strategy: constants.Z_HUFFMAN_ONLY })
    const files: ZipFile[] = [
      { name: 'a.jpg', bytes: photo, method: 9, packed },
      { name: 'b.jpg', bytes: photo },
    ]
    expect(await outcomes(write('a.zip', zipOf(files)))).toEqual(whole)
    expect(await outcomes(write('b.zip', Buffer.concat([Buffer.alloc(100), zipOf(files)])))).toEqual(whole)
    const damaged = zipOf([{ ...files[0], packed: Buffer.alloc(packed.length, 0xff) }, files[1]])
    expect(await outcomes(write('c.zip', damaged))).toMatchObject({
      'a.jpg': expect.stringMatching(/^damaged_archive/),
      'b.jpg': 'taken',
    })
  })

  test.each([
    [12, 'BZip2'],
    [14, 'LZMA'],
    [93, 'Zstandard'],
    [95, 'XZ'],
    [98, 'PPMd'],
    [77, 'method 77'],
  ])(
    'whose files are compressed by method %i says so, and never that it is damaged',
    async (method, name) => {
      const file = write(
        'a.zip',
        zipOf([
          { name: 'a.jpg', bytes: photo, method },
          { name: 'b.jpg', bytes: photo },
        ]),
      )
      const { 'a.jpg': a, 'b.jpg': b } = await outcomes(file)
      expect(a).toMatch(/^unsupported_compression: .*pack it again/)
      expect(a).toContain(name)
      expect(b).toBe('taken')
    },
  )

  test('MAX_BYTES_AFTER_ZIP: an end that lies further back is not looked for', async () => {
    const file = write('a.zip', zip)
    truncateSync(file, zip.length + MAX_BYTES_AFTER_ZIP)
    expect(await outcomes(file)).toEqual(whole)
    truncateSync(file, zip.length + MAX_BYTES_AFTER_ZIP + 1)
    expect(Object.values(await outcomes(file))).toEqual([expect.stringMatching(/^damaged_archive/)])
  })

  test('that is one part of several says that the parts are to be joined', async () => {
    const part = Buffer.from(zip)
    part.writeUInt16LE(1, part.length - 18)
    const result = Object.values(await outcomes(write('a.zip', part)))
    expect(result).toEqual([expect.stringMatching(/^split_archive: .*join the parts/)])
  })
})

describe('compressed files that are not read say what they are', () => {
  const inner = tarOf([{ path: 'a.jpg', bytes: photo }])
  const cases: [string, Buffer, RegExp][] = [
    ['a.7z', Buffer.from("7z\u00bc\u00af'\u001c\0\u0004", 'latin1'), /7z.*pack it as zip/],
    ['a.rar', Buffer.from('Rar!\u001a\u0007\0', 'latin1'), /RAR.*pack it as zip/],
    ['a.rar', Buffer.from('Rar!\u001a\u0007\u0001\0', 'latin1'), /RAR.*pack it as zip/],
    ['a.tar.bz2', Buffer.from('BZh91AY&SY00000'), /bzip2.*pack it as zip/],
    ['a.tar.xz', Buffer.from('\u00fd7zXZ\0\0\u0004', 'latin1'), /XZ.*pack it as zip/],
    ['a.tar.zst', zstdCompressSync(inner), /Zstandard.*pack it as zip/],
    ['photo.jpg.gz', gzipSync(photo), /single file compressed with gzip.*zip/],
    [
      'crawl.arc.gz',
      gzipSync('filedesc://a.arc 0.0.0.0 20050101000000 text/plain 77\n1 0 IA\n'),
      /ARC.*WARC/,
    ],
    [
      'crawl.arc',
      Buffer.from('filedesc://a.arc 0.0.0.0 20050101000000 text/plain 77\n1 0 IA\n'),
      /ARC.*WARC/,
    ],
  ]

  test.each(cases)('%s', async (name, bytes, sentence) => {
    const padded = Buffer.concat([bytes, name.endsWith('gz') ? Buffer.alloc(0) : Buffer.alloc(2000)])
    const alone = Object.values(await outcomes(write(name, padded)))
    expect(alone).toEqual([expect.stringMatching(/^unsupported_archive/)])
    expect(alone[0]).toMatch(sentence)
    const folder = scratchFolder()
    writeFileSync(path.join(folder, name), padded)
    expect((await outcomes(folder))[name]).toMatch(sentence)
    expect((await outcomes(write('in.zip', zipOf([{ name, bytes: padded }]))))[name]).toMatch(sentence)
  })

  test('while a tar of each age is read, and one inside another is to be imported on its own', async () => {
    const old = tarOf([{ path: 'a.jpg', bytes: photo }])
    old.fill(0, 257, 265)
    old.fill(0x20, 148, 156)
    const sum = old.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    old.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    for (const tar of [inner, old]) {
      expect(await outcomes(write('a.bin', tar))).toEqual({ 'a.jpg': 'taken' })
      expect(await outcomes(write('a.bin', gzipSync(tar)))).toEqual({ 'a.jpg': 'taken' })
      const nested = zipOf([{ name: 'a.tar', bytes: gzipSync(tar) }])
      expect(await outcomes(write('b.zip', nested))).toEqual({
        'a.tar': expect.stringMatching(/^nested_archive/),
      })
    }
  })
})

describe('a source that changes or fails while it is read', () => {
  const noise = Buffer.from(
    Array.from({ length: 400_000 }, (_, at) => (at * 2654435761) >>> 13).map((n) => n & 0xff),
  )
  const files = ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => ({ name, bytes: noise }))
  const tar = tarOf(files.map(({ name, bytes }) => ({ path: name, bytes })))

  test.each([
    ['zip', zipOf(files)],
    ['tar', tar],
    ['tar.gz', gzipSync(tar)],
  ])(
    'a %s that is cut between listing and reading, and while it is read, refuses what is gone',
    async (ending, bytes) => {
      const location = write(`a.${ending}`, bytes)
      const source = openSource(await detectSource(location), location)
      const items: ListedItem[] = []
      for await (const item of source.list()) items.push(item)
      expect(items).toHaveLength(3)
      const reader = source.openReader()
      const first = await reader.read(0, 'a.jpg')
      expect(first.ok && Buffer.from(first.bytes!).equals(noise)).toBe(true)
      truncateSync(location, Math.floor(bytes.length / 2))
      for (const [ordinal, { name }] of items.entries()) {
        if (ordinal === 0) continue
        const read = await reader.read(ordinal, name)
        const outcome = read.ok ? Buffer.from(read.bytes!).equals(noise) : read.refusal.reason
        expect([true, 'damaged_archive', 'changed_since_listed', 'read_failed']).toContain(outcome)
      }
      expect((await reader.read(2, 'c.jpg')).ok).toBe(false)
      await reader.close()
    },
  )

  test('a file that turned into a folder is an error of the disk, not damage', async () => {
    for (const [name, bytes] of [
      ['a.zip', zipOf(files)],
      ['a.tar', tar],
      ['a.csv', Buffer.from(`file,note\n${'a.jpg,1\n'.repeat(50_000)}`)],
    ] as const) {
      const location = write(name, bytes)
      const source = openSource(await detectSource(location), location)
      rmSync(location)
      mkdirSync(location)
      const items: ListedItem[] = []
      for await (const item of source.list()) items.push(item)
      expect(items.at(-1)?.refusal?.reason).toBe('read_failed')
    }
  })

  test('a package whose file cannot be read any more says so, and nothing is left hanging', async () => {
    const location = write('a.wacz', zipOf([{ name: 'archive/a.warc', bytes: noise }]))
    const bytes = await fileBytes(location)
    const zip = await openZipPackage(bytes)
    await bytes.close()
    await expect(zip.open('archive/a.warc')).rejects.toMatchObject({
      reason: expect.stringMatching(/read_failed|damaged_archive/),
    })
  })
})

const bag = (): string => {
  const folder = path.join(scratchFolder(), 'bag')
  mkdirSync(path.join(folder, 'data'), { recursive: true })
  const write = (name: string, text: string | Buffer): void => writeFileSync(path.join(folder, name), text)
  write('data/a.jpg', photo)
  write('bagit.txt', 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n')
  write('bag-info.txt', 'Source-Organization: Somebody\n')
  write(
    'fetch.txt',
    'https://example.org/a.jpg 12000 data/a.jpg\nhttps://example.org/b.jpg - data/b%25.jpg\n',
  )
  write('manifest-sha256.txt', `${'0'.repeat(64)}  data/a.jpg\n`)
  write('tagmanifest-sha256.txt', `${'0'.repeat(64)} bag-info.txt\n`)
  return folder
}

describe('files that are nobody’s photos', () => {
  test('a bag’s own files are passed over; its hashes are claimed of the payload, and checked of its own files', async () => {
    const folder = bag()
    const items = new Map<string, ListedItem>()
    for await (const item of openSource('folder', folder).list()) items.set(item.name, item)
    expect([...items].map(([name, { refusal }]) => [name, refusal?.reason])).toEqual([
      ['data/a.jpg', undefined],
      ['data/b%.jpg', 'file_not_found'],
      ['bag-info.txt', 'digest_differs'],
    ])
    expect(items.get('data/a.jpg')?.claims).toMatchObject({
      source_url: 'https://example.org/a.jpg',
      capture: { digest: { claimed: `sha256:${'0'.repeat(64)}` } },
    })
    // The same below another folder.
    const above = scratchFolder()
    cpSync(folder, path.join(above, 'x', 'bag'), { recursive: true })
    const names: string[] = []
    for await (const { name, refusal } of openSource('folder', above).list())
      if (refusal === undefined) names.push(name)
    expect(names).toEqual(['x/bag/data/a.jpg'])
  })

  test('what operating systems leave is passed over, in whatever case and with whatever slash', async () => {
    const litter = [
      '__MACOSX/._a.jpg',
      '.DS_Store',
      'x/thumbs.DB',
      'Desktop.ini',
      'x\\Thumbs.db',
      '@eaDir/a.jpg/x.jpg',
      '$RECYCLE.BIN/a.jpg',
    ]
    const zip = zipOf([...litter, 'a.jpg'].map((name) => ({ name, bytes: photo })))
    expect(await outcomes(write('a.zip', zip))).toEqual({ 'a.jpg': 'taken' })
  })
})
