import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityFaults, openBrowser, openWindow } from './browser.ts'
import { openBureau, type Bureau } from './bureau.ts'

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

/** Every page, by who sees most of it. */
const PAGES: [string, (bureau: Bureau) => { as?: keyof Bureau; address: string }][] = [
  ['sign-in', () => ({ address: '/sign-in' })],
  ['a dead link', () => ({ address: '/welcome#gone' })],
  ['home', () => ({ as: 'examiner', address: '/' })],
  ["an auditor's home", () => ({ as: 'auditor', address: '/' })],
  ['cases', () => ({ as: 'examiner', address: '/cases' })],
  ['a case', ({ caseId }) => ({ as: 'examiner', address: `/cases/${caseId}` })],
  ['a new search', ({ caseId }) => ({ as: 'examiner', address: `/cases/${caseId}/search` })],
  ['candidates', ({ searchId }) => ({ as: 'examiner', address: `/searches/${searchId}` })],
  ['a comparison', ({ searchId }) => ({ as: 'examiner', address: `/searches/${searchId}/compare/1` })],
  ['leads', () => ({ as: 'examiner', address: '/identifications?scope=all' })],
  ['a lead', ({ identificationId }) => ({ as: 'examiner', address: `/identifications/${identificationId}` })],
  [
    'a finished examination',
    ({ examinationId }) => ({ as: 'examiner', address: `/examinations/${examinationId}` }),
  ],
  ['an examination', ({ draftId }) => ({ as: 'examiner', address: `/examinations/${draftId}` })],
  ['line-ups', () => ({ as: 'examiner', address: '/lineups' })],
  ['a line-up', ({ lineupId }) => ({ as: 'verifier', address: `/lineups/${lineupId}` })],
  ['people', () => ({ as: 'examiner', address: '/people' })],
  ['a person', ({ personId }) => ({ as: 'examiner', address: `/people/${personId}` })],
  ['a person, for liaison', ({ personId }) => ({ as: 'liaison', address: `/people/${personId}` })],
  ['enquiries', () => ({ as: 'liaison', address: '/enquiries' })],
  ['an enquiry', ({ enquiryId }) => ({ as: 'liaison', address: `/enquiries/${enquiryId}` })],
  ['verification', () => ({ as: 'examiner', address: '/verification' })],
  ['collections', () => ({ as: 'curator', address: '/collections' })],
  [
    'photos of a collection',
    ({ collectionId }) => ({ as: 'curator', address: `/collections/${collectionId}` }),
  ],
  [
    'a photo of a collection',
    ({ collectionId, mediaId }) => ({
      as: 'curator',
      address: `/collections/${collectionId}/media/${mediaId}`,
    }),
  ],
  [
    'imports into a collection',
    ({ collectionId }) => ({ as: 'curator', address: `/collections/${collectionId}?tab=import` }),
  ],
  [
    'grants of a collection',
    ({ collectionId }) => ({ as: 'curator', address: `/collections/${collectionId}?tab=grants` }),
  ],
  [
    'retention of a collection',
    ({ collectionId }) => ({ as: 'examiner', address: `/collections/${collectionId}?tab=retention` }),
  ],
  ['statistics', () => ({ as: 'auditor', address: '/statistics' })],
  ['reviews', () => ({ as: 'examiner', address: '/reviews' })],
  ['the model pack', () => ({ as: 'examiner', address: '/model' })],
  ['administration', () => ({ as: 'administrator', address: '/administration' })],
  ["the operator's administration", () => ({ as: 'operator', address: '/administration' })],
  ['audit', () => ({ as: 'auditor', address: '/audit' })],
  ['the own account', () => ({ as: 'examiner', address: '/account' })],
  ['nothing', () => ({ as: 'examiner', address: '/nowhere' })],
]

test.each(PAGES)('%s has no fault that axe finds, in light and dark', async (_name, where) => {
  const { as, address } = where(bureau)
  const account = as === undefined ? undefined : (bureau[as] as Bureau['examiner'])
  const { context, page } = await openWindow(browser, bureau.web.url, account)
  await page.goto(address)
  await page.locator('h1').waitFor()
  await page.waitForLoadState('networkidle')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expect.poll(() => page.locator('html').getAttribute('data-mantine-color-scheme')).toBe(colorScheme)
    expect(await accessibilityFaults(page), colorScheme).toEqual([])
  }
  await context.close()
})
