import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { inCodePage, zipOf } from '../../test/support/hostile-archives.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { readPeopleCsv } from '../missing/people-file/read-csv.ts'
import { detectSource, openSource } from './open-source.ts'
import type { ListedItem } from './source-item.ts'
import { decodeText } from './text-lines.ts'

const photo = Buffer.from('photo')
const sha256 = createHash('sha256').update(photo).digest('hex')

/** How programs write one and the same table. */
const AS_WRITTEN: [string, (rows: string[][]) => Buffer][] = [
  ['Excel with its line sep=', (rows) => Buffer.from(`\uFEFFsep=;\r\n${joined(rows, ';', '\r\n')}`)],
  [
    'Excel with its line sep= in quotes, in UTF-16',
    (rows) => Buffer.from(`\uFEFF"sep=,"\r\n${joined(rows, ',', '\r\n')}`, 'utf16le'),
  ],
  ['Excel, "CSV (MS-DOS)"', (rows) => inCodePage(joined(rows, ';', '\r\n'), 'ibm866')],
  ['Excel, "CSV"', (rows) => inCodePage(joined(rows, ';', '\r\n'), 'windows-1251')],
  ['Excel, "Unicode text"', (rows) => Buffer.from(`\uFEFF${joined(rows, '\t', '\r\n')}`, 'utf16le')],
  ['Excel, "CSV UTF-8"', (rows) => Buffer.from(`\uFEFF${joined(rows, ';', '\r\n')}`)],
  ['people, with spaces after commas', (rows) => Buffer.from(joined(rows, ', ', '\n'))],
  ['people, with spaces before commas and at ends', (rows) => Buffer.from(joined(rows, ' ,', ' \n'))],
  [
    'everything in quotes',
    (rows) =>
      Buffer.from(
        joined(
          rows.map((row) => row.map((cell) => `"${cell}"`)),
          '; ',
          '\n',
        ),
      ),
  ],
  ['blank lines before it', (rows) => Buffer.from(`\r\n\r\n${joined(rows, ',', '\r\n')}`)],
]

function joined(rows: string[][], separator: string, end: string): string {
  return rows.map((row) => row.join(separator)).join(end) + end
}

async function itemsOf(location: string): Promise<Map<string, ListedItem>> {
  const items = new Map<string, ListedItem>()
  for await (const item of openSource(await detectSource(location), location).list())
    items.set(item.name, item)
  return items
}

function folderWith(name: string, bytes: Buffer): string {
  const folder = scratchFolder()
  writeFileSync(path.join(folder, '1.jpg'), photo)
  writeFileSync(path.join(folder, name), bytes)
  return folder
}

describe.each(AS_WRITTEN)('a table as written by %s', (_who, write) => {
  test('is a manifest, by its own name, in a folder and in a zip', async () => {
    const bytes = write([
      ['person_name', 'file', 'Село'],
      ['Петренко Щербак', '1.jpg', 'Буча'],
    ])
    const claims = { person_name: 'Петренко Щербак', other: { село: 'Буча' } }
    const folder = folderWith('list.csv', bytes)
    expect([...(await itemsOf(path.join(folder, 'list.csv'))).values()]).toMatchObject([
      { name: '1.jpg', claims },
    ])
    expect([...(await itemsOf(folder)).values()]).toMatchObject([
      { name: '1.jpg', claims, refusal: undefined },
    ])
    const zip = path.join(folder, 'a.zip')
    const files = [
      { name: '1.jpg', bytes: photo },
      { name: 'list.csv', bytes },
    ]
    writeFileSync(zip, zipOf(files))
    expect([...(await itemsOf(zip)).values()]).toMatchObject([{ name: '1.jpg', claims }])
  })

  test('is a list of hashes, and a table of Uwazi', async () => {
    const hashes = write([
      ['file', 'sha256', 'Місце'],
      ['1.jpg', sha256, 'Київська область'],
    ])
    const hashed = (await itemsOf(folderWith('hashes.csv', hashes))).get('1.jpg')
    expect(hashed?.claims?.capture).toMatchObject({ tool: 'hash_list', digest: { claimed: sha256 } })
    const uwazi = write([
      ['title', 'template', 'attachments'],
      ['Тіло 14', 'Person', '1.jpg'],
    ])
    const described = (await itemsOf(folderWith('import.csv', uwazi))).get('1.jpg')
    expect(described?.claims).toMatchObject({ note: 'Тіло 14', capture: { tool: 'uwazi' } })
  })

  test('is a sheet of auto-archiver', async () => {
    const sheet = write([
      ['Link', 'Archive status', 'Archive location', 'Upload title'],
      ['https://t.me/c/7', 'success', '1.jpg', 'Допис про станцію'],
    ])
    const item = (await itemsOf(folderWith('sheet.csv', sheet))).get('1.jpg')
    expect(item?.claims).toMatchObject({
      source_url: 'https://t.me/c/7',
      capture: { tool: 'auto_archiver', pages: [{ title: 'Допис про станцію' }] },
    })
  })

  test('is a file of people', async () => {
    const bytes = write([
      ['ref', 'full_name', 'last_seen_place'],
      ['A-1', 'Їжакевич Щасливий', 'Чернігів'],
    ])
    expect(await readPeopleCsv(decodeText(bytes))).toMatchObject([
      {
        ok: true,
        person: { ref: 'A-1', names: [{ written: 'Їжакевич Щасливий' }], lastSeenPlace: 'Чернігів' },
      },
    ])
  })
})

test('line ends in quotes, doubled quotes and rows of other lengths stay what they are, and lines are counted', async () => {
  const text = 'sep=;\r\nfile;note\r\n1.jpg;"two\r\nlines, ""quoted"";"\r\n\r\n2.jpg\r\n;x\r\n'
  const items = await itemsOf(path.join(folderWith('list.csv', Buffer.from(text)), 'list.csv'))
  expect(items.get('1.jpg')?.claims).toEqual({ note: 'two\nlines, "quoted";' })
  expect(items.get('2.jpg')?.claims).toEqual({})
  expect(items.get('(line 7)')?.refusal?.reason).toBe('no_file_named')
})
