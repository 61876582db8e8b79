import { monitorEventLoopDelay } from 'node:perf_hooks'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { localOperator } from '../../src/actor/actor.ts'
import { listItems, startImport } from '../../src/imports/start-import.ts'
import { warcRecord } from '../support/hostile-warcs.ts'
import { zipOf } from '../support/hostile-archives.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import {
  newAccount,
  newAgency,
  setUp,
  startTestService,
  type TestAccount,
  type TestService,
} from '../support/test-service.ts'

// Files that are made to keep a service from everybody else. It runs in this thread: what blocks it blocks the timer too.

/**
 * What nobody may wait for a turn longer than, with others' work on the same cores: the name search that this was written
 * for took six seconds at a stretch.
 */
const LONGEST_BLOCK_MS = 1500
const MB = 1024 * 1024

let service: TestService
let liaison: TestAccount
let agencyId: string

beforeEach(async () => {
  service = await startTestService()
  const operator = await setUp(service)
  agencyId = await newAgency(operator, 'Kyiv bureau')
  liaison = await newAccount(operator, agencyId, 'Larysa', ['liaison', 'curator'])
}, 60_000)
afterEach(() => service.remove())

/** The longest time for which nothing else had a turn, in milliseconds. */
async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  await work()
  delay.disable()
  return delay.max / 1e6
}

async function importPeople(file: string): Promise<number> {
  const { status } = await liaison.client.send('importPeople', {
    query: { status: 'missing', basis: 'legal', basisDetail: 'Order 12', dryRun: 'no' },
    body: Buffer.from(file),
  })
  return status
}

async function search(name: string): Promise<void> {
  await liaison.client.call('listPeople', { query: { name } })
}

const LONG_WORD = 'Шчерсбахоклштайн'
const people: [string, () => string][] = [
  ['a name of 3 MB in one line', () => `ref,full_name\n1,${'Іван '.repeat((3 * MB) / 9)}\n2,Іван\n`],
  ['a name of 3 MB in many lines', () => `ref,full_name\n1,"${'Іван\n'.repeat((3 * MB) / 9)}"\n2,Іван\n`],
  ['names of a megabyte less a little', () => `ref,full_name\n${`1,${'x'.repeat(MB - 100)}\n`.repeat(7)}`],
  [
    'as many and as long names as a row may have',
    () => {
      const names = Array.from({ length: 29 }, (_, at) => `${LONG_WORD} ${'chszcz'.repeat(8)} tschow${at}`)
      return `ref,full_name,other_names\n${Array.from({ length: 200 }, (_, at) => `${at},Іван Коваль,${names.join(';')}\n`).join('')}`
    },
  ],
  [
    'PFIF of 8 MB with notes of nobody',
    () => {
      const persons = Array.from(
        { length: 400 },
        (_, at) => `<person><person_record_id>${at}</person_record_id></person>`,
      )
      const note = '<note><person_record_id>nobody</person_record_id><text>x</text></note>'
      return `<pfif>${persons.join('')}${note.repeat(100_000)}</pfif>`
    },
  ],
  ['PFIF of 8 MB of nothing but tags', () => `<pfif>${'<a/>'.repeat(2_000_000)}</pfif>`],
  [
    'PFIF with one name of 8 MB',
    () =>
      `<pfif><person><person_record_id>1</person_record_id><full_name>${'ab '.repeat(2_600_000)}</full_name></person></pfif>`,
  ],
]

test.each(people)(
  'a file of people with %s keeps nobody from their turn, nor does the search for a name after it',
  async (_, make) => {
    const file = make()
    const block = await longestBlock(async () => {
      expect([200, 400, 413, 422]).toContain(await importPeople(file))
      await search('Іван')
      await search(LONG_WORD)
    })
    expect(block).toBeLessThan(LONGEST_BLOCK_MS)
  },
  120_000,
)

const collections: [string, string, () => Buffer][] = [
  [
    'a manifest with a name of nearly a megabyte',
    'm.csv',
    () => Buffer.from(`file,person_name\na.jpg,${'Іван '.repeat(100_000)}\n`),
  ],
  [
    'a manifest with more columns than anybody has',
    'm.csv',
    () =>
      Buffer.from(
        `file,${Array.from({ length: 100_000 }, (_, at) => `c${at}`).join(',')}\n${'a.jpg,x\n'.repeat(2000)}`,
      ),
  ],
  [
    'a manifest with a quote that never ends',
    'm.csv',
    () => Buffer.from(`file,note\na.jpg,"${'x\n'.repeat(6 * MB)}`),
  ],
  [
    'a list of JSON lines, each as long as it may be',
    'm.jsonl',
    () => Buffer.from(`{"file":"a.jpg","note":"${'x'.repeat(MB - 100)}"}\n`.repeat(20)),
  ],
  [
    'a zip of very many names',
    'a.zip',
    () =>
      zipOf(
        Array.from({ length: 20_000 }, (_, at) => ({
          name: `${'d/'.repeat(60)}${at}.jpg`,
          bytes: Buffer.alloc(0),
        })),
      ),
  ],
  [
    'a WARC of very long headers',
    'a.warc',
    () =>
      Buffer.concat(
        Array.from({ length: 100 }, (_, at) =>
          warcRecord(`http://a.example/${'x'.repeat(60_000)}${at}.jpg`, Buffer.from('z'), {
            extra: `X-Long: ${'y'.repeat(60_000)}\r\n`,
          }),
        ),
      ),
  ],
]

test.each(collections)(
  '%s keeps nobody from their turn while it is listed',
  async (_, name, make) => {
    const { id: collection } = await liaison.client.call('createCollection', {
      body: { title: 'Hostile', lawfulBasis: 'test', sensitivity: 'ordinary' },
    })
    const file = path.join(scratchFolder(), name)
    writeFileSync(file, make())
    const block = await longestBlock(async () => {
      const { id: importId } = await startImport(service.ctx, localOperator('importer'), {
        source: file,
        collection,
      })
      await listItems(service.ctx, importId, () => undefined)
    })
    expect(block).toBeLessThan(LONGEST_BLOCK_MS)
  },
  120_000,
)

test('a second file of people of one agency is sent away until the first is read', async () => {
  const file = `ref,full_name\n${Array.from({ length: 400 }, (_, at) => `${at},Іван Коваль ${at}\n`).join('')}`
  const answers = await Promise.all([importPeople(file), importPeople(file), importPeople(file)])
  expect(answers.toSorted((a, b) => a - b)).toEqual([200, 503, 503])
  expect(await importPeople(file)).toBe(200)
})
