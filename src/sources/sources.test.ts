import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { tarOf, zipOf } from '../../test/support/hostile-archives.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { MAX_CLAIM_LENGTH, MAX_ITEM_BYTES, MAX_MANIFEST_LINE_BYTES } from './limits.ts'
import { collectItem } from './archive-source.ts'
import { detectSource, openSource } from './open-source.ts'
import type { ListedItem } from './source-item.ts'
import { detectEncoding } from './text-lines.ts'

async function listed(location: string): Promise<ListedItem[]> {
  const items: ListedItem[] = []
  for await (const item of openSource(await detectSource(location), location).list()) items.push(item)
  return items
}

async function* onePhoto(): AsyncGenerator<Uint8Array> {
  yield photo
}

/** Name -> reason of refusal, or what reading it gives: its text or the reason. */
async function outcomes(location: string): Promise<Record<string, string>> {
  const source = openSource(await detectSource(location), location)
  const items = await listed(location)
  const reader = source.openReader()
  const result: Record<string, string> = {}
  for (const [ordinal, { name, refusal }] of items.entries()) {
    const read = refusal === undefined ? await reader.read(ordinal, name) : undefined
    if (refusal !== undefined) result[name] = `refused: ${refusal.reason}`
    else if (read !== undefined)
      result[name] = read.ok ? Buffer.from(read.bytes!).toString() : `refused: ${read.refusal.reason}`
  }
  await reader.close()
  return result
}

function write(name: string, content: string | Buffer): string {
  const file = path.join(scratchFolder(), name)
  writeFileSync(file, content)
  return file
}

const photo = Buffer.from('photo')

describe('folders', () => {
  test('give every file and name links without following them', async () => {
    const folder = scratchFolder()
    mkdirSync(path.join(folder, 'b'))
    writeFileSync(path.join(folder, 'b', 'two.jpg'), 'two')
    writeFileSync(path.join(folder, 'one.jpg'), 'one')
    writeFileSync(path.join(folder, '.DS_Store'), 'litter')
    symlinkSync('/etc', path.join(folder, 'etc'))
    symlinkSync('/etc/passwd', path.join(folder, 'x.jpg'))
    symlinkSync('nowhere', path.join(folder, 'y.jpg'))
    expect(await outcomes(folder)).toEqual({
      'b/two.jpg': 'two',
      etc: 'refused: link',
      'one.jpg': 'one',
      'x.jpg': 'refused: link',
      'y.jpg': 'refused: link',
    })
  })

  test('a source that is not there is a clear error', async () => {
    await expect(detectSource('/nowhere/at/all')).rejects.toMatchObject({ code: 'bad_input' })
  })
})

