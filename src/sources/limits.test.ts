import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { zipOf } from '../../test/support/hostile-archives.ts'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { INFLATION_ALLOWANCE_BYTES, MAX_FOLDER_DEPTH, MAX_ITEM_BYTES, MAX_NAME_LENGTH } from './limits.ts'
import { detectSource, openSource } from './open-source.ts'
import { readFileItem } from './read-file-item.ts'
import type { ListedItem } from './source-item.ts'

async function listed(location: string): Promise<ListedItem[]> {
  const items: ListedItem[] = []
  for await (const item of openSource(await detectSource(location), location).list()) items.push(item)
  return items
}

test('every limit has a test that names it', () => {
  const files = ['src/sources/limits.ts', 'src/imports/limits.ts'].map((file) => readFileSync(file, 'utf8'))
  const names = files.flatMap((text) => [...text.matchAll(/export const (\w+)/g)])
  expect(names.length).toBeGreaterThan(10)
  const tests = [
    'sources/limits.test.ts',
    'sources/limits.slow.test.ts',
    'sources/sources.test.ts',
    'imports/lease.test.ts',
    'imports/send-in-parts.slow.test.ts',
  ]
    .map((file) => readFileSync(path.join('src', file), 'utf8'))
    .join('\n')
  expect(names.map(([, name]) => name).filter((name) => !tests.includes(name))).toEqual([])
})

test('MAX_FOLDER_DEPTH: a file at the limit is taken, a folder below it is refused', async () => {
  const root = scratchFolder()
  let folder = root
  for (let depth = 0; depth < MAX_FOLDER_DEPTH; depth++) folder = path.join(folder, 'd')
  mkdirSync(path.join(folder, 'too-deep'), { recursive: true })
  writeFileSync(path.join(folder, 'deep.jpg'), 'x')
  writeFileSync(path.join(folder, 'too-deep', 'lost.jpg'), 'x')
  const items = await listed(root)
  expect(items.map(({ name, refusal }) => [path.basename(name), refusal?.reason])).toEqual([
    ['deep.jpg', undefined],
    ['too-deep', 'folder_too_deep'],
  ])
  expect(items[1].refusal?.detail).toContain('MAX_FOLDER_DEPTH')
})

test('MAX_NAME_LENGTH: an entry with a longer name is refused, under as much of it as fits', async () => {
  const archive = path.join(scratchFolder(), 'a.zip')
  const names = ['a'.repeat(MAX_NAME_LENGTH), 'b'.repeat(MAX_NAME_LENGTH + 1)]
  writeFileSync(archive, zipOf(names.map((name) => ({ name, bytes: Buffer.from('x') }))))
  const items = await listed(archive)
  expect(items.map(({ name, refusal }) => [name.length, refusal?.reason])).toEqual([
    [MAX_NAME_LENGTH, undefined],
    [MAX_NAME_LENGTH, 'name_too_long'],
  ])
  expect(items[1].refusal?.detail).toContain('MAX_NAME_LENGTH')
})

test('INFLATION_ALLOWANCE_BYTES: a flat picture that inflates no further is taken', async () => {
  const archive = path.join(scratchFolder(), 'a.zip')
  const flat = Buffer.alloc(INFLATION_ALLOWANCE_BYTES)
  writeFileSync(archive, zipOf([{ name: 'flat.bmp', bytes: flat }]))
  const source = openSource(await detectSource(archive), archive)
  const reader = source.openReader()
  const read = await reader.read(0, 'flat.bmp')
  await reader.close()
  expect(read.ok && read.bytes?.byteLength).toBe(INFLATION_ALLOWANCE_BYTES)
})

test('MAX_ITEM_BYTES: a larger file is refused without being read', async () => {
  const file = path.join(scratchFolder(), 'large.jpg')
  writeFileSync(file, '')
  truncateSync(file, MAX_ITEM_BYTES + 1)
  expect(await readFileItem(file)).toMatchObject({
    ok: false,
    refusal: { reason: 'too_many_bytes', detail: expect.stringContaining('MAX_ITEM_BYTES') },
  })
})
