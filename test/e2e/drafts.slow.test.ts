import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestAccount } from '../support/test-service.ts'
import { openBrowser, openWindow } from './browser.ts'
import { openBureau, type Bureau } from './bureau.ts'

// What is typed just before a page is left is there again: nobody waits for a draft to be kept.

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

/** Ways to leave a page at once, without its own buttons. */
const WAYS: Record<string, (context: BrowserContext) => Promise<unknown>> = {
  'for another address': async (context) => context.pages()[0].goto('about:blank'),
  'by closing it': async (context) => context.pages()[0].close({ runBeforeUnload: true }),
  'by reloading it': async (context) => context.pages()[0].reload(),
}

const PAGES: [name: string, open: () => { who: TestAccount; address: string }][] = [
  ['an examination', () => ({ who: bureau.examiner, address: `/examinations/${bureau.draftId}` })],
  ['a line-up', () => ({ who: bureau.verifier, address: `/lineups/${bureau.lineupId}` })],
]

test.each(
  PAGES.flatMap(([name, open]) => Object.entries(WAYS).map(([way, leave]) => ({ name, open, way, leave }))),
)(
  'what was typed in $name just before it was left $way is there again',
  async ({ name, open, way, leave }) => {
    const { who, address } = open()
    const written = `${name}, left ${way}: the chin is alike.`
    const { page, context } = await openWindow(browser, bureau.web.url, who)
    await page.goto(address)
    const evaluation = page.getByRole('textbox', { name: /^Evaluation/ })
    await evaluation.waitFor()
    // One change is on its way when the next one comes, and the line is not the fastest.
    const onItsWay = page.waitForRequest((request) => request.method() === 'PUT')
    await evaluation.fill(`${written} (begun)`)
    await onItsWay
    await evaluation.fill(written)
    await leave(context)
    const { page: again, context: later } = await openWindow(browser, bureau.web.url, who)
    await expect
      .poll(async () => {
        await again.goto(address)
        return again.getByRole('textbox', { name: /^Evaluation/ }).inputValue()
      })
      .toBe(written)
    // The browser stays open as people's do: only the page was left.
    await Promise.all([context.close(), later.close()])
  },
)
