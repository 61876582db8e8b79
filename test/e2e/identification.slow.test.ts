import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupPhoto } from '../../scripts/sample-photos.ts'
import { FACIAL_FEATURES } from '../../src/contract/examination-words.ts'
import { verifyReport } from '../../src/report/verify-report.ts'
import { newAccount, type TestAccount } from '../support/test-service.ts'
import { openBrowser, openWindow } from './browser.ts'
import { openBureau, PROBE_FACE, type Bureau } from './bureau.ts'

// From a search to a signed identification and its report, by three people; and the work on records of people.

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

test('three people go from a search to a signed identification and its report', async () => {
  const { operator, agencyId } = bureau
  const eva = await newAccount(operator, agencyId, 'Eva First', ['examiner'])
  const vera = await newAccount(operator, agencyId, 'Vera Second', ['examiner'])
  const sofia = await newAccount(operator, agencyId, 'Sofia Signs', ['supervisor'])

  // Eva searches, compares, and takes the first candidate as a lead.
  const { page: first } = await openWindow(browser, bureau.web.url, eva)
  await first.goto(`/cases/${await caseWithProbe(eva)}/search`)
  await first.getByRole('button', { name: 'Show photo From the family.jpg' }).click()
  await first.getByRole('button', { name: `Face ${PROBE_FACE + 1}` }).click()
  await first.getByRole('button', { name: 'Search', exact: true }).click()
  await first.getByRole('group', { name: /^Candidate 1,/ }).press('Enter')
  await first.getByRole('button', { name: 'Take as a lead' }).click()
  await confirm(first, 'Take as a lead')
  await first.getByRole('heading', { level: 1, name: 'Lead: candidate 1' }).waitFor()
  const identificationId = first.url().split('/').at(-1)

  // She analyses the probe: the candidate is not there before the analysis is finished.
  await first.getByRole('button', { name: 'Begin the examination' }).click()
  await first.getByRole('heading', { level: 2, name: 'Analysis of the probe' }).waitFor()
  expect(await first.locator('main img').count()).toBe(1)
  await analyse(first)
  await expect.poll(() => first.locator('main img').count()).toBe(2)

  // Leaving a draft and coming back loses nothing.
  await choose(first, 'Nose', 'similar')
  await first.getByRole('textbox', { name: /^Note: Nose/ }).fill('A straight bridge')
  await first.getByRole('link', { name: 'Lead', exact: true }).click()
  await first.getByRole('link', { name: 'Go on with my examination' }).first().click()
  await first.getByRole('button', { name: '6. Nose' }).click()
  await expect
    .poll(() => first.getByRole('textbox', { name: /^Note: Nose/ }).inputValue())
    .toBe('A straight bridge')

  // Finishing too early is refused with what is missing, and nothing is lost.
  await first.getByRole('radio', { name: 'strong support for the same person' }).check()
  await first.getByText('Ears: say what you find.').waitFor()
  await finish(first, 'Finish the examination')
  await first.getByText('The examination is not complete. It was kept as a draft.').waitFor()
  await compareAll(first)
  await first.getByRole('textbox', { name: /^Evaluation/ }).fill('Proportions and nose agree.')
  await finish(first, 'Finish the examination')
  await first.getByText(/^Finished by Eva First/).waitFor()

  // Vera verifies blind: nothing on her pages says who, where from, or what Eva thinks.
  const { page: second } = await openWindow(browser, bureau.web.url, vera)
  await second.goto('/lineups')
  await second.getByRole('button', { name: 'Take a line-up' }).click()
  await second.getByRole('heading', { level: 1, name: 'Line-up' }).waitFor()
  await analyse(second)
  const candidate = await placeOfCandidate(second.url().split('/').at(-1)!)
  const faces = second.getByRole('region', { name: 'Six faces' }).getByRole('button')
  await expect.poll(() => faces.count()).toBe(6)
  for (let place = 1; place <= 6; place++) {
    await second.getByRole('button', { name: new RegExp(`^Face ${place} `) }).click()
    await second.getByRole('heading', { level: 2, name: `Face ${place}` }).waitFor()
    if (place === candidate) {
      await second.getByRole('radio', { name: 'moderate support for the same person' }).check()
      await compareAll(second)
    } else {
      await second.getByRole('radio', { name: 'moderate support for different people' }).check()
      await choose(second, 'Chin and jaw', 'differs')
      await drawBoth(second)
    }
    await second.getByRole('textbox', { name: /^Evaluation/ }).fill('Weighed one by one.')
    await second.getByText('Still missing').waitFor({ state: 'detached' })
  }
  const seen = await second.locator('body').innerText()
  for (const hidden of [
    'Eva First',
    'sample',
    '2022/0901',
    'archive.example',
    'strong support for the same person,',
  ])
    expect(seen).not.toContain(hidden)
  await finish(second, 'Finish the line-up')
  await second.getByText('Your conclusions are kept.').waitFor()

  // Eva corroborates, with the person named.
  await first.goto(`/identifications/${identificationId}`)
  await first.getByText('concordant').first().waitFor()
  await first.getByRole('button', { name: 'New record of a person' }).click()
  const dialog = first.getByRole('dialog')
  await dialog.getByLabel('Family name').fill('Коваленко')
  await dialog.getByLabel('Given name').fill('Олена')
  await dialog.getByRole('button', { name: 'New record of a person' }).click()
  await first.getByRole('link', { name: 'Коваленко Олена' }).waitFor()
  await first.getByRole('button', { name: 'Record evidence' }).click()
  await dialog.getByLabel('What it says').fill('Passport shown at the border')
  await dialog.getByRole('button', { name: 'Record evidence' }).click()
  await first.getByRole('cell', { name: /^Passport shown at the border/ }).waitFor()
  expect(await first.getByRole('button', { name: 'Sign as an identification' }).count()).toBe(0)

  // Sofia finds it on her home page and signs.
  const { page: third } = await openWindow(browser, bureau.web.url, sofia)
  await third.goto('/')
  await third
    .getByRole('row', { name: /2022\/0901.*can be signed/ })
    .getByRole('link')
    .click()
  await third.getByRole('button', { name: 'Sign as an identification' }).click()
  await third.getByLabel('Statement').fill('On two examinations and the passport.')
  await third.getByRole('dialog').getByRole('button', { name: 'Sign as an identification' }).click()
  await third.getByText(/^Signed by Sofia Signs/).waitFor()
  await third.getByText('A supervisor has signed this as an identification').waitFor()

  // She makes the report, hands it over, and the file that she saves is whole.
  await third.getByRole('button', { name: 'Make a report' }).click()
  await third.getByLabel('Kind of recipient').selectOption('national_bureau')
  await third.getByRole('textbox', { name: 'Recipient', exact: true }).fill('National Information Bureau')
  await third.getByRole('dialog').getByRole('button', { name: 'Make a report' }).click()
  const saved = third.waitForEvent('download')
  await third.getByRole('link', { name: 'PDF (en)' }).click()
  const file = await (await saved).path()
  expect(readFileSync(file).subarray(0, 5).toString()).toBe('%PDF-')
  expect(verifyReport(readFileSync(file), undefined).faults).toEqual([])
  await third.getByRole('button', { name: 'Record a transmittal' }).click()
  await third.getByRole('textbox', { name: 'Recipient', exact: true }).fill('National Information Bureau')
  await third
    .getByRole('dialog')
    .getByLabel(/^Report/)
    .selectOption({ index: 1 })
  await third.getByLabel('Evidence (zip)').check()
  await third.getByLabel('Legal basis').fill('Geneva Convention III, art. 122')
  await third.getByRole('dialog').getByRole('button', { name: 'Record a transmittal' }).click()
  const zip = third.waitForEvent('download')
  await third.getByRole('link', { name: 'Evidence (zip)' }).click()
  expect(
    readFileSync(await (await zip).path())
      .subarray(0, 2)
      .toString(),
  ).toBe('PK')

  // Withdrawing names everyone who was told.
  await third.getByRole('button', { name: 'Withdraw' }).click()
  await third.getByLabel('Reason').fill('The passport belongs to a sister')
  await third.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click()
  await third
    .getByRole('alert')
    .filter({ hasText: 'Have to be told that it was withdrawn' })
    .getByText(/National Information Bureau/)
    .first()
    .waitFor()
}, 240_000)

