import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { written } from '../../../test/support/archived-pages.ts'
import { zipOf } from '../../../test/support/hostile-archives.ts'
import { mhtmlOf } from '../../../test/support/mhtml-files.ts'
import { scratchFolder } from '../../../test/support/scratch-folder.ts'
import { DigestCheck } from '../web-archive/claimed-digest.ts'
import { detectSource, openSource } from '../open-source.ts'
import type { ListedItem } from '../source-item.ts'
import type { ArchiveFacts } from '../web-archive/capture.ts'

const jpeg = (mark: string): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(mark.repeat(500))])
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

interface Listed {
  items: Map<string, ListedItem>
  archives: ArchiveFacts[]
  bytes: Map<string, Buffer>
}

async function listed(location: string): Promise<Listed> {
  const source = openSource(await detectSource(location), location)
  const result: Listed = { items: new Map(), archives: [], bytes: new Map() }
  const all: ListedItem[] = []
  for await (const item of source.list(async (facts) => void result.archives.push(facts))) all.push(item)
  const reader = source.openReader()
  for (const [ordinal, item] of all.entries()) {
    result.items.set(item.name, item)
    if (item.refusal !== undefined) continue
    const read = await reader.read(ordinal, item.name, item.claims?.capture)
    if (read.ok && read.bytes !== undefined) result.bytes.set(item.name, Buffer.from(read.bytes))
  }
  await reader.close()
  return result
}

/** What the import will find when it checks the hash that a tool claims. */
function verdictOf({ items, bytes }: Listed, name: string): string | undefined {
  const digest = items.get(name)?.claims?.capture?.digest
  const check = new DigestCheck(digest?.claimed)
  check.update(bytes.get(name) ?? Buffer.alloc(0))
  return check.result().verdict
}

test('auto-archiver: the sheet, its files and the hashes in db.csv', async () => {
  const folder = scratchFolder()
  mkdirSync(path.join(folder, 'post-1'))
  const [good, changed] = [jpeg('good'), jpeg('changed')]
  written(folder, 'post-1/a1b2.jpg', good)
  written(folder, 'post-1/c3d4.jpg', changed)
  written(folder, 'post-1/shot.png', jpeg('screenshot'))
  written(
    folder,
    'sheet.csv',
    `Link,Archive status,Archive location,Archive date,Upload timestamp,Upload title,Text content,Screenshot,Hash\n` +
      `https://t.me/channel/77,telethon_archiver: success,./post-1/missing.html,2024-03-01T10:00:00Z,2024-02-28T08:30:00,Post,"At the station, morning",post-1/shot.png,${'0'.repeat(64)}\n`,
  )
  written(
    folder,
    'db.csv',
    `status,metadata,media\nsuccess,"{'url': 'https://t.me/channel/77', 'title': 'Post \\'77\\''}","[{'filename': '/tmp/x/a1b2.jpg', 'key': 'post-1/a1b2.jpg', 'urls': ['./post-1/a1b2.jpg'], 'properties': {'src': 'https://cdn.example/1', 'hash': 'SHA-256:${sha256(good)}'}}, {'filename': '/tmp/x/c3d4.jpg', 'key': 'post-1/c3d4.jpg', 'urls': ['https://bucket.example/c3d4.jpg'], 'properties': {'hash': 'SHA-256:${sha256(jpeg('before'))}'}}]"\n`,
  )
  const found = await listed(folder)
  expect([...found.items.keys()].toSorted()).toEqual([
    'post-1/a1b2.jpg',
    'post-1/c3d4.jpg',
    'post-1/missing.html',
    'post-1/shot.png',
  ])
  expect(found.items.get('post-1/missing.html')?.refusal?.reason).toBe('file_not_found')
  expect(found.items.get('post-1/shot.png')?.claims).toMatchObject({
    source_url: 'https://t.me/channel/77',
    note: 'At the station, morning',
    captured_at: '2024-02-28T08:30:00',
    capture: {
      tool: 'auto_archiver',
      capturedAt: '2024-03-01T10:00:00Z',
      pages: [{ url: 'https://t.me/channel/77', title: 'Post' }],
    },
  })
  expect(found.items.get('post-1/a1b2.jpg')?.claims?.capture).toMatchObject({
    pages: [{ title: "Post '77'" }],
    other: { src: 'https://cdn.example/1' },
  })
  expect(verdictOf(found, 'post-1/a1b2.jpg')).toBe('valid')
  expect(verdictOf(found, 'post-1/c3d4.jpg')).toBe('invalid')
})

