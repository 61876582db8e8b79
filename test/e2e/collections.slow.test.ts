import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { buffer as readAll } from 'node:stream/consumers'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import yazl from 'yazl'
import { groupPhoto, portrait, sampleFolder } from '../../scripts/sample-photos.ts'
import { newAccount } from '../support/test-service.ts'
import { openBrowser, openWindow } from './browser.ts'
import { openBureau, PROBE_FACE, type Bureau } from './bureau.ts'

// What curators, supervisors and auditors do besides searching.

/** A zip archive of stored files. */
async function zipped(files: Record<string, Buffer>): Promise<Buffer> {
  const zip = new yazl.ZipFile()
  for (const [name, bytes] of Object.entries(files)) zip.addBuffer(bytes, name, { compress: false })
  zip.end()
  return readAll(zip.outputStream)
}

let bureau: Bureau
let browser: Browser

beforeAll(async () => {
  bureau = await openBureau()
  browser = await openBrowser()
}, 120_000)
afterAll(async () => {
  await browser.close()
  await bureau.web.remove()
})

test('a curator looks through a collection, and sees every fact of where a photo comes from', async () => {
  const { page } = await openWindow(browser, bureau.web.url, bureau.curator)
  await page.goto('/collections')
  await page.getByRole('link', { name: 'Public posts, spring 2022' }).click()
  const photos = page.getByRole('list', { name: 'Photos and videos' }).getByRole('link')
  await expect.poll(() => photos.count()).toBe(4)
  await page.getByLabel('Words in the source').fill('railway')
  await expect.poll(() => photos.count()).toBe(1)
  await photos.first().click()
  const source = page.getByRole('region', { name: 'Source' })
  for (const fact of [
    'https://archive.example/2022/post-3',
    '3 Apr 2022',
    'Field team 3',
    'Railway station, second platform',
    'JPEG',
  ]) {
    await source.getByText(fact).waitFor()
  }
  const { sha256 } = await bureau.curator.client.call('showMedia', {
    params: {
      id: bureau.collectionId,
      mediaId: page.url().split('/').at(-1)!,
    },
  })
  await source.getByText(sha256).waitFor()
  expect(await page.locator('main svg rect').count()).toBeGreaterThan(1)
})

test('a curator drops photos into a collection, and is told of each that was not taken in', async () => {
  const { client } = bureau.curator
  const { id } = await client.call('createCollection', {
    body: { title: 'From the field', lawfulBasis: 'Order 12', sensitivity: 'ordinary' },
  })
  const { page } = await openWindow(browser, bureau.web.url, bureau.curator)
  await page.goto(`/collections/${id}?tab=import`)
  await page.getByText('Nothing was imported yet.').waitFor()
  await page.getByLabel('Source address').fill('https://archive.example/field')
  const photo = readFileSync(groupPhoto(1))
  await page.locator('input[type=file]').setInputFiles([
    { name: 'sample1.jpg', mimeType: 'image/jpeg', buffer: photo },
    { name: 'copy.jpg', mimeType: 'image/jpeg', buffer: photo },
    { name: 'cut off.jpg', mimeType: 'image/jpeg', buffer: photo.subarray(0, 400) },
  ])
  await page.getByText('3 of 3 files were sent; not taken in: 1.').waitFor()
  await page.getByRole('row', { name: /^cut off\.jpg Unreadable \w+/ }).waitFor()
  // Received, taken in, without a face, held already, not taken in, waiting: every file is in one count.
  await page
    .getByRole('row', { name: /ended.*Cora Curator 3 1 0 1 1: why 0$|Cora Curator 3 1 0 1 1: why 0$/ })
    .waitFor()
  // The reasons are there after the page was left, too.
  await page.goto('/collections')
  await page.getByRole('row', { name: /^From the field Order 12 ordinary 1 0 [1-9]/ }).waitFor()
  await page.goto(`/collections/${id}?tab=import`)
  await page.getByRole('button', { name: '1: why' }).click()
  await page
    .getByRole('dialog')
    .getByRole('row', { name: /^cut off\.jpg Unreadable The file is damaged or cut short\. .{20,}/ })
    .waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await page.getByRole('tab', { name: 'Photos, videos, faces' }).click()
  // Both were sent at once; the photo has the name of the one that came first.
  await page.getByRole('link', { name: /^(sample1|copy)\.jpg$/ }).click()
  const links = page.getByRole('region', { name: 'Source' }).getByText('https://archive.example/field')
  // The copy's source was added to the same photo.
  await expect.poll(() => links.count()).toBe(2)
})

