import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import { endpoints } from '../../src/contract/endpoints.ts'
import { PASSWORD } from '../support/test-service.ts'
import { freshTotpCode } from '../support/totp.ts'
import { openBrowser, openWindow } from './browser.ts'
import { openBureau, type Bureau } from './bureau.ts'

const PHONE_PX = 390

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

test('in Ukrainian, no English is left', async () => {
  const { page } = await openWindow(browser, bureau.web.url, bureau.examiner, { locale: 'uk-UA' })
  for (const address of [
    '/',
    '/collections',
    `/collections/${bureau.collectionId}?tab=retention`,
    '/reviews',
    '/statistics',
    '/model',
    `/cases/${bureau.caseId}`,
    `/searches/${bureau.searchId}/compare/1`,
    `/identifications/${bureau.identificationId}`,
    `/examinations/${bureau.draftId}`,
    '/lineups',
    '/people',
    `/people/${bureau.personId}`,
    '/verification',
  ]) {
    await page.goto(address)
    await page.locator('h1').waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('uk')
    expect(await page.locator('main button, nav a, main th').allInnerTexts()).not.toContainEqual(
      expect.stringMatching(/\b(the|Open|Search|Case|Compare|Next|Home|Choose)\b/),
    )
  }
})

test('on a phone, a search goes from the photo to the candidates, and nothing sticks out', async () => {
  const { page } = await openWindow(browser, bureau.web.url, bureau.examiner, {
    viewport: { width: PHONE_PX, height: 844 },
    hasTouch: true,
    isMobile: true,
  })
  await page.goto(`/cases/${bureau.caseId}/search`)
  await page.locator('input[type=file]').setInputFiles(groupPhoto(1))
  await page.getByRole('button', { name: /^Face 3/ }).tap()
  expect(await widthOf(page)).toBeLessThanOrEqual(PHONE_PX)
  await page.getByRole('button', { name: 'Search', exact: true }).tap()
  await page.getByRole('heading', { level: 1, name: /\d+ candidates?/ }).waitFor()
  expect(await widthOf(page)).toBeLessThanOrEqual(PHONE_PX)
  await page.goto('/verification')
  await page.getByRole('heading', { name: 'The person now' }).waitFor()
  expect(await widthOf(page)).toBeLessThanOrEqual(PHONE_PX)
})

/** Wider than the window: something sticks out. */
async function widthOf(page: Page): Promise<number> {
  return Number(await page.evaluate('document.documentElement.scrollWidth'))
}

test('by keyboard alone: from signing in to a comparison and a mark, which a colleague sees', async () => {
  const { page } = await openWindow(browser, bureau.web.url)
  const { keyboard } = page
  // Cases that come only after their name was typed.
  const { promise: isTyped, resolve: onTyped } = Promise.withResolvers<void>()
  await page.route(/\/api\/v1\/cases\?/, async (route) => {
    await isTyped
    await route.continue()
  })
  await page.goto('/sign-in')
  await page.getByLabel('E-mail address').waitFor()
  // The first field has the focus.
  await keyboard.type(bureau.examiner.email)
  await keyboard.press('Tab')
  await keyboard.type(PASSWORD)
  await keyboard.press('Enter')
  await page.getByLabel('Six-digit code').waitFor()
  await keyboard.type(await freshTotpCode(bureau.examiner.totpSecret))
  await page.getByRole('heading', { level: 1, name: /Good day/ }).waitFor()
  await keyboard.press('Control+k')
  await page.locator('[placeholder="Type a case, a page or an action"]:focus').waitFor()
  await keyboard.type('railway')
  await expect.poll(() => page.locator('[data-action]').count()).toBe(0)
  onTyped()
  await page.getByRole('button', { name: /Woman seen/ }).waitFor()
  await keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: /Woman seen/ }).waitFor()
  await tabTo(page, 'New search')
  await keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'New search' }).waitFor()
  await page.getByRole('button', { name: 'Show photo From the family.jpg' }).waitFor()
  await tabTo(page, 'Show photo From the family.jpg')
  await keyboard.press('Enter')
  await page.getByRole('button', { name: /^Face 1/ }).waitFor()
  await tabTo(page, 'Face 1')
  await keyboard.press('ArrowRight')
  await keyboard.press('ArrowRight')
  await keyboard.press('Space')
  await page.getByText('Quality of face 3').waitFor()
  await keyboard.press('s')
  await page.getByRole('heading', { level: 1, name: /\d+ candidates?/ }).waitFor()
  await tabTo(page, 'Candidate 1,')
  await keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: /^Candidate 1 of/ }).waitFor()
  await page.locator('figure').first().waitFor()
  await keyboard.press('2')
  await page.getByRole('figure', { name: 'Candidate over probe' }).waitFor()
  await keyboard.press('m')
  await page.getByRole('button', { name: 'Later', pressed: true }).waitFor()
  await keyboard.press('Escape')
  await page
    .getByRole('group', { name: /^Candidate 1,/ })
    .getByText('Later')
    .waitFor()
  const found = page.url().split('/').at(-1)
  const { page: other } = await openWindow(browser, bureau.web.url, bureau.colleague)
  await other.goto(`/searches/${found}/compare/1`)
  await expect.poll(() => other.getByText(/^Later: Iryna Examiner, /).count()).toBe(1)
})