describe('text that cannot be kept as it is', () => {
  test('is refused row by row in manifests, with line, column and what is wrong', async () => {
    const lines = [
      '{"file":"a.jpg","note":"good \\ud83d\\ude00"}',
      '{"file":"b.jpg","note":"zero \\u0000 byte"}',
      '{"file":"c.jpg","person_name":"half \\ud83d"}',
      '{"file":"half \\ude00.jpg"}',
      '{"file":"zero\\u0000.jpg"}',
      '{"file":"d.jpg","column \\ud800":"x"}',
      '{"file":"e.jpg","note":"good"}',
    ]
    const items = await listed(write('m.jsonl', lines.join('\n')))
    expect(items.map(({ name, refusal }) => [name, refusal?.reason, refusal?.detail])).toEqual([
      ['a.jpg', undefined, undefined],
      ['b.jpg', 'broken_text', "Line 2 holds a zero byte in the column 'note'."],
      [
        'c.jpg',
        'broken_text',
        "Line 3 holds half a character (a lone surrogate) in the column 'person_name'.",
      ],
      ['half \uFFFD.jpg', 'broken_text', expect.stringContaining("in the column 'file'")],
      ['zero\uFFFD.jpg', 'broken_text', expect.stringContaining('a zero byte')],
      ['d.jpg', 'broken_text', expect.stringContaining("in the column 'column_\uFFFD'")],
      ['e.jpg', undefined, undefined],
    ])
    const csv = `file,note\na.jpg,${'good '.repeat(100)}\nb.jpg,zero \0 byte\nc.jpg,good\n`
    expect((await listed(write('m.csv', csv))).map(({ name, refusal }) => [name, refusal?.reason])).toEqual([
      ['a.jpg', undefined],
      ['b.jpg', 'broken_text'],
      ['c.jpg', undefined],
    ])
  })

  test('is refused name by name in folders and archives; what is beside it is taken', async () => {
    const zip = zipOf([
      { name: 'zero\0.jpg', bytes: photo },
      { name: 'good.jpg', bytes: photo },
    ])
    expect(await outcomes(write('a.zip', zip))).toEqual({
      'zero\uFFFD.jpg': 'refused: broken_text',
      'good.jpg': 'photo',
    })
    const folder = scratchFolder()
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xcf, 0xee, 0x2e, 0x6a])]), photo)
    writeFileSync(path.join(folder, 'good.jpg'), photo)
    expect(await outcomes(folder)).toEqual({
      '\uFFFD\uFFFD.j': 'refused: wrong_encoding',
      'good.jpg': 'photo',
    })
  })

  test('a message that was cut inside a character is kept whole', async () => {
    const smileys = '\u{1F600}'.repeat(60)
    const lines = [
      { file: 'a.jpg', id: `x${smileys}` },
      { file: 'b.jpg', id: `x${smileys}` },
    ]
    const items = await listed(write('m.jsonl', lines.map((line) => JSON.stringify(line)).join('\n')))
    expect(items[1].refusal?.reason).toBe('duplicate_id')
    expect(items[1].refusal?.detail.isWellFormed()).toBe(true)
  })
})

describe('zip archives', () => {
  test('refuse slips, absolute paths, links and encrypted entries one by one', async () => {
    const zip = zipOf([
      { name: 'good.jpg', bytes: photo },
      { name: '../../etc/cron.d/x.jpg', bytes: photo },
      { name: '..\\x.jpg', bytes: photo },
      { name: '/abs.jpg', bytes: photo },
      { name: 'C:\\abs.jpg', bytes: photo },
      { name: 'link.jpg', bytes: Buffer.from('/etc/passwd'), unixMode: 0o120777 },
      { name: 'secret.jpg', bytes: photo, encrypted: true },
      { name: '__MACOSX/._good.jpg', bytes: photo },
      { name: 'folder/', bytes: Buffer.alloc(0) },
      { name: 'folder/last.jpg', bytes: photo },
    ])
    expect(await outcomes(write('a.zip', zip))).toEqual({
      'good.jpg': 'photo',
      '../../etc/cron.d/x.jpg': 'refused: unsafe_path',
      '..\\x.jpg': 'refused: unsafe_path',
      '/abs.jpg': 'refused: unsafe_path',
      'C:\\abs.jpg': 'refused: unsafe_path',
      'link.jpg': 'refused: link',
      'secret.jpg': 'refused: encrypted_entry',
      'folder/last.jpg': 'photo',
    })
  })

  test('refuse bombs by what they declare and by what they do', async () => {
    const flat = Buffer.alloc(70 * 1024 * 1024)
    const bomb = write('b.zip', zipOf([{ name: 'flat.jpg', bytes: flat }]))
    expect(await outcomes(bomb)).toEqual({ 'flat.jpg': 'refused: inflates_too_much' })
    expect((await listed(bomb))[0].refusal?.detail).toContain('MAX_INFLATION_RATIO')
    expect(await collectItem(onePhoto(), MAX_ITEM_BYTES + 1, undefined)).toBeUndefined()
    const liar = write('d.zip', zipOf([{ name: 'liar.jpg', bytes: Buffer.alloc(5000), declaredBytes: 10 }]))
    expect(await outcomes(liar)).toEqual({ 'liar.jpg': 'refused: damaged_archive' })
  })

  test('read names in the DOS code page for Cyrillic', async () => {
    const name = Buffer.from([0x94, 0xae, 0xe2, 0xae, 0x2e, 0x6a, 0x70, 0x67])
    expect(await outcomes(write('e.zip', zipOf([{ name, bytes: photo }])))).toEqual({ 'Фото.jpg': 'photo' })
  })

  test('name damage and give what is whole', async () => {
    const zip = zipOf([{ name: 'a.jpg', bytes: photo }])
    expect(await outcomes(write('f.zip', zip.subarray(0, -10)))).toEqual({
      '(rest of the archive)': 'refused: damaged_archive',
    })
  })
})

