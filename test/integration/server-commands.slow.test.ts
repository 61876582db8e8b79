import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import type { Permission } from '../../src/contract/roles.ts'
import { warcRecord } from '../support/hostile-warcs.ts'
import { runLikeness } from '../support/run-likeness.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import {
  newAccount,
  newAgency,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../support/test-service.ts'

// The `likeness` command as a client of a service.

let service: TestService
let curator: TestAccount
let examiner: TestAccount
let collectionId: string
let asCurator: Record<string, string>
let asExaminer: Record<string, string>

beforeAll(async () => {
  service = await startTestService()
  const operator = await setUp(service)
  const agencyId = await newAgency(operator, 'Kyiv bureau')
  curator = await newAccount(operator, agencyId, 'Cora Curator', ['curator'])
  examiner = await newAccount(operator, agencyId, 'Eva Examiner', ['examiner'])
  const { id } = await curator.client.call('createCollection', {
    body: { title: 'Field photos', lawfulBasis: 'Order 12', sensitivity: 'ordinary' },
  })
  collectionId = id
  await examiner.client.call('createCase', {
    body: { number: '2022/5', title: 'A case', purpose: 'find_missing_person', legalBasis: 'Order 12' },
  })
  asCurator = await keyOf(curator, ['collection.read', 'collection.import'])
  asExaminer = await keyOf(examiner, ['case.read', 'collection.read', 'probe.add', 'search.run'])
}, 120_000)
afterAll(() => service.remove())

async function keyOf({ client }: TestAccount, scopes: Permission[]): Promise<Record<string, string>> {
  const { key } = await client.call('createApiKey', { body: { name: 'command', scopes, days: 1 } })
  return { LIKENESS_API_KEY: key, LIKENESS_SERVER: service.address }
}

/** A folder with a manifest, three photos, and one that is none. */
function manifest(): string {
  const folder = scratchFolder()
  for (const number of [2, 3, 4]) copyFileSync(groupPhoto(number), path.join(folder, `${number}.jpg`))
  writeFileSync(path.join(folder, 'words.jpg'), 'no photo')
  const rows = [
    'file,source_url,person_ref,unit',
    '2.jpg,https://archive.example/2,,12th brigade',
    '3.jpg,https://archive.example/3,,',
    '4.jpg,https://archive.example/4,,',
    'words.jpg,,,',
    'missing.jpg,,,',
  ]
  const file = path.join(folder, 'list.csv')
  writeFileSync(file, rows.join('\n'))
  return file
}

test('a manifest is imported through a service, with what it says; what cannot be taken is named', async () => {
  const file = manifest()
  // As an import that was left after one file.
  const begun = await curator.client.call('startImport', { params: { id: collectionId }, body: { files: 5 } })
  await curator.client.call('importFile', {
    params: { id: begun.id },
    query: { name: '3.jpg', sourceUrl: 'https://archive.example/3' },
    body: readFileSync(groupPhoto(3)),
  })
  const imported = await runLikeness(['import', file, '--collection', 'Field photos', '--json'], {
    env: asCurator,
  })
  expect(imported.exitCode, imported.stderr).toBe(2)
  const told = JSON.parse(imported.stdout) as { counts: object; notTaken: { name: string }[] }
  expect(told.counts).toMatchObject({ done: 3 })
  expect(told.notTaken.map(({ name }) => path.basename(name)).toSorted()).toEqual([
    'missing.jpg',
    'words.jpg',
  ])
  const imports = await curator.client.call('listImports', { params: { id: collectionId } })
  expect(imports).toHaveLength(1)
  expect(imports[0].finishedAt).not.toBeNull()
  const { items } = await curator.client.call('browseCollection', { params: { id: collectionId } })
  const second = items.find(({ sources }) => sources[0].sourceUrl === 'https://archive.example/2')!
  const { sources } = await curator.client.call('showMedia', {
    params: { id: collectionId, mediaId: second.id },
  })
  expect(sources[0].other).toEqual({ unit: '12th brigade' })
  const list = await runLikeness(['collections'], { env: asCurator })
  expect(list.stdout).toMatch(
    /^Field photos {2}\(Kyiv bureau, ordinary\) {2}3 photos, 0 videos, \d+ faces\n$/,
  )
})

