import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, openWindow } from './browser.ts'
import { openBureau, type Bureau } from './bureau.ts'

// What curators, supervisors and auditors do besides searching.

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
  const photos = page.getByRole('list', { name: 'Photos' }).getByRole('link')
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
      mediaId: page.url().split('/').at(-1),
    },
  })
  await source.getByText(sha256).waitFor()
  expect(await page.locator('main svg rect').count()).toBeGreaterThan(1)
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
  await curator.getByRole('button', { name: 'Erase 1 photo' }).click()
  await curator.getByLabel('Reason').fill('Asked for by the person')
  const erase = curator.getByRole('dialog').getByRole('button', { name: 'Erase' })
  await erase.click()
  await curator.getByText('under legal hold').waitFor()

  await supervisor.getByRole('button', { name: 'Lift' }).click()
  await supervisor.getByLabel('Reason').fill('The case is over')
  await supervisor.getByRole('dialog').getByRole('button', { name: 'Lift' }).click()
  await supervisor.getByText(/The case is over/).waitFor()
  await erase.click()
  await curator.getByText(/^1 photo was erased; faces with it: \d+\./).waitFor()
  await expect.poll(() => curator.getByLabel('Choose sample5.jpg').count()).toBe(0)
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
  await page.getByText('faceplugin-0.0.1, ', { exact: false }).first().waitFor()
  const measured = page.getByRole('region', { name: 'Measured when the pack was calibrated' })
  await expect.poll(() => measured.count()).toBe(1)
})
