import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { groupPhoto, portrait } from '../../scripts/sample-photos.ts'
import { runLikeness } from '../support/run-likeness.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

/** Two photos of one person with their sources, and one of somebody else. */
function makeSource(): string {
  const folder = scratchFolder()
  mkdirSync(folder, { recursive: true })
  copyFileSync(groupPhoto(3), path.join(folder, 'група.jpg'))
  copyFileSync(portrait('audrey.jpg'), path.join(folder, 'other.jpg'))
  const rows = [
    { file: 'група.jpg', source_url: 'https://example.org/post/7', captured_at: '2022-03-05' },
    { file: 'other.jpg', captured_at: '2023-01-01' },
  ]
  writeFileSync(path.join(folder, 'list.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'))
  return path.join(folder, 'list.jsonl')
}

test('likeness search finds the mate in a collection, shows where it comes from, and writes a page', async () => {
  const data = path.join(scratchFolder(), 'data')
  const run = (...args: string[]): ReturnType<typeof runLikeness> => runLikeness([...args, '--data', data])
  await run('collections', 'create', 'Bucha', '--basis', 'test', '--sensitivity', 'sensitive')
  expect((await run('import', makeSource(), '--collection', 'Bucha')).exitCode).toBe(0)
  const probe = [groupPhoto(1), '--face', '3']

  const report = path.join(scratchFolder(), 'found.html')
  const found = await run('search', ...probe, '--json', '--report', report)
  expect(found).toMatchObject({ exitCode: 0, stderr: '' })
  const result = JSON.parse(found.stdout) as SearchJson
  expect(result).toMatchObject({
    collections: [{ title: 'Bucha' }],
    candidates: 1,
    scores: { source: 'pack' },
  })
  expect(result.facesSearched).toBeGreaterThan(3)
  const [media] = result.groups[0].media
  expect(media).toMatchObject({
    captureDate: '2022-03-05',
    sensitive: true,
    sources: [{ name: 'група.jpg', sourceUrl: 'https://example.org/post/7' }],
    faces: [{ rank: 1, number: 2 }],
  })
  expect(media.faces[0].similarity).toBeGreaterThan(0.5)
  expect(media.faces[0].strangersExpected).toBeLessThan(0.01)
  const page = readFileSync(report, 'utf8')
  expect(page.match(/src="data:image\/jpeg/g)).toHaveLength(3)
  expect(page).toContain('https://example.org/post/7')
  expect(page).toContain('sensitive: blurred')
  expect(page).not.toMatch(/<script|src="http/)

  const table = await run('search', ...probe, '--collection', 'bucha', '--until', '2022-12-31')
  expect(table.exitCode).toBe(0)
  expect(table.stdout).toMatch(
    /^ +1 +0\.\d{3} .*2022-03-05 +Bucha +face 2 .*група\.jpg https:\/\/example\.org\/post\/7$/m,
  )

  const none = await run('search', ...probe, '--since', '2022-12-31')
  expect(none.exitCode).toBe(1)
  expect(none.stdout).toContain('No candidate')
  const asked = await run('search', groupPhoto(1))
  expect(asked.exitCode).toBe(2)
  expect(asked.stderr).toContain('choose one with --face')
})

interface SearchJson {
  facesSearched: number
  groups: { media: { faces: { similarity: number; strangersExpected: number }[] }[] }[]
}
