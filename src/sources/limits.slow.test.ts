import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { scratchFolder } from '../../test/support/scratch-folder.ts'
import { MAX_ARCHIVE_ENTRIES, MAX_MANIFEST_ROWS } from './limits.ts'
import { archiveSource } from './archive-source.ts'
import { detectSource, openSource } from './open-source.ts'
import { readFileItem } from './read-file-item.ts'
import type { ImportSource, ListedItem } from './source-item.ts'

/** How many items a source lists, and the last of them. */
async function countItems(source: ImportSource): Promise<{ count: number; last: ListedItem | undefined }> {
  let count = 0
  let last: ListedItem | undefined
  for await (const item of source.list()) {
    count += 1
    last = item
  }
  return { count, last }
}

/** Writes the same piece many times over. */
function writeRepeated(descriptor: number, piece: Buffer, times: number): void {
  const many = Buffer.concat(Array.from({ length: 1000 }, () => piece))
  for (let left = times; left > 0; left -= 1000) {
    writeSync(descriptor, left >= 1000 ? many : many.subarray(0, left * piece.length))
  }
}

test('MAX_ARCHIVE_ENTRIES: what comes after is not listed, and that is said', async () => {
  // Its entries as they come from any archive; a real one of this size takes minutes to go through.
  const entry = {
    name: 'a.jpg',
    kind: 'file' as const,
    refusal: undefined,
    read: () => readFileItem('a.jpg'),
  }
  const { count, last } = await countItems(
    archiveSource(async function* () {
      for (let made = 0; made < MAX_ARCHIVE_ENTRIES + 2; made++) yield entry
    }),
  )
  expect(count).toBe(MAX_ARCHIVE_ENTRIES + 1)
  expect(last?.refusal).toMatchObject({
    reason: 'too_many_entries',
    detail: expect.stringContaining('MAX_ARCHIVE_ENTRIES'),
  })
})

test('MAX_MANIFEST_ROWS: what comes after is not listed, and that is said', async () => {
  const manifest = path.join(scratchFolder(), 'many.csv')
  writeFileSync(manifest, 'file\n')
  const descriptor = openSync(manifest, 'a')
  writeRepeated(descriptor, Buffer.from('a.jpg\n'), MAX_MANIFEST_ROWS + 2)
  closeSync(descriptor)
  const { count, last } = await countItems(openSource(await detectSource(manifest), manifest))
  expect(count).toBe(MAX_MANIFEST_ROWS + 1)
  expect(last?.refusal).toMatchObject({
    reason: 'too_many_entries',
    detail: expect.stringContaining('MAX_MANIFEST_ROWS'),
  })
})
