import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { inCodePage, tarOf, zipOf, type TarFile } from '../../test/support/hostile-archives.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { decodeCodePage, type CodePage } from '../contract/code-pages.ts'
import { detectSource, openSource } from './open-source.ts'

const photo = Buffer.from('photo')

/** Name -> who the list says it shows, and what reading it gives. */
async function taken(location: string): Promise<Record<string, [string | undefined, string]>> {
  const source = openSource(await detectSource(location), location)
  const items = []
  for await (const item of source.list()) items.push(item)
  const reader = source.openReader()
  const result: Record<string, [string | undefined, string]> = {}
  for (const [ordinal, { name, claims, refusal }] of items.entries()) {
    const read = refusal === undefined ? await reader.read(ordinal, name, claims?.capture) : undefined
    const text = read?.ok === true ? Buffer.from(read.bytes!).toString() : undefined
    result[name] = [claims?.person_name, text ?? refusal?.reason ?? 'not read']
  }
  await reader.close()
  return result
}

function write(name: string, content: Buffer): string {
  const file = path.join(scratchFolder(), name)
  writeFileSync(file, content)
  return file
}

const manifest = (...rows: [string, string][]): Buffer =>
  Buffer.from(`file;person_name\n${rows.map((row) => row.join(';')).join('\n')}\n`)

/** Unicode Path field of a name in another encoding. @param of the bytes that it says it belongs to */
function unicodePath(text: string, of: Buffer): Buffer {
  const name = Buffer.from(text)
  const head = Buffer.alloc(9)
  head.writeUInt16LE(0x7075, 0)
  head.writeUInt16LE(5 + name.byteLength, 2)
  head[4] = 1
  head.writeUInt32LE(crc32(of), 5)
  return Buffer.concat([head, name])
}

describe('names that are not UTF-8', () => {
  const cases: [CodePage, string[]][] = [
    ['ibm866', ['Фото/Снимок 1.jpg', 'Объект.jpg']],
    ['windows-1251', ['Знімок екрана.jpg', 'Київ/Щербак.jpg']],
    ['cp1125', ['Бійця й Їжак.jpg', 'Ґанок.jpg']],
    ['koi8-u', ['Українська школа.jpg', 'вулиця.jpg']],
    ['cp852', ['żołnierz.jpg', 'Łódź/zdjęcie.jpg']],
    ['windows-1250', ['Ševčuk.jpg', 'příliš žluťoučký kůň.jpg']],
    ['cp437', ['Müller.jpg', 'Größe/Übung.jpg']],
    ['windows-1252', ['Müller.jpg', 'Straße.jpg', 'Jürgen/Übung.jpg']],
  ]

  test.each(cases)('in %s are read, and found by a list in UTF-8, in zip and tar', async (page, names) => {
    const list = manifest(...names.map((name): [string, string] => [name, `of ${name}`]))
    const files = names.map((name) => ({ name: inCodePage(name, page), bytes: photo }))
    const wanted = Object.fromEntries(names.map((name) => [name, [`of ${name}`, 'photo']]))
    const zip = zipOf([...files, { name: Buffer.from('list.csv'), bytes: list }])
    expect(await taken(write('a.zip', zip))).toEqual(wanted)
    const tar = tarOf([
      ...names.map((name) => ({ path: name, rawPath: inCodePage(name, page), bytes: photo })),
      { path: 'list.csv', bytes: list },
    ])
    expect(await taken(write('a.tar', tar))).toEqual(wanted)
  })

  test('are read in one code page a whole archive: a short name is not judged differently from its neighbours', async () => {
    const names = ['Я.jpg', 'ЩУР.jpg', 'Шевченко Тарас.jpg', 'Знімок 2.jpg', 'Документи.jpg']
    const zip = zipOf(names.map((name) => ({ name: inCodePage(name, 'windows-1251'), bytes: photo })))
    expect(Object.keys(await taken(write('a.zip', zip)))).toEqual(names)
  })

  test('may be named by a list as a program shows them that reads another code page', async () => {
    const name = inCodePage('Снимок 1.jpg', 'ibm866')
    const zip = zipOf([
      { name, bytes: photo },
      { name: Buffer.from('list.csv'), bytes: manifest([decodeCodePage(name, 'cp437'), 'One']) },
    ])
    expect(await taken(write('a.zip', zip))).toEqual({ 'Снимок 1.jpg': ['One', 'photo'] })
  })
})

/** `LENGTH KEY=VALUE`; the length counts its own digits. */
function paxLine(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')])
  const digits = rest.byteLength + 2 > 99 ? 3 : 2
  return Buffer.concat([Buffer.from(`${rest.byteLength + digits}`), rest])
}

/** An extended header of pax with a name, as programs write it that do not know the encoding of names. */
function paxName(name: Buffer, others: Record<string, string> = {}): TarFile {
  const lines = Object.entries(others).map(([key, value]) => paxLine(key, Buffer.from(value)))
  return {
    path: 'PaxHeader',
    type: 'ExtendedHeader',
    bytes: Buffer.concat([...lines, paxLine('path', name)]),
  }
}