test('an import that was left is gone on with; colleagues see it under way', async () => {
  const { id } = await bureau.curator.client.call('createCollection', {
    body: { title: 'Left half way', lawfulBasis: 'Order 12', sensitivity: 'ordinary' },
  })
  const colleague = await newAccount(bureau.operator, bureau.agencyId, 'Carl Curator', ['curator'])
  const { page: other } = await openWindow(browser, bureau.web.url, colleague)
  await other.goto('/')
  await other.getByRole('heading', { level: 1 }).waitFor()
  const folder = sampleFolder('portraits')
  const photos = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jpg'))
    .slice(0, 5)
    .map((name) => path.join(folder, name))

  const { page: first, context } = await openWindow(browser, bureau.web.url, bureau.curator)
  let asked = 0
  // The line breaks after two files.
  await first.route('**/files?*', async (route) => {
    asked += 1
    if (asked <= 2) await route.continue()
  })
  await first.goto(`/collections/${id}?tab=import`)
  await first.locator('input[type=file]').setInputFiles(photos)
  const row = other.getByRole('row', { name: /Left half way Cora Curator.* 2 of 5 files/ })
  await expect.poll(() => row.count(), { timeout: 20_000 }).toBe(1)
  // A colleague sees that files are coming, and is not offered to go on with it or to end it.
  await other.goto(`/collections/${id}?tab=import`)
  const begun = other.getByRole('row', { name: /files are coming.*3 more were announced/ })
  await begun.waitFor()
  expect(await begun.getByRole('button').count()).toBe(0)
  await other.goto('/')
  await context.close()

  const { page: second } = await openWindow(browser, bureau.web.url, bureau.curator)
  let again = 0
  second.on('request', (request) => {
    if (request.url().includes('/files?')) again += 1
  })
  await second.goto(`/collections/${id}?tab=import`)
  // After a minute without a file.
  await second.getByRole('button', { name: 'Go on' }).click({ timeout: 90_000 })
  await second.locator('input[type=file]').setInputFiles(photos)
  await second.getByText('5 of 5 files were sent; not taken in: 0.').waitFor()
  expect(again).toBe(3)
  const { items } = await bureau.curator.client.call('browseCollection', { params: { id } })
  expect(items).toHaveLength(5)
  await expect.poll(() => row.count()).toBe(0)
  await expect.poll(() => other.getByText('Imports under way').count()).toBe(0)
})

test('an archive with bad files gives what can be read, and names the rest', async () => {
  const { client } = bureau.curator
  const { id } = await client.call('createCollection', {
    body: { title: 'An archive', lawfulBasis: 'Order 12', sensitivity: 'ordinary' },
  })
  const { page } = await openWindow(browser, bureau.web.url, bureau.curator)
  await page.goto(`/collections/${id}?tab=import`)
  const good = readFileSync(groupPhoto(4))
  const damaged = Buffer.from('DAMAGED-ON-THE-WAY'.repeat(50))
  const archive = await zipped({
    'day 1/good.jpg': good,
    'day 1/words.txt': Buffer.from('no photo'),
    'x.jpg': damaged,
  })
  // One byte inside the stored file is another one: its checksum no longer holds.
  archive[archive.indexOf('DAMAGED-ON') + 3] ^= 1
  const input = page.locator('input[type=file]')
  await input.setInputFiles({ name: 'field.zip', mimeType: 'application/zip', buffer: archive })
  await page.getByText('3 of 3 files were sent; not taken in: 2.').waitFor()
  await page.getByRole('row', { name: /^field\.zip\/day 1\/words\.txt Unreadable/ }).waitFor()
  await page.getByRole('row', { name: /^field\.zip\/x\.jpg Unreadable It cannot be taken out/ }).waitFor()
  const half = archive.subarray(0, archive.length / 2)
  await input.setInputFiles({ name: 'half.zip', mimeType: 'application/zip', buffer: half })
  await page.getByRole('row', { name: /^half\.zip Unreadable This archive cannot be opened/ }).waitFor()
  const { items } = await client.call('browseCollection', { params: { id } })
  expect(items.map(({ sources }) => sources[0].name)).toEqual(['field.zip/day 1/good.jpg'])
})

