import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { groupPhoto, sampleFolder } from '../../scripts/sample-photos.ts'
import { PASSWORD } from '../support/test-service.ts'
import { freshTotpCode } from '../support/totp.ts'
import { openBrowser, openWindow } from './browser.ts'
import { importPhotos, startWebService, type WebService } from './web-service.ts'

// From an empty instance to a comparison, as people do it: in the browser, against the real service, models and photos.

let web: WebService
let browser: Browser

beforeAll(async () => {
  web = await startWebService()
  browser = await openBrowser()
}, 120_000)
afterAll(async () => {
  await browser.close()
  await web.remove()
})

/** Follows a link to the end in a new window: password, codes from an app, recovery codes. */
async function follow(
  link: string,
  fill: (page: Page) => Promise<void>,
): Promise<{ page: Page; secret: string; recovery: string[] }> {
  const { page } = await openWindow(browser, web.url)
  await page.goto(link)
  await fill(page)
  await page.getByLabel('Choose a password').fill(PASSWORD)
  await page.getByLabel('The password again').fill(PASSWORD)
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.locator('input[autocomplete=current-password]').fill(PASSWORD)
  await page.getByRole('button', { name: 'Codes from an app' }).click()
  const secret = await page.getByTestId('totp-secret').innerText()
  await typeCode(page, await freshTotpCode(secret))
  await page.getByLabel('I have kept them').waitFor()
  const recovery = await page.locator('main code').allInnerTexts()
  await page.getByLabel('I have kept them').check()
  await page.getByRole('button', { name: 'Go to Likeness' }).click()
  await page.getByRole('heading', { level: 1, name: /Good day/ }).waitFor()
  return { page, secret, recovery }
}

async function goTo(page: Page, place: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: place }).click()
}

async function typeCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Six-digit code').fill(code)
}

async function invite(
  page: Page,
  name: string,
  email: string,
  roles: string[],
  agency?: string,
): Promise<string> {
  await goTo(page, 'Administration')
  await page.getByRole('tab', { name: 'Invitations' }).click()
  await page.getByRole('button', { name: 'Invite somebody' }).click()
  await page.getByLabel(/^Name/).fill(name)
  await page.getByLabel('E-mail address').fill(email)
  if (agency !== undefined) await page.getByLabel('Agency').selectOption({ label: agency })
  for (const role of roles) await page.getByLabel(role, { exact: true }).check()
  await page.getByRole('button', { name: 'Make the link' }).click()
  const link = await page.getByTestId('invitation-link').innerText()
  await page.getByRole('button', { name: 'Done' }).click()
  return link
}