test('candidates are sifted and grouped without another search; those below the threshold are folded away', async () => {
  const { page } = await openWindow(browser, bureau.web.url, bureau.examiner)
  await page.goto(`/searches/${bureau.searchId}`)
  const cards = page.getByRole('group', { name: /^Candidate \d+,/ })
  await cards.first().waitFor()
  const all = await cards.count()
  await page.getByLabel('Words in the source').fill('railway')
  // The note stands on one photo, on which three of the candidates are.
  await expect.poll(() => cards.count()).toBe(3)
  await page.getByLabel('Words in the source').fill('')
  await page.getByLabel('Group by').selectOption('photo')
  await page.getByRole('heading', { level: 2, name: 'sample3.jpg' }).waitFor()
  await expect.poll(() => cards.count()).toBe(all)
  await page.getByRole('button', { name: /^Show \d+ faces? below the threshold$/ }).click()
  await page.getByText('They are no candidates').waitFor()
  await expect.poll(() => cards.count()).toBeGreaterThan(all)
})

test('a note drawn on the candidate stays on it, and others see it', async () => {
  const { page } = await openWindow(browser, bureau.web.url, bureau.examiner)
  await page.goto(`/searches/${bureau.searchId}/compare/3`)
  const pane = page.getByRole('figure', { name: 'Candidate', exact: true })
  await pane.locator('img').first().waitFor()
  await page.getByRole('button', { name: 'Draw an arrow' }).click()
  const area = (await pane.boundingBox())!
  await page.mouse.move(area.x + 80, area.y + 80)
  await page.mouse.down()
  await page.mouse.move(area.x + 160, area.y + 140, { steps: 5 })
  await page.mouse.up()
  await page.getByLabel('What it shows').fill('A scar on the left cheek')
  await page.getByRole('button', { name: 'Keep the note' }).click()
  await page.getByRole('region', { name: 'Notes' }).getByText('A scar on the left cheek').waitFor()
  const { page: other } = await openWindow(browser, bureau.web.url, bureau.colleague)
  await other.goto(`/searches/${bureau.searchId}/compare/3`)
  await other.getByText('A scar on the left cheek').waitFor()
  await other.getByRole('img', { name: '1 note on the picture' }).waitFor()
  expect(await other.getByRole('button', { name: 'Take away note 1' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Take away note 1' }).click()
  await expect.poll(() => page.getByText('A scar on the left cheek').count()).toBe(0)
})

/** Presses Tab until what is focused is called this. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(
      `(document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '')`,
    )
    if (String(focused).startsWith(name)) return
  }
  throw new Error(`Tab never came to '${name}'.`)
}

test('sensitive pictures are blurred until asked for, and the asking is logged', async () => {
  const { page } = await openWindow(browser, bureau.web.url, bureau.examiner)
  await page.goto(`/searches/${bureau.searchId}`)
  const revealed = page.waitForResponse((response) => response.url().includes('reveal=yes'))
  await page.getByRole('button', { name: 'Show', exact: true }).first().click()
  expect((await revealed).headers()['cache-control']).toBe('no-store')
  const { items } = await bureau.auditor.client.call('readAudit', { query: { action: 'face.reveal' } })
  expect(items[0]).toMatchObject({ actor: 'Iryna Examiner', caseId: bureau.caseId })
})

test('the browser keeps no face: only parts of the shell are cached', async () => {
  const { page } = await openWindow(browser, bureau.web.url, bureau.examiner)
  await page.goto(`/searches/${bureau.searchId}`)
  const storable: string[] = []
  page.on('response', (response) => {
    const isApi = new URL(response.url()).pathname.startsWith('/api/')
    if (isApi && response.headers()['cache-control'] !== 'no-store') storable.push(response.url())
  })
  await page.evaluate('navigator.serviceWorker.ready')
  await page.reload()
  await page.getByRole('group', { name: /^Candidate 1,/ }).waitFor()
  const kept = (await page.evaluate(
    `caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((cache) => cache.keys()))))
      .then((lists) => lists.flat().map(({ url }) => new URL(url).pathname))`,
  )) as string[]
  expect(kept).toContain('/')
  expect(kept.filter((path) => path.startsWith('/api/'))).toEqual([])
  expect(storable).toEqual([])
})

test('the signed-in app first loads less than 350 kB of script', async () => {
  const { page } = await openWindow(browser, bureau.web.url, bureau.examiner)
  const scripts: Promise<Buffer>[] = []
  page.on('response', (response) => {
    if (new URL(response.url()).pathname.endsWith('.js')) scripts.push(response.body())
  })
  await page.goto('/')
  await page.getByRole('link', { name: 'Woman seen at the railway station' }).waitFor()
  const sizes = (await Promise.all(scripts)).map((script) => gzipSync(script).byteLength)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(350_000)
  expect(sizes.length).toBeGreaterThan(2)
})

test('no script that browsers load holds the schemas of the API', () => {
  const folder = 'dist/web/assets'
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'))
  expect(scripts.length).toBeGreaterThan(20)
  // Short ones may stand among the app's own words.
  const summaries = Object.values(endpoints)
    .map(({ summary }) => summary)
    .filter(({ length }) => length > 40)
  const holding = scripts.filter((name) => {
    const script = readFileSync(path.join(folder, name), 'utf8')
    return summaries.some((summary) => script.includes(summary))
  })
  expect(holding).toEqual([])
})