test('a collection is granted to another agency, and the grant is ended', async () => {
  const { page } = await openWindow(browser, bureau.web.url, bureau.curator)
  await page.goto(`/collections/${bureau.collectionId}?tab=grants`)
  await page.getByLabel('Another agency').selectOption({ label: 'Odesa bureau' })
  await page.getByRole('button', { name: 'Let it search' }).click()
  await page.getByRole('cell', { name: 'Odesa bureau', exact: true }).waitFor()
  await page.getByRole('button', { name: 'End: Odesa bureau' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click()
  await page.getByText('No other agency may search this collection.').waitFor()
  expect(await bureau.curator.client.call('listGrants', { params: { id: bureau.collectionId } })).toEqual([])
})

test('a supervisor holds a collection; then nothing of it is erased until the hold is lifted', async () => {
  const { page: supervisor } = await openWindow(browser, bureau.web.url, bureau.examiner)
  await supervisor.goto(`/collections/${bureau.collectionId}?tab=retention`)
  await supervisor.getByText('Kept to the end of 1 Jan 2032').waitFor()
  await supervisor.getByRole('button', { name: 'Impose a legal hold' }).click()
  await supervisor.getByLabel('Reason').fill('Court order 9')
  await supervisor.getByRole('dialog').getByRole('button', { name: 'Impose a legal hold' }).click()
  await supervisor.getByRole('cell', { name: 'Court order 9' }).waitFor()

  const { page: curator } = await openWindow(browser, bureau.web.url, bureau.curator)
  await curator.goto(`/collections/${bureau.collectionId}`)
  await curator.getByLabel('Choose sample5.jpg').check()
  await curator.getByRole('button', { name: 'Erase 1 file' }).click()
  await curator.getByLabel('Reason').fill('Asked for by the person')
  const erase = curator.getByRole('dialog').getByRole('button', { name: 'Erase' })
  await erase.click()
  await curator.getByText('under legal hold').waitFor()

  await supervisor.getByRole('button', { name: 'Lift' }).click()
  await supervisor.getByLabel('Reason').fill('The case is over')
  await supervisor.getByRole('dialog').getByRole('button', { name: 'Lift' }).click()
  await supervisor.getByRole('cell', { name: /The case is over/ }).waitFor()
  await erase.click()
  await curator.getByText(/^1 file was erased; faces with it: \d+\./).waitFor()
  await expect.poll(() => curator.getByLabel('Choose sample5.jpg').count()).toBe(0)
})

test('everything in a collection is erased by a job that needs no page', async () => {
  const { client } = bureau.curator
  const { id } = await client.call('createCollection', {
    body: { title: 'Agreement ended', lawfulBasis: 'Order 12', sensitivity: 'ordinary' },
  })
  const { id: importId } = await client.call('startImport', { params: { id }, body: {} })
  for (const name of ['cage.jpg', 'audrey.jpg']) {
    const body = await sharp(portrait(name)).rotate(1).jpeg().toBuffer()
    await client.call('importFile', { params: { id: importId }, query: { name }, body })
  }
  const { page } = await openWindow(browser, bureau.web.url, bureau.curator)
  await page.goto(`/collections/${id}?tab=retention`)
  await page.getByRole('button', { name: 'Erase everything' }).click()
  await page.getByLabel('Reason').fill('The agreement has ended')
  await page.getByRole('dialog').getByRole('button', { name: 'Erase everything' }).click()
  await page.getByText('2 of 2 files; erased: 2 with 2 faces').waitFor()
  await page.getByText('done', { exact: true }).waitFor()
  const { items } = await client.call('browseCollection', { params: { id } })
  expect(items).toEqual([])
})

test('a case gets a member, and its timeline says so', async () => {
  const { page } = await openWindow(browser, bureau.web.url, bureau.examiner)
  await page.goto(`/cases/${bureau.caseId}`)
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await page.getByRole('button', { name: 'Take Oleh Examiner off the case' }).click()
  const colleagues = page.getByLabel('Add a colleague')
  await expect.poll(() => colleagues.locator('option', { hasText: 'Oleh Examiner' }).count()).toBe(1)
  await colleagues.selectOption({ label: 'Oleh Examiner (Examiner)' })
  await page.getByRole('button', { name: 'Take Oleh Examiner off the case' }).waitFor()
  await page.keyboard.press('Escape')
  const timeline = page.locator('section', { has: page.getByRole('heading', { name: 'What was done' }) })
  await timeline.getByText('Ended somebody’s access').waitFor()
  await timeline.getByText('Opened the case').waitFor()
})

test('a supervisor draws searches, and settles what was found; statistics count it', async () => {
  const { client } = bureau.colleague
  const { items } = await client.call('listProbes', { params: { id: bureau.caseId } })
  await client.call('searchInCase', {
    params: { id: bureau.caseId },
    body: { faces: [items[0].faces[0].id] },
  })
  const { page } = await openWindow(browser, bureau.web.url, bureau.examiner)
  await page.goto('/reviews')
  await page.getByRole('button', { name: 'Draw searches' }).click()
  await page.getByLabel('Share in percent').fill('100')
  await page.getByRole('dialog').getByRole('button', { name: 'Draw searches' }).click()
  await page.getByRole('button', { name: 'Settle' }).click()
  await page.getByLabel('in order', { exact: true }).check()
  await page.getByLabel('What you saw').fill('The order names this person.')
  await page.getByRole('button', { name: 'Keep the finding' }).click()
  await page.getByRole('cell', { name: 'in order', exact: true }).waitFor()

  const { page: auditor } = await openWindow(browser, bureau.web.url, bureau.auditor)
  await auditor.goto('/statistics')
  await auditor.getByRole('figure', { name: 'Searches by month' }).waitFor()
  await auditor.getByRole('row', { name: 'Reviews settled 1' }).waitFor()
  await expect.poll(() => auditor.getByRole('heading', { name: /^[2-9]\d* searches$/ }).count()).toBe(1)
})

test('searches that nobody has gone through wait on the home page', async () => {
  const { client } = bureau.examiner
  const { items } = await client.call('listProbes', { params: { id: bureau.caseId } })
  await client.call('searchInCase', {
    params: { id: bureau.caseId },
    body: { faces: [items[0].faces[PROBE_FACE].id] },
  })
  const { page } = await openWindow(browser, bureau.web.url, bureau.examiner)
  await page.goto('/')
  const waiting = page.locator('section', {
    has: page.getByRole('heading', { name: 'Searches to be looked at' }),
  })
  await expect.poll(() => waiting.getByRole('row', { name: /Woman seen/ }).count()).toBeGreaterThan(0)
})

test('what the scores rest on is shown to everybody', async () => {
  const { page } = await openWindow(browser, bureau.web.url, bureau.curator)
  await page.goto('/model')
  await page.getByText('faceplugin-sface-1, ', { exact: false }).first().waitFor()
  const measured = page.getByRole('region', { name: 'Measured when the pack was calibrated' })
  await expect.poll(() => measured.count()).toBe(1)
})
