import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, readdirSync, statfsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { portrait } from '../../scripts/sample-photos.ts'
import { examine } from '../../src/doctor/examine.ts'
import { openStore } from '../../src/store/store.ts'
import { withIndex } from '../support/enrolled-record.ts'
import { runLikeness } from '../support/run-likeness.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { smallDisk } from '../support/small-disk.ts'

const actor = { kind: 'operator' as const, name: 'tester' }
/** Making an empty record takes 12, of which 6 stay; the 10 of the test's photos do not fit beside them. */
const DISK_MB = 14

async function makePhotos(count: number): Promise<string> {
  const folder = scratchFolder()
  for (let index = 0; index < count; index++) {
    const image = sharp(portrait('audrey.jpg'))
      .resize({ width: 200 })
      .modulate({ brightness: 0.7 + index * 0.01 })
    // Bytes after the picture's end make the file as large as a photo and are read by nobody.
    const bytes = Buffer.concat([await image.jpeg().toBuffer(), randomBytes(400_000)])
    writeFileSync(path.join(folder, `${index}.jpg`), bytes)
  }
  return folder
}

test('a disk that fills up during an import is a clear error, and nothing acknowledged is lost', async (context) => {
  const disk = smallDisk(DISK_MB)
  if (disk === undefined) {
    context.skip('mounting a small disk needs root')
    return
  }
  const data = path.join(disk, 'data')
  const photos = await makePhotos(24)
  const created = await runLikeness(['collections', 'create', 'T', '--basis', 'test', '--data', data])
  expect(created.exitCode).toBe(0)
  const full = await runLikeness(['import', photos, '--collection', 'T', '--data', data])
  expect(full.exitCode).toBe(2)
  expect(full.stderr).toContain('The disk is full')

  const larger = path.join(scratchFolder(), 'data')
  cpSync(data, larger, { recursive: true })
  const store = await openStore({ dataFolder: larger, operatorKey: undefined })
  const { findings } = await examine(withIndex(store), actor, { repair: false })
  expect(findings.filter(({ severity }) => severity === 'fault')).toEqual([])
  await store.close()
  const resumed = await runLikeness(['import', photos, '--collection', 'T', '--data', larger, '--json'])
  expect(JSON.parse(resumed.stdout)).toMatchObject({
    counts: { waiting: 0, unreadable: 0, failed: 0, done: 24 },
  })
})

test('a read-only disk is a clear error and stays as it was', async (context) => {
  const disk = smallDisk(DISK_MB)
  if (disk === undefined) {
    context.skip('mounting a small disk needs root')
    return
  }
  const data = path.join(disk, 'data')
  const photos = await makePhotos(1)
  expect(
    (await runLikeness(['collections', 'create', 'T', '--basis', 'test', '--data', data])).exitCode,
  ).toBe(0)
  const before = [readdirSync(data), statfsSync(disk).bfree]
  execFileSync('mount', ['-o', 'remount,ro', disk])
  const refused = await runLikeness(['import', photos, '--collection', 'T', '--data', data])
  expect(refused.exitCode).toBe(2)
  expect(refused.stderr).toContain('cannot be written')
  execFileSync('mount', ['-o', 'remount,rw', disk])
  expect([readdirSync(data), statfsSync(disk).bfree]).toEqual(before)
  expect((await runLikeness(['import', photos, '--collection', 'T', '--data', data])).exitCode).toBe(0)
})
