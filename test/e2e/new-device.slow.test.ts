import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  newAccount,
  newAgency,
  newClient,
  PASSWORD,
  setUp,
  type TestAccount,
} from '../support/test-service.ts'
import { accessibilityFaults, openBrowser, openWindow } from './browser.ts'
import { startWebService, type WebService } from './web-service.ts'

let web: WebService
let browser: Browser
let administrator: TestAccount
let examiner: TestAccount

beforeAll(async () => {
  web = await startWebService()
  browser = await openBrowser()
  const operator = await setUp({ address: web.url, setupLink: web.setupLink })
  const agencyId = await newAgency(operator, 'Kyiv bureau')
  administrator = await newAccount(operator, agencyId, 'Adam Administrator', ['administrator'])
  examiner = await newAccount(operator, agencyId, 'Iryna Examiner', ['examiner'])
}, 120_000)
afterAll(async () => {
  await browser.close()
  await web.remove()
})

test('an administrator has new devices wait; one does, is told so, and goes on when it is approved', async () => {
  const { page: desk } = await openWindow(browser, web.url, administrator)
  await desk.goto('/administration')
  await desk.getByRole('tab', { name: 'Devices' }).click()
  const choice = desk.getByRole('switch', { name: 'New devices wait for approval' })
  await choice.click()
  await expect.poll(() => choice.isChecked()).toBe(true)

  const client = newClient(web.url)
  await client.call('signIn', { body: { email: examiner.email, password: PASSWORD } })
  await client.call('signInWithCode', { body: { recoveryCode: examiner.recoveryCodes.pop()! } })
  const { page } = await openWindow(browser, web.url, { ...examiner, client })
  await page.goto('/cases')
  await page.getByRole('heading', { level: 1, name: 'This device waits for approval' }).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])

  await desk.reload()
  await desk.getByRole('tab', { name: 'Devices' }).click()
  await desk.getByText('Iryna Examiner').waitFor()
  expect(await accessibilityFaults(desk)).toEqual([])
  await desk.getByRole('button', { name: /^Approve: Iryna Examiner/ }).click()
  await desk.getByText('No device waits.').waitFor()
  await page.getByRole('button', { name: 'Ask again' }).click()
  await page.getByRole('heading', { level: 1, name: 'Good day, Iryna Examiner' }).waitFor()
})