test('Uwazi: a zip with import.csv and attachments', async () => {
  const [one, two] = [jpeg('one'), jpeg('two')]
  const csv =
    'title,template,attachments,location,source\nBody 14,Person,one.jpg|two.jpg,Bucha,Post|https://example.org/p/1\nBody 15,Person,../../etc/passwd,Bucha,\n'
  const zip = zipOf([
    { name: 'import.csv', bytes: Buffer.from(csv) },
    { name: 'one.jpg', bytes: one },
    { name: 'two.jpg', bytes: two },
  ])
  const found = await listed(written(scratchFolder(), 'uwazi.zip', zip))
  expect([...found.items.keys()]).toEqual(['one.jpg', 'two.jpg', '(line 3)'])
  expect(found.items.get('two.jpg')?.claims).toMatchObject({
    note: 'Body 14',
    source_url: 'https://example.org/p/1',
    other: { location: 'Bucha' },
    capture: { tool: 'uwazi' },
  })
  expect(found.items.get('(line 3)')?.refusal?.reason).toBe('unsafe_path')
  expect(found.bytes.get('two.jpg')).toEqual(two)
})

test('Hunchly: pages as MHTML with a list of their hashes; a changed page is named', async () => {
  const folder = scratchFolder()
  const pages = [1, 2].map((number) =>
    mhtmlOf(`https://example.org/page/${number}`, `Сторінка ${number}`, {
      'photo.jpg': jpeg(`page ${number}`),
    }),
  )
  written(folder, '101.mhtml', pages[0])
  written(folder, '102.mhtml', Buffer.concat([pages[1], Buffer.from('\r\n')]))
  written(
    folder,
    'hashes.csv',
    `page_id,url,sha256\n101,https://example.org/page/1,${sha256(pages[0])}\n102,https://example.org/page/2,${sha256(pages[1])}\n`,
  )
  const found = await listed(folder)
  expect([...found.items].map(([name, { refusal }]) => [name, refusal?.reason])).toEqual([
    ['101.mhtml > https://example.org/page/photo.jpg', undefined],
    ['102.mhtml > https://example.org/page/photo.jpg', undefined],
    ['102.mhtml', 'digest_differs'],
  ])
  expect(found.archives.map(({ name, packageVerdict }) => [name, packageVerdict])).toEqual([
    ['101.mhtml', 'valid'],
    ['102.mhtml', 'invalid'],
  ])
  const [[name, item]] = [...found.items]
  expect(item.claims?.capture).toMatchObject({
    tool: 'hunchly',
    pages: [{ url: 'https://example.org/page/1', title: 'Сторінка 1' }],
  })
  expect(found.bytes.get(name)).toEqual(jpeg('page 1'))
})

test('saved pages with their folders, pictures inside pages, hash lists and a manifest stand in one folder', async () => {
  const folder = scratchFolder()
  mkdirSync(path.join(folder, 'Post_files'))
  const inline = jpeg('inline')
  written(folder, 'Post_files/photo 1.jpg', jpeg('beside'))
  written(
    folder,
    'Post.html',
    `<!DOCTYPE html>\n<!-- saved from url=(0026)https://example.org/post/9 -->\n<html><head><title>Post nine</title></head><body><img src="./Post_files/photo%201.jpg"><img src="data:image/jpeg;base64,${inline.toString('base64')}"></body></html>`,
  )
  written(folder, 'loose.jpg', jpeg('loose'))
  written(folder, 'other.jpg', jpeg('other'))
  written(folder, 'manifest.csv', 'file,collector\nloose.jpg,Field team 3\n')
  written(folder, 'SHA256SUMS', `${sha256(jpeg('loose'))}  loose.jpg\n${sha256(jpeg('else'))} *other.jpg\n`)
  const found = await listed(folder)
  expect([...found.items.keys()]).toEqual([
    'Post.html > picture 1 in Post.html',
    'Post_files/photo 1.jpg',
    'loose.jpg',
    'other.jpg',
  ])
  const page = { url: 'https://example.org/post/9', title: 'Post nine' }
  expect(found.items.get('Post_files/photo 1.jpg')?.claims).toMatchObject({
    source_url: page.url,
    capture: { tool: 'saved_page', pages: [page] },
  })
  expect(found.bytes.get('Post.html > picture 1 in Post.html')).toEqual(inline)
  expect(found.items.get('loose.jpg')?.claims).toMatchObject({
    collector: 'Field team 3',
    capture: { tool: 'hash_list' },
  })
  expect(verdictOf(found, 'loose.jpg')).toBe('valid')
  expect(verdictOf(found, 'other.jpg')).toBe('invalid')
})