describe('names in pax headers of tar', () => {
  const names = ['Київ/Щербак.jpg', `Знімок ${'дуже '.repeat(30)}довгий.jpg`, 'Їжак.jpg']

  test.each(['windows-1251', 'cp1125', 'koi8-u'] as const)('that are in %s are read', async (page) => {
    const files = names.flatMap((name, at) => [
      paxName(inCodePage(name, page), { hdrcharset: 'BINARY', size: `${photo.byteLength + at}` }),
      { path: `name ${at}`, bytes: Buffer.concat([photo, Buffer.alloc(at, 0x21)]) },
    ])
    const list = manifest(...names.map((name): [string, string] => [name, `of ${name}`]))
    const tar = tarOf([...files, { path: 'list.csv', bytes: list }])
    const wanted = names.map((name, at) => [name, [`of ${name}`, `photo${'!'.repeat(at)}`]])
    expect(await taken(write('a.tar', tar))).toEqual(Object.fromEntries(wanted))
  })

  test('that are UTF-8 stay what they are beside others, also with a sign of replacement in them', async () => {
    const tar = tarOf([
      paxName(Buffer.from('Їжак.jpg')),
      { path: 'one', bytes: photo },
      paxName(Buffer.from('was lost \ufffd before.jpg')),
      { path: 'two', bytes: photo },
      { path: 'plain.jpg', bytes: photo },
      paxName(inCodePage('Знімок екрана.jpg', 'windows-1251')),
      { path: 'three', bytes: photo },
    ])
    expect(Object.keys(await taken(write('a.tar', tar)))).toEqual([
      'Їжак.jpg',
      'was lost \ufffd before.jpg',
      'plain.jpg',
      'Знімок екрана.jpg',
    ])
  })
})

test('a Unicode Path field is believed when it belongs to the name, and the flag for UTF-8 when the bytes are that', async () => {
  const oem = Buffer.from([0xbe, 0x6f, 0x88, 0x2e, 0x6a, 0x70, 0x67])
  const renamed = Buffer.from('renamed.jpg')
  const zip = zipOf([
    { name: oem, bytes: photo, extra: unicodePath('żołnierz.jpg', oem) },
    { name: renamed, bytes: photo, extra: unicodePath('before.jpg', Buffer.from('before.jpg')) },
    { name: Buffer.from('Їжак.jpg'), bytes: photo },
    { name: inCodePage('Фото.jpg', 'ibm866'), bytes: photo, saysUtf8: true },
  ])
  expect(Object.keys(await taken(write('a.zip', zip)))).toEqual([
    'żołnierz.jpg',
    'renamed.jpg',
    'Їжак.jpg',
    'Фото.jpg',
  ])
})

describe('lists find files', () => {
  const rows = manifest(['Бійця й Їжак.jpg', 'One'], ['photos\\two.jpg', 'Two'], ['IMG_3.jpg', 'Three'])
  const names = ['Бійця й Їжак.jpg'.normalize('NFD'), 'photos/two.jpg', 'img_3.JPG']

  test('whatever form of Unicode, slash and case a name is in', async () => {
    const files = names.map((name) => ({ name, bytes: photo }))
    const wanted = Object.fromEntries(names.map((name, at) => [name, [['One', 'Two', 'Three'][at], 'photo']]))
    expect(await taken(write('a.zip', zipOf([...files, { name: 'list.csv', bytes: rows }])))).toEqual(wanted)
    const windows = zipOf([
      { name: 'photos\\', bytes: Buffer.alloc(0) },
      { name: 'photos\\one.jpg', bytes: photo },
      { name: 'list.csv', bytes: manifest(['photos\\one.jpg', 'One']) },
    ])
    expect(await taken(write('b.zip', windows))).toEqual({ 'photos\\one.jpg': ['One', 'photo'] })
  })

  test('in folders, beside a list that is imported by its own name and as a folder', async () => {
    const folder = scratchFolder()
    for (const name of names) writeFileSync(path.join(folder, path.basename(name)), photo)
    const list = path.join(folder, 'list.csv')
    const byBase = rows.toString().replace('photos\\', '')
    writeFileSync(list, byBase)
    expect(new Set(Object.values(await taken(folder)).map(([who]) => who))).toEqual(
      new Set(['One', 'Two', 'Three']),
    )
    expect(new Set(Object.values(await taken(list)).map(([who]) => who))).toEqual(
      new Set(['One', 'Two', 'Three']),
    )
  })

  test('and say it when several fit, instead of guessing', async () => {
    const zip = zipOf([
      { name: 'a/one.jpg', bytes: photo },
      { name: 'b/one.jpg', bytes: photo },
      { name: 'c/one.JPG', bytes: photo },
      { name: 'list.csv', bytes: manifest(['one.jpg', 'One'], ['c/one.jpg', 'Two'], ['none.jpg', 'Three']) },
    ])
    expect(await taken(write('a.zip', zip))).toEqual({
      'a/one.jpg': [undefined, 'photo'],
      'b/one.jpg': [undefined, 'photo'],
      'c/one.JPG': ['Two', 'photo'],
      'one.jpg': [undefined, 'ambiguous_name'],
      'none.jpg': [undefined, 'file_not_found'],
    })
  })
})