describe.each([
  ['tar', (bytes: Buffer) => bytes],
  ['tar.gz', (bytes: Buffer) => gzipSync(bytes)],
])('%s archives', (ending, pack) => {
  test('refuse links, devices, slips and absolute paths one by one', async () => {
    const tar = tarOf([
      { path: 'good.jpg', bytes: photo },
      { path: '../x.jpg', bytes: photo },
      { path: '/abs.jpg', bytes: photo },
      { path: 's.jpg', type: 'SymbolicLink', linkpath: '/etc/passwd' },
      { path: 'h.jpg', type: 'Link', linkpath: '../../etc/passwd' },
      { path: 'dev.jpg', type: 'CharacterDevice' },
      { path: 'folder', type: 'Directory' },
      { path: 'folder/last.jpg', bytes: Buffer.from('last') },
    ])
    expect(await outcomes(write(`a.${ending}`, pack(tar)))).toEqual({
      'good.jpg': 'photo',
      '../x.jpg': 'refused: unsafe_path',
      '/abs.jpg': 'refused: unsafe_path',
      's.jpg': 'refused: link',
      'h.jpg': 'refused: link',
      'dev.jpg': 'refused: not_a_file',
      'folder/last.jpg': 'last',
    })
  })

  test('are read in any order, and name where they are cut', async () => {
    const files = Array.from({ length: 20 }, (_, index) => ({
      path: `${index}.jpg`,
      bytes: Buffer.alloc(3000, `${index} `),
    }))
    const location = write(`b.${ending}`, pack(tarOf(files)))
    const reader = openSource('tar', location).openReader()
    for (const ordinal of [19, 3, 3, 7, 0]) {
      const read = await reader.read(ordinal, `${ordinal}.jpg`)
      expect(read.ok && Buffer.from(read.bytes!).equals(files[ordinal].bytes)).toBe(true)
    }
    expect(await reader.read(4, 'other.jpg')).toMatchObject({ refusal: { reason: 'changed_since_listed' } })
    await reader.close()
    const cut = tarOf(files).subarray(0, 10_000)
    const result = await outcomes(write(`c.${ending}`, pack(cut)))
    expect(result['0.jpg']).toMatch(/^0 0/)
    expect(Object.values(result)).toContain('refused: damaged_archive')
  })
})

test('a gzip bomb is refused and named', async () => {
  const bomb = gzipSync(tarOf([{ path: 'flat.jpg', bytes: Buffer.alloc(80 * 1024 * 1024) }]))
  const result = Object.values(await outcomes(write('bomb.tar.gz', bomb)))
  expect(result).toContain('refused: inflates_too_much')
})

