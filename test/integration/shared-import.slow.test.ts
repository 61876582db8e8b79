import { renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { portrait } from '../../scripts/sample-photos.ts'
import { runLikeness } from '../support/run-likeness.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

/** More than two leases of items, so that there is something to share. */
const PHOTOS = 160
const PROCESSES = 3

/** Small photos of four people, each a little different. */
async function makePhotos(): Promise<string> {
  const folder = scratchFolder()
  const portraits = ['audrey.jpg', 'cage.jpg', 'SeanConnery.jpg', 'obama4_crop.jpg'].map(portrait)
  for (let index = 0; index < PHOTOS; index++) {
    const image = sharp(portraits[index % portraits.length])
      .resize({ width: 200 })
      .modulate({ brightness: 0.8 + index * 0.002 })
    writeFileSync(path.join(folder, `${index}.jpg`), await image.jpeg().toBuffer())
  }
  return folder
}

interface ImportJson {
  counts: Record<string, number>
  thisRun: { done: number }
}

test('several processes share one import, and searches go on meanwhile', async () => {
  const photos = await makePhotos()
  const data = path.join(scratchFolder(), 'data')
  const run = (...args: string[]) => runLikeness([...args, '--data', data])
  await run('collections', 'create', 'T', '--basis', 'test')
  const imports = Promise.all(
    Array.from({ length: PROCESSES }, () => run('import', photos, '--collection', 'T', '--json')),
  )
  const ended = imports.then(() => 'ended' as const)
  let searches = 0
  for (;;) {
    const search = await Promise.race([ended, run('search', portrait('audrey.jpg'))])
    if (search === 'ended') break
    expect([0, 1], search.stderr).toContain(search.exitCode)
    searches += 1
  }
  expect(searches).toBeGreaterThan(0)
  const results = await imports
  expect(results.map(({ exitCode, stderr }) => [exitCode, stderr.includes('likeness:')])).toEqual(
    Array.from({ length: PROCESSES }, () => [0, false]),
  )
  const done = results.map(({ stdout }) => (JSON.parse(stdout) as ImportJson).thisRun.done)
  expect(done.reduce((sum, count) => sum + count)).toBe(PHOTOS)
  expect(done.filter((count) => count > 0).length, 'processes that did a part of it').toBeGreaterThan(1)
  const status = JSON.parse((await run('import', 'status', '--json')).stdout) as ImportJson[]
  expect(status).toMatchObject([{ counts: { done: PHOTOS, waiting: 0, failed: 0, duplicate: 0 } }])
  const found = await run('search', portrait('audrey.jpg'), '--json', '--limit', '100')
  expect(JSON.parse(found.stdout)).toMatchObject({ facesSearched: PHOTOS, candidates: PHOTOS / 4 })
  expect((await run('doctor')).stdout).toContain('no fault')
})

test('what could not be read for a passing reason is tried again when asked', async () => {
  const source = scratchFolder()
  const data = path.join(scratchFolder(), 'data')
  const run = (...args: string[]) => runLikeness([...args, '--data', data])
  const photo = path.join(source, 'a.jpg')
  writeFileSync(photo, await sharp(portrait('audrey.jpg')).resize({ width: 200 }).jpeg().toBuffer())
  writeFileSync(path.join(source, 'text.jpg'), 'not a picture')
  writeFileSync(path.join(source, 'list.csv'), 'file\na.jpg\ntext.jpg\nlate.jpg\n')
  await run('collections', 'create', 'T', '--basis', 'test')
  const first = await run('import', path.join(source, 'list.csv'), '--collection', 'T', '--json')
  expect(first.exitCode).toBe(2)
  const { id } = JSON.parse(first.stdout) as { id: string }
  expect(JSON.parse(first.stdout)).toMatchObject({ counts: { done: 1, unreadable: 2 } })
  const again = await run('import', 'resume', id, '--json')
  expect(JSON.parse(again.stdout)).toMatchObject({ counts: { done: 1, unreadable: 2 } })
  renameSync(photo, path.join(source, 'late.jpg'))
  const retried = await run('import', 'resume', id, '--retry', '--json')
  expect(retried.exitCode).toBe(2)
  // The same bytes under another name: a duplicate. The text stays unreadable: that lies with the file.
  expect(JSON.parse(retried.stdout)).toMatchObject({
    counts: { done: 1, duplicate: 1, unreadable: 1, waiting: 0 },
    thisRun: { duplicate: 1, unreadable: 0 },
  })
})
