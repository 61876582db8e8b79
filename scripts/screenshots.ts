import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { openBrowser, openWindow } from '../test/e2e/browser.ts'
import { openBureau, type Bureau } from '../test/e2e/bureau.ts'
import type { TestAccount } from '../test/support/test-service.ts'
import { groupPhoto } from './sample-photos.ts'

// Writes pictures of the main screens into docs/images, from a service of its own with the sample photos.
// `node scripts/screenshots.ts`, or `node scripts/screenshots.ts FOLDER [all]`: elsewhere, and with every theme and language.

interface Screen {
  name: string
  as: (bureau: Bureau) => TestAccount | undefined
  address: (bureau: Bureau) => string
  /** What is done before the picture. */
  prepare?: (page: Page, bureau: Bureau) => Promise<void>
  /** Shown in the docs; the others are for looking at while working on the app. */
  inDocs?: true
}

const examiner = ({ examiner }: Bureau): TestAccount => examiner

const SCREENS: Screen[] = [
  { name: 'sign-in', as: () => undefined, address: () => '/sign-in', inDocs: true },
  { name: 'home', as: examiner, address: () => '/', inDocs: true },
  { name: 'case', as: examiner, address: ({ caseId }) => `/cases/${caseId}`, inDocs: true },
  {
    name: 'new-search',
    as: examiner,
    address: ({ caseId }) => `/cases/${caseId}/search`,
    inDocs: true,
    async prepare(page) {
      await page.locator('input[type=file]').setInputFiles(groupPhoto(1))
      await page.locator('[aria-pressed]').nth(2).click()
    },
  },
  {
    name: 'adjust',
    as: examiner,
    address: ({ caseId }) => `/cases/${caseId}/search`,
    async prepare(page) {
      await page.locator('input[type=file]').setInputFiles(groupPhoto(1))
      await page.locator('[aria-pressed]').first().waitFor()
      await page.locator('.mantine-SegmentedControl-label').nth(1).click()
    },
  },
  { name: 'candidates', as: examiner, address: ({ searchId }) => `/searches/${searchId}` },
  {
    name: 'compare',
    as: examiner,
    address: ({ searchId }) => `/searches/${searchId}/compare/1`,
    inDocs: true,
  },
  {
    name: 'overlay',
    as: examiner,
    address: ({ searchId }) => `/searches/${searchId}/compare/1`,
    async prepare(page) {
      await page.locator('figure').first().waitFor()
      await page.keyboard.press('2')
    },
  },
  {
    name: 'lead',
    as: examiner,
    address: ({ identificationId }) => `/identifications/${identificationId}`,
    inDocs: true,
  },
  {
    name: 'examination',
    as: examiner,
    address: ({ draftId }) => `/examinations/${draftId}`,
    inDocs: true,
    async prepare(page) {
      const feature = page.locator('[role=radiogroup]')
      for (const at of [0, 3, 4, 5]) await feature.nth(at).locator('label').first().click()
      for (const picture of await page.locator('[data-drawing=true]').all()) {
        const area = (await picture.boundingBox())!
        await page.mouse.move(area.x + area.width * 0.42, area.y + area.height * 0.42)
        await page.mouse.down()
        await page.mouse.move(area.x + area.width * 0.6, area.y + area.height * 0.62, { steps: 4 })
        await page.mouse.up()
      }
    },
  },
  {
    name: 'lineup',
    as: ({ verifier }) => verifier,
    address: ({ lineupId }) => `/lineups/${lineupId}`,
    inDocs: true,
  },
  { name: 'lineups', as: examiner, address: () => '/lineups' },
  { name: 'leads', as: examiner, address: () => '/identifications' },
  { name: 'people', as: examiner, address: () => '/people' },
  { name: 'person', as: examiner, address: ({ personId }) => `/people/${personId}` },
  {
    name: 'missing-person',
    as: ({ liaison }) => liaison,
    address: ({ personId }) => `/people/${personId}`,
    inDocs: true,
  },
  {
    name: 'missing-person-below',
    as: ({ liaison }) => liaison,
    address: ({ personId }) => `/people/${personId}`,
    async prepare(page) {
      await page.getByRole('region', { name: /^(Enquiries|Запити родин)$/ }).scrollIntoViewIfNeeded()
    },
  },
  { name: 'enquiries', as: ({ liaison }) => liaison, address: () => '/enquiries' },
  {
    name: 'enquiry',
    as: ({ liaison }) => liaison,
    address: ({ enquiryId }) => `/enquiries/${enquiryId}`,
    inDocs: true,
  },
  {
    name: 'import-people',
    as: ({ liaison }) => liaison,
    address: () => '/people',
    async prepare(page) {
      await page.getByRole('button', { name: /^(Import people|Імпортувати людей)$/ }).click()
    },
  },
  {
    name: 'person-forms',
    as: examiner,
    address: ({ personId }) => `/people/${personId}`,
    async prepare(page) {
      await page.getByRole('button', { name: /^(Fill in|Заповнити)$/ }).click()
      await page.locator('.mantine-Accordion-control').nth(2).click()
    },
  },
  {
    name: 'verification',
    as: examiner,
    address: () => '/verification',
    inDocs: true,
    async prepare(page) {
      for (const [slot, file] of [groupPhoto(1), groupPhoto(2)].entries()) {
        const section = page.locator('main section, main .mantine-Paper-root').nth(slot)
        await section.locator('input[type=file]').setInputFiles(file)
        await section.locator('[aria-pressed]').last().click()
      }
      await page
        .locator('main button:not([aria-pressed])')
        .filter({ hasText: /Compare|Порівняти/ })
        .click()
      await page.getByRole('status').waitFor()
    },
  },
  { name: 'collections', as: ({ curator }) => curator, address: () => '/collections', inDocs: true },
  {
    name: 'browse',
    as: ({ curator }) => curator,
    address: ({ collectionId }) => `/collections/${collectionId}`,
    inDocs: true,
  },
  {
    name: 'media',
    as: ({ curator }) => curator,
    address: ({ collectionId, mediaId }) => `/collections/${collectionId}/media/${mediaId}`,
  },
  {
    name: 'retention',
    as: examiner,
    address: ({ collectionId }) => `/collections/${collectionId}?tab=retention`,
  },
  {
    name: 'grants',
    as: ({ curator }) => curator,
    address: ({ collectionId }) => `/collections/${collectionId}?tab=grants`,
  },
  { name: 'statistics', as: ({ auditor }) => auditor, address: () => '/statistics', inDocs: true },
  { name: 'reviews', as: examiner, address: () => '/reviews' },
  { name: 'model', as: examiner, address: () => '/model' },
  {
    name: 'below-threshold',
    as: examiner,
    address: ({ searchId }) => `/searches/${searchId}`,
    async prepare(page) {
      await page.locator('[aria-expanded=false]', { hasText: /threshold|порога/ }).click()
      await page.getByRole('alert').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'note',
    as: examiner,
    address: ({ searchId }) => `/searches/${searchId}/compare/2`,
  },
  {
    name: 'administration',
    as: ({ administrator }) => administrator,
    address: () => '/administration',
    inDocs: true,
  },
  { name: 'audit', as: ({ auditor }) => auditor, address: () => '/audit', inDocs: true },
  { name: 'account', as: examiner, address: () => '/account' },
]

/** Waits for the pictures in sight; those further down load when they are come to. */
const PICTURES_SHOWN = `Promise.all([...document.images]
  .filter((image) => !image.complete && image.getBoundingClientRect().top < innerHeight)
  .map((image) => new Promise((shown) => { image.onload = shown; image.onerror = shown })))`

const [folder = 'docs/images', all] = process.argv.slice(2)
const variants =
  all === undefined
    ? [{ suffix: '', scheme: 'light', locale: 'en-GB', viewport: { width: 1280, height: 720 } } as const]
    : ([
        { suffix: '', scheme: 'light', locale: 'en-GB', viewport: { width: 1280, height: 720 } },
        { suffix: '-dark-uk', scheme: 'dark', locale: 'uk-UA', viewport: { width: 1280, height: 720 } },
        { suffix: '-phone', scheme: 'light', locale: 'uk-UA', viewport: { width: 390, height: 844 } },
      ] as const)
mkdirSync(folder, { recursive: true })
const bureau = await openBureau()
const browser = await openBrowser()
try {
  for (const screen of SCREENS.filter(({ inDocs }) => all !== undefined || inDocs === true)) {
    for (const { suffix, scheme, locale, viewport } of variants) {
      const options = { colorScheme: scheme, locale, viewport }
      const { context, page } = await openWindow(browser, bureau.web.url, screen.as(bureau), options)
      await page.goto(screen.address(bureau))
      await page.locator('h1').waitFor()
      await screen.prepare?.(page, bureau)
      await page.waitForLoadState('load')
      await page.evaluate(PICTURES_SHOWN)
      const file = path.join(folder, `${screen.name}${suffix}.png`)
      await page.screenshot({ path: file, animations: 'disabled' })
      console.log(file)
      await context.close()
    }
  }
} finally {
  await browser.close()
  await bureau.web.remove()
}
