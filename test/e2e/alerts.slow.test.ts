import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { portrait } from '../../scripts/sample-photos.ts'
import { claimTemplates } from '../../src/store/active-templates.ts'
import { newAccount, newAgency, setUp, type TestAccount } from '../support/test-service.ts'
import { addRealPhoto } from '../support/watched-person.ts'
import { accessibilityFaults, openBrowser, openWindow } from './browser.ts'
import { importPhotos, startWebService, type WebService } from './web-service.ts'

// From 'tell us when this person's face turns up' to a lead in a case, with everything coming by itself.

let web: WebService
let browser: Browser
let examiner: TestAccount
let folder: string
let personId: string

beforeAll(async () => {
  web = await startWebService()
  browser = await openBrowser()
  folder = mkdtempSync(path.join(tmpdir(), 'likeness-alerts-'))
  const operator = await setUp({ address: web.url, setupLink: web.setupLink })
  const agencyId = await newAgency(operator, 'Kyiv bureau')
  const curator = await newAccount(operator, agencyId, 'Cora Curator', ['curator'])
  examiner = await newAccount(operator, agencyId, 'Larysa Liaison', ['liaison', 'examiner'])
  await curator.client.call('createCollection', {
    body: { title: 'Public posts', lawfulBasis: 'test', sensitivity: 'sensitive' },
  })
  await examiner.client.call('createCase', {
    body: {
      number: '2026/1',
      title: 'Missing since May',
      purpose: 'find_missing_person',
      legalBasis: 'test',
    },
  })
  await claimTemplates(web.ctx.store.db, await web.ctx.engine())
  const person = await examiner.client.call('createPerson', {
    body: { status: 'missing', names: [{ kind: 'main', family: 'Ковальчук', given: 'Олена' }] },
  })
  personId = person.id
  await addRealPhoto(web.ctx, personId, readFileSync(portrait('audrey.jpg')))
}, 120_000)
afterAll(async () => {
  await browser.close()
  await web.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** Another photo of the same person, and one of somebody else. */
async function newPhotos(number: number): Promise<void> {
  const into = path.join(folder, String(number))
  for (const [name, source] of [
    ['same', 'audrey.jpg'],
    ['other', 'cage.jpg'],
  ]) {
    const photo = sharp(portrait(source))
      .modulate({ brightness: 0.9 - number * 0.05 })
      .resize({ width: 300 })
    writeFileSync(`${into}-${name}.jpg`, await photo.jpeg().toBuffer())
    await importPhotos(web.ctx, 'Public posts', `${into}-${name}.jpg`)
  }
}

async function shot(page: Page, name: string): Promise<void> {
  const to = process.env['LIKENESS_SHOTS']
  if (to !== undefined) await page.screenshot({ path: path.join(to, `${name}.png`), fullPage: true })
}

test('a standing search is set up, its alert comes by itself, is compared and becomes a lead', async () => {
  const { page } = await openWindow(browser, web.url, examiner)
  await page.goto(`/people/${personId}`)
  await page.getByText('Nobody is alerted when this person’s face turns up.').waitFor()
  await page.getByRole('button', { name: 'Search from now on' }).click()
  await page.getByRole('radio', { name: /proposed/ }).waitFor()
  expect(await page.getByRole('radio', { name: /proposed/ }).isChecked()).toBe(true)
  await page.getByRole('textbox', { name: 'Legal basis' }).fill('Law 2505-VIII, art. 12')
  await shot(page, 'new-standing-search')
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByText('Compares 1 face with everything held and everything to come.').waitFor()
  await shot(page, 'person')

  // The board is empty; nobody touches it while the photo is imported.
  await page.goto('/alerts')
  await page.getByRole('heading', { name: 'No alerts here' }).waitFor()
  await newPhotos(1)
  const card = page.getByRole('link', { name: 'Ковальчук Олена' })
  await card.waitFor()
  expect(await card.count()).toBe(1)
  await page.getByText(/^1 open, 1 new/).waitFor()
  await page.getByRole('button', { name: 'Show', exact: true }).waitFor()
  await shot(page, 'board')
  expect(await accessibilityFaults(page)).toEqual([])
  await page.goto('/')
  await page.getByRole('heading', { name: 'Alerts that wait' }).waitFor()
  await shot(page, 'home')

  await page.getByRole('link', { name: 'Ковальчук Олена' }).click()
  await page.getByRole('toolbar').waitFor()
  await page.getByRole('button', { name: 'I have seen it' }).click()
  await page.getByText('Seen', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Take over' }).click()
  await page.getByText('Being examined', { exact: true }).waitFor()
  await page.getByText('Dealt with by: Larysa Liaison').waitFor()
  await expect.poll(() => loaded(page)).toBe(true)
  await shot(page, 'alert')
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'Take as a lead' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Take as a lead' }).click()
  await page.getByRole('heading', { level: 1, name: 'Lead: candidate 1' }).waitFor()
  const { items } = await examiner.client.call('listAlerts', { query: { state: 'led_to_lead' } })
  expect(items).toMatchObject([{ identificationId: page.url().split('/').at(-1) }])
})

test('an alert is silenced for ever by "not this person"; a standing search is paused', async () => {
  const { page } = await openWindow(browser, web.url, examiner)
  await page.goto('/alerts')
  await page.getByRole('heading', { name: 'No alerts here' }).waitFor()
  await newPhotos(2)
  await page.getByRole('link', { name: 'Ковальчук Олена' }).click()
  await page.getByRole('button', { name: 'Not this person' }).click()
  await page.getByRole('dialog').getByRole('textbox').fill('The ear is another one')
  await page.getByRole('dialog').getByRole('button', { name: 'Not this person' }).click()
  // What was typed stands in the dialog too, until the alert is dismissed.
  await page.getByText('Dismissed', { exact: true }).waitFor()
  await page.getByText('The ear is another one').waitFor()
  const person = await examiner.client.call('showPerson', { params: { id: personId } })
  expect(person.faces.map(({ link }) => link)).toEqual(['not_same'])
  await page.goto('/standing-searches')
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('dialog').getByRole('textbox').fill('The family has news')
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
  await page.getByText('Paused', { exact: true }).waitFor()
  await shot(page, 'standing-searches')
  expect(await accessibilityFaults(page)).toEqual([])
})

/** Whether every picture of the page has come. */
function loaded(page: Page): Promise<boolean> {
  return page.evaluate(
    '[...document.querySelectorAll("main img")].every((image) => image.complete && image.naturalWidth > 0)',
  ) as Promise<boolean>
}