test('an examiner who may verify is asked before leads of a case are shown', async () => {
  const { page } = await openWindow(browser, bureau.web.url, bureau.colleague)
  await page.goto(`/cases/${bureau.caseId}`)
  await page.getByText('Whoever looks at leads of colleagues can no longer verify them blind.').waitFor()
  expect(await page.getByRole('link', { name: /Candidate 1/ }).count()).toBe(0)
  await page.getByRole('button', { name: 'Show the leads of this case' }).click()
  await page.getByText('Candidate 1').first().waitFor()
})

test('a record of a person is found in another script, merged, and the merge undone', async () => {
  const { client } = bureau.examiner
  const other = await client.call('createPerson', {
    body: { status: 'found', names: [{ kind: 'main', written: 'Melnichenko Katerina' }] },
  })
  const { page } = await openWindow(browser, bureau.web.url, bureau.examiner)
  await page.goto('/people')
  await page.getByLabel('Name').fill('Melnychenko')
  await page.getByRole('button', { name: 'Find' }).click()
  await page.getByRole('link', { name: 'Мельниченко Катерина Іванівна' }).click()
  await page.getByRole('button', { name: 'Merge with another record' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Melnichenko Katerina')
  await dialog.getByRole('button', { name: 'Find' }).click()
  await dialog.getByRole('radio', { name: 'Melnichenko Katerina' }).check()
  await dialog.getByLabel('Reason').fill('Same passport number')
  await dialog.getByRole('button', { name: 'Merge with another record' }).click()
  await page.getByText('Another record was merged into this one').waitFor()
  await page.getByRole('button', { name: /^Undo: Same passport/ }).click()
  await dialog.getByLabel('Reason').fill('Two people after all')
  await dialog.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Undone by Iryna Examiner: Two people after all').waitFor()
  await page.goto(`/people/${other.id}`)
  await page.getByRole('heading', { level: 1, name: 'Melnichenko Katerina' }).waitFor()
  expect(await page.getByText('This record is retired').count()).toBe(0)
})

/** @returns its id */
async function caseWithProbe({ client }: TestAccount): Promise<string> {
  const { id } = await client.call('createCase', {
    body: {
      number: '2022/0901',
      title: 'The person at the right',
      purpose: 'find_missing_person',
      legalBasis: 'Order 12',
    },
  })
  await client.call('addProbe', {
    params: { id },
    query: { label: 'From the family.jpg' },
    body: readFileSync(groupPhoto(1)),
  })
  return id
}

async function analyse(page: Page): Promise<void> {
  await page.getByRole('radio', { name: 'It can be compared' }).check()
  await page.getByLabel('compressed').check()
  await page
    .getByRole('textbox', { name: /^What can be seen/ })
    .fill('The face from the front, in even light.')
  await page.getByText('Kept', { exact: true }).waitFor()
  await finish(page, 'Finish the analysis')
  await page.getByRole('heading', { level: 2, name: 'Features' }).waitFor()
}

/** Says of every feature that it is similar, but of the ears that they cannot be judged; draws the others by keyboard. */
async function compareAll(page: Page): Promise<void> {
  for (const feature of FACIAL_FEATURES) {
    const name = feature.replaceAll('_', ' ')
    const label = name[0].toUpperCase() + name.slice(1)
    await choose(page, label, feature === 'ears' ? 'can’t tell' : 'similar')
    if (feature !== 'ears') await drawBoth(page)
  }
}

async function choose(page: Page, feature: string, finding: string): Promise<void> {
  await page.getByRole('radiogroup', { name: feature }).locator('label').filter({ hasText: finding }).click()
}

async function drawBoth(page: Page): Promise<void> {
  for (const picture of await page.getByRole('button', { name: /^Draw where this is/ }).all()) {
    await picture.press('Enter')
    await picture.press('ArrowRight')
  }
}

async function finish(page: Page, act: string): Promise<void> {
  await page.getByRole('button', { name: act }).click()
  await confirm(page, act)
}

async function confirm(page: Page, act: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: act }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

/** Where the candidate stands: read from the record, since the verifier's pages do not say. A person would see it. */
async function placeOfCandidate(lineupId: string): Promise<number> {
  const item = await bureau.web.ctx.store.db
    .selectFrom('examination_item')
    .innerJoin('examination', 'examination.id', 'examination_item.examination_id')
    .select('position')
    .where('examination.verification_id', '=', lineupId)
    .where('role', '=', 'candidate')
    .executeTakeFirstOrThrow()
  return item.position
}
