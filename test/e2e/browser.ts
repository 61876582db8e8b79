import axe, { type AxeResults } from 'axe-core'
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core'
import type { TestAccount } from '../support/test-service.ts'

/** Debian's; the tests fetch no browser. */
const CHROMIUM = '/usr/bin/chromium'
/** Where nothing is clicked that is not there; a slow machine gets its time. */
const ACTION_MS = 20_000

export function openBrowser(args: string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', ...args] })
}

/** A browser window of its own, signed in as this account when one is given. */
export async function openWindow(
  browser: Browser,
  url: string,
  account?: TestAccount,
  options: BrowserContextOptions = {},
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1280, height: 720 },
    locale: 'en-GB',
    ...options,
  })
  context.setDefaultTimeout(ACTION_MS)
  if (account !== undefined) {
    await context.addCookies([...account.client.cookies].map(([name, value]) => ({ name, value, url })))
  }
  return { context, page: await context.newPage() }
}

/** Faults of the page against WCAG 2.2 AA, each with where it is. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // Colours that are still changing are nobody's to judge.
  await page.evaluate(
    'Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)))',
  )
  await page.evaluate(axe.source)
  const options = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }
  const results = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults
  return results.violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${impact} ${id}: ${html.slice(0, 160)} ${failureSummary}`),
  )
}