describe('manifests', () => {
  const rows = 'file;person_name;captured_at;Sensitive;Село\nфото.jpg;Олена;2022-03-05;так;Буча\n'

  test.each([
    ['utf-8', Buffer.from(rows)],
    ['utf-8', Buffer.from(`\uFEFF${rows}`)],
    ['utf-16le', Buffer.from(`\uFEFF${rows}`, 'utf16le')],
    ['utf-16le', Buffer.from(rows, 'utf16le')],
    ['utf-16be', Buffer.from(`\uFEFF${rows}`, 'utf16le').swap16()],
    ['windows-1251', toWindows1251(rows)],
  ])('are read in %s', async (encoding, bytes) => {
    const file = write('m.csv', bytes)
    expect(await detectEncoding(file)).toBe(encoding)
    const [item] = await listed(file)
    expect(item).toEqual({
      name: 'фото.jpg',
      claims: { person_name: 'Олена', captured_at: '2022-03-05', sensitive: true, other: { село: 'Буча' } },
      refusal: undefined,
    })
  })

  test('refuse rows one by one, each with its line', async () => {
    const csv = [
      'file,id,note,captured_at',
      'good.jpg,1,"two\nlines",last spring',
      ',2,,',
      '../up.jpg,3,,',
      '/abs.jpg,4,,',
      'again.jpg,1,,',
      'missing.jpg,5,,',
    ].join('\n')
    const file = write('m.csv', csv)
    writeFileSync(path.join(path.dirname(file), 'good.jpg'), 'photo')
    writeFileSync(path.join(path.dirname(file), 'again.jpg'), 'photo')
    expect(await outcomes(file)).toEqual({
      'good.jpg': 'photo',
      '(line 4)': 'refused: no_file_named',
      '../up.jpg': 'refused: unsafe_path',
      '/abs.jpg': 'refused: unsafe_path',
      'again.jpg': 'refused: duplicate_id',
      'missing.jpg': 'refused: file_not_found',
    })
    expect((await listed(file))[0].claims).toEqual({
      note: 'two\nlines',
      other: { id: '1', captured_at: 'last spring' },
    })
  })

  test('take JSON Lines, with what is no JSON or too long refused', async () => {
    const long = JSON.stringify({ file: 'long.jpg', note: 'x'.repeat(10 * MAX_MANIFEST_LINE_BYTES) })
    const lines = ['{"path":"a.jpg","person_ref":7,"tags":["x"]}', 'no json', '[1]', long, '{"file":"b.jpg"}']
    const items = await listed(write('m.jsonl', lines.join('\r\n')))
    expect(items.map(({ name, refusal }) => [name, refusal?.reason])).toEqual([
      ['a.jpg', undefined],
      ['(line 2)', 'bad_row'],
      ['(line 3)', 'bad_row'],
      ['(line 4)', 'line_too_long'],
      ['b.jpg', undefined],
    ])
    expect(items[0].claims).toEqual({ person_ref: '7', other: { tags: '["x"]' } })
    expect(items[3].refusal?.detail).toContain('MAX_MANIFEST_LINE_BYTES')
  })

  test('MAX_CLAIM_LENGTH: a row with a longer field is refused by the field, the rows around it are taken', async () => {
    const rows = [
      `a.jpg,${'x'.repeat(MAX_CLAIM_LENGTH)}`,
      `b.jpg,${'x'.repeat(MAX_CLAIM_LENGTH + 1)}`,
      'c.jpg,short',
    ]
    const items = await listed(write('m.csv', ['file,note', ...rows].join('\n')))
    expect(items.map(({ refusal }) => refusal?.reason)).toEqual([undefined, 'field_too_long', undefined])
    expect(items[1].refusal?.detail).toContain('The field note')
    expect(items[1].refusal?.detail).toContain('MAX_CLAIM_LENGTH')
  })

  test('a 10 MB line of CSV is left out and named; the rows around it are taken', async () => {
    const csv = `file,note\na.jpg,1\nlong.jpg,${'x'.repeat(10 * 1024 * 1024)}\nb.jpg,2\n`
    const items = await listed(write('m.csv', csv))
    expect(items.map(({ name, refusal }) => [name, refusal?.reason])).toEqual([
      ['a.jpg', undefined],
      ['b.jpg', undefined],
      ['(line 3)', 'line_too_long'],
    ])
  })
})

/** Enough of Windows-1251 for Ukrainian and Russian letters. */
function toWindows1251(text: string): Buffer {
  const decoder = new TextDecoder('windows-1251')
  const table = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Buffer.from([byte])), byte]))
  return Buffer.from(text.split('').map((letter) => table.get(letter)!))
}