test('a search through a service belongs to a case and is kept there', async () => {
  const args = ['search', groupPhoto(1), '--case', '2022/5', '--json']
  const which = await runLikeness(args, { env: asExaminer })
  expect(which.exitCode).toBe(2)
  expect(JSON.parse(which.stdout)).toMatchObject({ error: { code: 'choose_face' } })
  const found = await runLikeness([...args, '--face', '3', '--collection', 'Field photos'], {
    env: asExaminer,
  })
  expect(found.exitCode, found.stderr).toBe(0)
  const search = JSON.parse(found.stdout) as {
    id: string
    address: string
    candidates: { similarity: number }[]
  }
  expect(search.candidates[0].similarity).toBeGreaterThan(0.4)
  expect(search.address).toBe(`${service.address}/searches/${search.id}`)
  const kept = await examiner.client.call('showSearch', { params: { id: search.id } })
  expect(kept).toMatchObject({ searchedBy: 'Eva Examiner', purpose: 'find_missing_person' })
  // The photo that was given twice is one probe.
  const probes = await examiner.client.call('listProbes', { params: { id: kept.caseId } })
  expect(probes.items).toHaveLength(1)
})

test.each([
  ['without a key', {}, ['--case', '2022/5'], 'A service needs an API key'],
  ['without a case', { LIKENESS_API_KEY: 'x' }, [], 'a search belongs to a case'],
  ['with a key that is none', { LIKENESS_API_KEY: 'x' }, ['--case', '2022/5'], 'likeness: '],
  ['of no service', { LIKENESS_SERVER: 'http://127.0.0.1:1' }, ['--case', '2022/5'], 'cannot be reached'],
  ['in a case that is not there', {}, ['--case', '2022/99'], "works on no case '2022/99'"],
])('a search %s ends with a sentence', async (_name, env, args, sentence) => {
  const isKeyless = sentence.startsWith('A service')
  const { exitCode, stderr } = await runLikeness(['search', groupPhoto(1), ...args], {
    env: { ...asExaminer, ...(isKeyless ? { LIKENESS_API_KEY: '' } : {}), ...env },
  })
  expect(exitCode).toBe(2)
  expect(stderr).toContain(sentence)
  expect(stderr).not.toContain('    at ')
})

test('a folder with a web archive and a photo: the archive is sent whole, checked and kept by the service', async () => {
  const folder = scratchFolder()
  copyFileSync(groupPhoto(5), path.join(folder, '5.jpg'))
  const warc = Buffer.concat([
    warcRecord(
      'https://archive.example/post',
      Buffer.from('<!doctype html><title>Post</title><img src="/a.jpg">'),
    ),
    warcRecord('https://archive.example/a.jpg', readFileSync(groupPhoto(6))),
  ])
  writeFileSync(path.join(folder, 'post.bin'), warc)
  // As an import that was left after the archive.
  const { client } = curator
  const { id } = await client.call('startImport', { params: { id: collectionId }, body: { files: 2 } })
  const begun = await client.call('beginUpload', {
    params: { id },
    body: { name: 'post.bin', byteLength: warc.length },
  })
  const params = { id: begun.id }
  await client.call('sendPart', { params, query: { at: 0 }, body: warc })
  await client.call('finishUpload', { params, body: {} })
  const run = await runLikeness(['import', folder, '--collection', 'Field photos', '--json'], {
    env: asCurator,
  })
  expect(JSON.parse(run.stdout)).toMatchObject({ counts: { done: 2 }, notTaken: [] })
  const [last] = await client.call('listImports', { params: { id: collectionId } })
  expect(last).toMatchObject({ id, announced: 2, total: 2, finishedAt: expect.any(String) as string })
  const { items } = await curator.client.call('browseCollection', {
    params: { id: collectionId },
    query: { words: 'archive.example/post' },
  })
  expect(items[0].sources[0].capture).toMatchObject({
    tool: 'warc',
    pages: [{ url: 'https://archive.example/post', title: 'Post' }],
    digest: { verdict: 'valid' },
    archive: { name: 'post.bin', isKept: true, signatureVerdict: 'absent' },
  })
  const alone = await runLikeness(
    ['import', path.join(folder, 'post.bin'), '--collection', 'Field photos', '--json'],
    { env: asCurator },
  )
  expect(JSON.parse(alone.stdout)).toMatchObject({ counts: { duplicate: 1 } })
})