describe('an agency begins', () => {
  let examiner: Page
  let administrator: Page
  let operator: Page
  let secret: string
  let recovery: string[]
  const email = 'iryna@bureau.example'

  test('the set-up link makes the operator, who makes an agency and invites its administrator', async () => {
    const { page } = await follow(web.setupLink, async (page) => {
      await page.getByText('You become the operator').waitFor()
      await page.getByLabel(/^Name/).fill('Olena Operator')
      await page.getByLabel('E-mail address').fill('olena@instance.example')
    })
    operator = page
    await goTo(page, 'Administration')
    await page.getByLabel('New agency').fill('Kyiv bureau')
    await page.getByRole('button', { name: 'Make the agency' }).click()
    await page.getByRole('cell', { name: 'Kyiv bureau', exact: true }).waitFor()
    const link = await invite(
      page,
      'Adam Administrator',
      'adam@bureau.example',
      ['Administrator'],
      'Kyiv bureau',
    )
    ;({ page: administrator } = await follow(link, async (page) => {
      await page.getByRole('heading', { name: 'Welcome, Adam Administrator' }).waitFor()
    }))
    const used = await openWindow(browser, web.url)
    await used.page.goto(web.setupLink)
    await expect
      .poll(() => used.page.getByRole('heading', { level: 1 }).allInnerTexts())
      .toEqual(['This link no longer works'])
  })

  test('the administrator invites an examiner, a second person vouches, and she signs in with a code or a recovery code', async () => {
    const link = await invite(administrator, 'Iryna Examiner', email, ['Examiner', 'Curator'])
    await administrator.getByText('A second person does this').waitFor()
    await goTo(operator, 'Home')
    await goTo(operator, 'Administration')
    await operator.getByRole('tab', { name: 'Invitations' }).click()
    await operator.getByRole('button', { name: 'Give out the code: Iryna Examiner' }).click()
    const code = await operator.getByTestId('invitation-code').innerText()
    await operator.getByRole('button', { name: 'Done' }).click()
    ;({
      page: examiner,
      secret,
      recovery,
    } = await follow(link, async (page) => {
      await page.getByLabel('Code of the invitation').fill(code)
    }))
    await examiner.getByText('Waits for a second person: Examiner').waitFor()
    await operator.getByRole('tab', { name: 'Accounts' }).click()
    await operator.getByRole('button', { name: 'Confirm: Iryna Examiner, Examiner' }).click()
    await operator.getByText('No role waits.').waitFor()
    await examiner.reload()
    await examiner.getByText('No cases yet').waitFor()
    expect(recovery.length).toBeGreaterThan(4)
    const again = await openWindow(browser, web.url)
    await again.page.goto('/cases')
    await again.page.getByLabel('E-mail address').fill(email)
    await again.page.locator('input[autocomplete=current-password]').fill('not the password')
    await again.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await again.page.getByText('E-mail address, password or code is not right.').waitFor()
    await again.page.locator('input[autocomplete=current-password]').fill(PASSWORD)
    await again.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await again.page.getByRole('button', { name: 'Use a recovery code' }).click()
    await again.page.getByLabel('Recovery code').fill(recovery[0])
    await again.page.getByRole('button', { name: 'Sign in' }).click()
    // Back where it was going.
    await again.page.getByRole('heading', { level: 1, name: 'Cases' }).waitFor()
  })

  test('an examiner goes from a collection and a case to candidates and a comparison', async () => {
    const page = examiner
    await goTo(page, 'Collections')
    await page.getByRole('button', { name: 'Open a collection' }).click()
    await page.getByLabel('Title').fill('Public posts')
    await page.getByLabel('Lawful basis').fill('Order 12')
    await page.getByRole('dialog').getByRole('button', { name: 'Open a collection' }).click()
    await page.getByRole('cell', { name: 'Public posts' }).waitFor()
    await importPhotos(web.ctx, 'Public posts', sampleFolder('groups'))

    await goTo(page, 'Cases')
    await page.getByRole('button', { name: 'Open a case' }).click()
    await page.getByLabel('Number').fill('2022/1')
    await page.getByLabel('Title').fill('The person at the right')
    await page.getByLabel('Legal basis').fill('Order 12')
    await page.getByRole('dialog').getByRole('button', { name: 'Open a case' }).click()
    await page.getByRole('heading', { level: 1, name: 'The person at the right' }).waitFor()
    await page.getByRole('link', { name: 'New search' }).click()
    await page.locator('input[type=file]').setInputFiles(groupPhoto(1))
    await page.getByRole('button', { name: /^Face 3/ }).click()
    await page.getByText('Quality of face 3').waitFor()
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: /\d+ candidates?/ }).waitFor()
    await page.getByRole('group', { name: /^Candidate 1,/ }).click()
    await page.getByRole('heading', { level: 1, name: /^Candidate 1 of/ }).waitFor()
    const pictures = page.locator('figure img')
    await expect.poll(() => pictures.count()).toBe(2)
    await expect
      .poll(() =>
        pictures.evaluateAll((all) =>
          all.every((one) => (one as { naturalWidth?: number }).naturalWidth! > 500),
        ),
      )
      .toBe(true)
    await page.getByText('Source', { exact: true }).waitFor()
  })

  test('a cut-off empties the page at once and says so', async () => {
    await examiner.goto('/cases')
    await examiner.getByRole('link', { name: 'The person at the right' }).waitFor()
    await administrator.getByRole('tab', { name: 'Accounts' }).click()
    await administrator.getByRole('button', { name: 'Suspend: Iryna Examiner' }).click()
    await administrator.getByLabel('Reason').fill('Lost the telephone')
    await administrator.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click()
    await examiner.getByText('Your access has ended').waitFor({ timeout: 5000 })
    expect(await examiner.getByText('The person at the right').count()).toBe(0)
    await examiner.getByLabel('E-mail address').fill(email)
    await examiner.locator('input[autocomplete=current-password]').fill(PASSWORD)
    await examiner.getByRole('button', { name: 'Sign in', exact: true }).click()
    await typeCode(examiner, await freshTotpCode(secret))
    await examiner.getByText('Your access has been suspended.').waitFor()
  })
})
