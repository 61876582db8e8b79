import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import { newAccount, newAgency, setUp, type TestAccount } from '../support/test-service.ts'
import { openBrowser, openWindow } from './browser.ts'
import { startWebService, type WebService } from './web-service.ts'

let web: WebService
let browser: Browser
let liaison: TestAccount
let examiner: TestAccount

beforeAll(async () => {
  web = await startWebService()
  const operator = await setUp({ address: web.url, setupLink: web.setupLink })
  const agencyId = await newAgency(operator, 'Kyiv bureau')
  liaison = await newAccount(operator, agencyId, 'Lesia Liaison', ['liaison'])
  examiner = await newAccount(operator, agencyId, 'Iryna Examiner', ['examiner'])
  browser = await openBrowser()
}, 120_000)
afterAll(async () => {
  await browser.close()
  await web.remove()
})

/** A section of a page by what it is called. */
function section(page: Page, name: string) {
  return page.getByRole('region', { name, exact: true })
}

async function openPerson(): Promise<string> {
  const body = {
    status: 'missing' as const,
    names: [{ kind: 'main' as const, written: 'Бондар Олена' }],
  }
  return (await liaison.client.call('createPerson', { body })).id
}

describe('liaison', () => {
  test('writes down how somebody went missing, adds a photo and makes a poster of it', async () => {
    const id = await openPerson()
    const { context, page } = await openWindow(browser, web.url, liaison)
    await page.goto(`/people/${id}`)
    await section(page, 'How they went missing or were found').getByRole('button').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Last seen', { exact: true }).fill('2022-03-05')
    await dialog.getByLabel('Where', { exact: true }).fill('Буча')
    await dialog.getByLabel('Who consented, or under what law').fill('the mother, in writing')
    await dialog.getByLabel('These facts may be shown in public').check()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await section(page, 'How they went missing or were found').getByText('Буча').waitFor()

    const photos = section(page, 'Photos to look with')
    await photos.getByRole('button', { name: 'Add a photo' }).click()
    await dialog.locator('input[type=file]').setInputFiles(groupPhoto(1))
    await dialog.locator('[aria-pressed]').nth(2).waitFor()
    await expect.poll(() => dialog.getByRole('button', { name: 'Add a photo' }).isDisabled()).toBe(true)
    await dialog.locator('[aria-pressed]').nth(2).click()
    await dialog.getByLabel('When it was taken').fill('2019')
    await dialog.getByLabel('May be shown in public').check()
    await dialog.getByRole('button', { name: 'Add a photo' }).click()
    await photos.getByText('taken 2019').waitFor()
    const picture = photos.getByAltText('Photo 1 of the person')
    await expect
      .poll(() => picture.evaluate((image) => (image as { naturalWidth?: number }).naturalWidth))
      .toBeGreaterThan(100)

    await photos.getByRole('button', { name: 'Poster' }).click()
    await dialog.getByLabel('Whom to tell').fill('0 800 000 000')
    const download = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Make the poster' }).click()
    const file = await (await download).path()
    expect(readFileSync(file).subarray(0, 5).toString()).toBe('%PDF-')
    await context.close()
  })

  test('marks a face by hand where none was found', async () => {
    const id = await openPerson()
    const { context, page } = await openWindow(browser, web.url, liaison)
    await page.goto(`/people/${id}`)
    await section(page, 'Photos to look with').getByRole('button', { name: 'Add a photo' }).click()
    const dialog = page.getByRole('dialog')
    const grey = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#333' } })
      .png()
      .toBuffer()
    const drawing = { name: 'drawing.png', mimeType: 'image/png', buffer: grey }
    await dialog.locator('input[type=file]').setInputFiles(drawing)
    await dialog.getByText('No face was found').waitFor()
    const area = dialog.getByRole('application')
    for (const [x, y] of [
      [70, 80],
      [130, 80],
      [100, 110],
      [80, 140],
      [120, 140],
    ]) {
      await area.click({ position: { x, y } })
    }
    await dialog.getByRole('button', { name: 'Use this face' }).click()
    await section(page, 'Photos to look with').getByText('marked by hand').waitFor()
    const [photo] = await liaison.client.call('listPersonPhotos', { params: { id } })
    expect(photo.faceOrigin).toBe('examiner')
    await context.close()
  })

  test('keeps contacts and enquiries, which an examiner does not see', async () => {
    const id = await openPerson()
    const { context, page } = await openWindow(browser, web.url, liaison)
    await page.goto(`/people/${id}`)
    const contacts = section(page, 'Contacts')
    await contacts.getByRole('button', { name: 'Add a contact' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Ганна Бондар')
    await dialog.getByLabel('Telephone').fill('+380 44 000 00 00')
    await dialog.getByRole('button', { name: 'Add a contact' }).click()
    await contacts.getByText('+380 44 000 00 00').waitFor()

    await section(page, 'Enquiries').getByRole('button', { name: 'New enquiry' }).click()
    await dialog.getByLabel('Who asks').fill('Ганна Бондар')
    await dialog.getByLabel('Relation to the person').fill('mother')
    await dialog.getByLabel('Question').fill('Where is my daughter?')
    await dialog.getByRole('button', { name: 'New enquiry' }).click()
    await page.getByRole('heading', { level: 1, name: /^\d{4}-0001$/ }).waitFor()
    await page.getByRole('button', { name: 'Record an answer' }).click()
    await dialog.getByRole('textbox', { name: 'Answer', exact: true }).fill('The bureau wrote to her.')
    await dialog.getByLabel('Who gave the answer').fill('National bureau')
    await dialog.getByRole('button', { name: 'Record an answer' }).click()
    await section(page, 'Answers').getByText('National bureau', { exact: false }).waitFor()
    await page.getByRole('link', { name: 'Enquiries' }).first().click()
    await page.getByRole('cell', { name: 'answered' }).waitFor()
    await context.close()

    const other = await openWindow(browser, web.url, examiner)
    await other.page.goto(`/people/${id}`)
    await section(other.page, 'Photos to look with').waitFor()
    expect(await section(other.page, 'Contacts').count()).toBe(0)
    expect(await other.page.content()).not.toContain('Ганна')
    await other.page.goto('/enquiries')
    await other.page.getByRole('alert').waitFor()
    await other.context.close()
  })

  test('takes people from a file after having tried it', async () => {
    const { context, page } = await openWindow(browser, web.url, liaison)
    await page.goto('/people')
    await page.getByRole('button', { name: 'Import people' }).click()
    const dialog = page.getByRole('dialog')
    const csv = 'ref,full_name,birth_date\nZ-1,Шевченко Тарас,1990\nZ-2,Bad Date,1990-77\n'
    await dialog
      .locator('input[type=file]')
      .setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
    await dialog.getByLabel('Who consented, or under what law').fill('Order 12/2022')
    await dialog.getByRole('button', { name: 'Try' }).click()
    await dialog.getByText('Would be taken in: 1. Held already: 0. Refused: 1.', { exact: false }).waitFor()
    await dialog.getByText('1990-77', { exact: false }).waitFor()
    await dialog.getByRole('button', { name: 'Take in' }).click()
    await dialog.getByText('Taken in: 1.', { exact: false }).waitFor()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await page.getByRole('link', { name: 'Шевченко Тарас' }).waitFor()
    const { items } = await liaison.client.call('listPeople', { query: { name: 'Shevchenko' } })
    expect(items.map(({ ref, birthDate }) => [ref, birthDate])).toEqual([['Z-1', '1990']])
    await context.close()
  })
})
