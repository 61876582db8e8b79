import { mkdirSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeClip, pictureAt } from '../support/make-video.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { newAccount, newAgency, setUp, type TestAccount } from '../support/test-service.ts'
import { accessibilityFaults, openBrowser, openWindow } from './browser.ts'
import { startWebService, type WebService } from './web-service.ts'

// A video sent by a curator in the browser, found, played and searched with by an examiner.

let web: WebService
let browser: Browser
let curator: TestAccount
let examiner: TestAccount
let collectionId: string

beforeAll(async () => {
  web = await startWebService()
  browser = await openBrowser()
  const operator = await setUp({ address: web.url, setupLink: web.setupLink })
  const agencyId = await newAgency(operator, 'Kyiv bureau')
  curator = await newAccount(operator, agencyId, 'Cora Curator', ['curator'])
  examiner = await newAccount(operator, agencyId, 'Eva Examiner', ['examiner'])
  const body = { title: 'Clips', lawfulBasis: 'test', sensitivity: 'ordinary' as const }
  collectionId = (await curator.client.call('createCollection', { body })).id
}, 240_000)
afterAll(async () => {
  await browser.close()
  await web.remove()
})

/** A picture of the page, for whoever changes it: only when a folder is named for them. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.LIKENESS_SCREENSHOTS
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true })
}

test('a video is sent in the browser, its candidate shows the moment, plays from there, and is searched with', async () => {
  const folder = scratchFolder()
  const clip = makeClip(folder, 'interview.mp4', { startS: 60, seconds: 8 })
  const { page: desk } = await openWindow(browser, web.url, curator)
  await desk.goto(`/collections/${collectionId}?tab=import`)
  await desk.locator('input[type=file]').first().setInputFiles(clip)
  await desk.getByRole('status').filter({ hasText: '1 of 1' }).waitFor()
  const running = () => curator.client.call('listImports', { params: { id: collectionId } })
  await expect.poll(async () => (await running())[0].counts.done, { timeout: 120_000, interval: 500 }).toBe(1)
  await picture(desk, 'import')
  const { items } = await curator.client.call('browseCollection', { params: { id: collectionId } })
  await desk.goto(`/collections/${collectionId}/media/${items[0].id}`)
  await desk.getByText('of 0:08 · track 1').waitFor()
  await desk.getByText('0:08, h264, tracks: 1').waitFor()
  await picture(desk, 'media')

  const { client } = examiner
  const { id: caseId } = await client.call('createCase', {
    body: { number: '1', title: 'Clip', purpose: 'investigate_crime', legalBasis: 'Order 1' },
  })
  const still = await pictureAt(clip, 5)
  const probe = await client.call('addProbe', { params: { id: caseId }, body: still })
  const body = { faces: [probe.faces[0].id] }
  const search = await client.call('searchInCase', { params: { id: caseId }, body })
  const { page } = await openWindow(browser, web.url, examiner)
  await page.goto(`/searches/${search.id}`)
  await page.getByText(/^0:0[456] of 0:08 · track 1$/).waitFor()
  await picture(page, 'search')
  await page.goto(`/searches/${search.id}/compare/1`)
  const video = page.getByRole('region', { name: 'In the video' })
  await video.getByRole('button', { name: /^Play from 0:0[456]$/ }).click()
  await video.locator('video').waitFor()
  const script =
    "(() => { const v = document.querySelector('video'); return v.readyState >= 2 ? v.currentTime : -1 })()"
  const seconds = () => page.evaluate(script) as Promise<number>
  await expect.poll(seconds, { timeout: 60_000, interval: 200 }).toBeGreaterThanOrEqual(4)
  expect(await seconds()).toBeLessThan(7)
  const strip = video.getByRole('list', { name: 'The same face through the track' })
  expect(await strip.getByRole('button').count()).toBeGreaterThanOrEqual(7)
  await strip.getByRole('button').first().click()
  await expect.poll(seconds, { timeout: 20_000, interval: 200 }).toBeLessThan(2)
  await picture(page, 'compare')
  expect(await accessibilityFaults(page)).toEqual([])
  await video.getByRole('button', { name: 'Search with the whole track' }).click()
  await page.waitForURL((url) => url.pathname.startsWith('/searches/') && !url.pathname.includes(search.id), {
    timeout: 60_000,
  })
  await page.getByText(/of 0:08 · track 1$/).waitFor()
  const { items: probes } = await client.call('listProbes', { params: { id: caseId } })
  expect(probes.length).toBeGreaterThan(3)
})

test('while the service reads what was sent, the import says so, and is not offered to be gone on with or ended', async () => {
  const clip = makeClip(scratchFolder(), 'long.mp4', { startS: 60, seconds: 60 })
  const { page } = await openWindow(browser, web.url, curator)
  await page.goto(`/collections/${collectionId}?tab=import`)
  await page.locator('input[type=file]').first().setInputFiles(clip)
  await page
    .getByText(/^Everything was sent\. The service reads videos and web archives: 0 of 1 files/)
    .waitFor()
  const { page: other } = await openWindow(browser, web.url, curator)
  await other.goto(`/collections/${collectionId}?tab=import`)
  const row = other.getByRole('row', { name: /being read/ })
  await row.waitFor()
  expect(await row.getByRole('button').count()).toBe(0)
  // What is read is not called refused.
  await other.getByRole('row', { name: /being read.* 1 0 0 0 0 1$/ }).waitFor()
  await expect.poll(() => row.count(), { timeout: 120_000 }).toBe(0)
  // Two videos, of one track each.
  await other.goto('/collections')
  await other.getByRole('row', { name: / 0 2 2 / }).waitFor()
})
