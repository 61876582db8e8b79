import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, openWindow } from './browser.ts'

const READY_WITHIN_MS = 300_000

let browser: Browser
let folder: string
let url: string
let child: ReturnType<typeof spawn>
let output = ''

/** Names on the sign-in page, with a page that each role works on and what stands there. */
const PEOPLE: [name: string, page: string, heading: string][] = [
  ['Iryna Examiner', '/cases', 'Cases'],
  ['Vira Examiner', '/lineups', 'Blind verification'],
  ['Sofiia Supervisor', '/identifications', 'Leads'],
  ['Kateryna Curator', '/collections', 'Collections'],
  ['Lesia Liaison', '/alerts', 'Alerts'],
  ['Fedir Field', '/verification', '1:1 verification'],
  ['Anton Auditor', '/audit', 'Audit log'],
  ['Alla Administrator', '/administration', 'Administration'],
  ['Olena Operator', '/administration', 'Administration'],
]

/** Every address that stands without an id. */
const ADDRESSES = [
  '/',
  '/alerts',
  '/cases',
  '/identifications',
  '/lineups',
  '/people',
  '/enquiries',
  '/verification',
  '/collections',
  '/administration',
  '/reviews',
  '/statistics',
  '/audit',
  '/model',
  '/standing-searches',
  '/account',
]

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'likeness-demo-'))
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...env } = process.env
  child = spawn(process.execPath, ['scripts/demo-web.ts'], {
    env: { ...env, TMPDIR: folder, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Until it says where it listens, or ends without.
  await new Promise<void>((resolve) => {
    const take = (chunk: Buffer): void => {
      output += chunk.toString()
      if (output.includes('No browser could be opened')) resolve()
    }
    child.stdout!.on('data', take)
    child.stderr!.on('data', take)
    child.once('exit', () => resolve())
  })
  url = /Practise at (\S+)/.exec(output)?.[1] ?? output
  browser = await openBrowser()
}, READY_WITHIN_MS)
afterAll(async () => {
  await browser.close()
  if (child.exitCode === null) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function asSomebody(name: string): Promise<Page> {
  const { page } = await openWindow(browser, url)
  await page.goto('/')
  await page.getByRole('button', { name }).click()
  await page.getByRole('navigation').first().waitFor()
  return page
}

async function shot(page: Page, name: string): Promise<void> {
  const to = process.env['LIKENESS_SHOTS']
  if (to !== undefined) await page.screenshot({ path: path.join(to, `practice-${name}.png`) })
}

test('the place is honest when no browser can be opened, and says how it ends', () => {
  expect(output).toContain('No browser could be opened here')
  expect(output).toContain('Ctrl-C')
})

test.each(PEOPLE)(
  '%s signs in with one click, is told that it is practice, and finds work',
  async (...who) => {
    const [name, at, heading] = who
    const page = await asSomebody(name)
    for (const address of ['/', at]) {
      await page.goto(address)
      await page.getByRole('complementary', { name: 'Practice' }).waitFor()
    }
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
    await shot(page, name.replaceAll(' ', '-'))
    // No page is blank for anybody: it shows what it has, or says who may see it.
    for (const address of ADDRESSES) {
      await page.goto(address)
      await page.getByRole('main').getByRole('heading').first().waitFor()
      const text = (await page.getByRole('main').textContent()) ?? ''
      expect(text.length, `${name} ${address}`).toBeGreaterThan(30)
      const isRefused = text.includes('Your roles do not allow this page')
      if (isRefused) expect(text, `${name} ${address}`).toMatch(/for these roles:.*Your roles: \w/)
      else expect(text, `${name} ${address}`).not.toContain('Your roles do not allow this.')
    }
    await page.context().close()
  },
)

test('a case stands at each stage, one person has an alert, and candidates are there', async () => {
  const page = await asSomebody('Iryna Examiner')
  await page.goto('/cases')
  for (const number of ['2022/001', '2022/002', '2022/003', '2022/004'])
    await page.getByText(number, { exact: true }).waitFor()
  await page.goto('/identifications?scope=all')
  for (const next of ['First examination for the same person', 'Blind verification that agrees'])
    await page.getByText(next).waitFor()
  await page.getByText('identified').first().waitFor()
  await page.goto('/alerts')
  await page.getByRole('link', { name: 'Ткаченко Андрій Олегович' }).waitFor()
  expect(await page.getByRole('link', { name: 'Ткаченко Андрій Олегович' }).count()).toBe(1)
  await page.goto('/cases')
  await page.getByRole('link', { name: 'Woman asked for by her sister' }).click()
  await page
    .getByRole('link', { name: /candidate|search/i })
    .first()
    .click()
  await page
    .getByText(/Similarity/i)
    .first()
    .waitFor()
  await shot(page, 'candidates')
  await page.context().close()
})

test('Ctrl-C ends it and leaves nothing', async () => {
  expect(readdirSync(folder).some((name) => name.startsWith('likeness-practice-'))).toBe(true)
  const exited = once(child, 'exit')
  child.kill('SIGINT')
  expect((await exited)[0]).toBe(0)
  expect(readdirSync(folder).filter((name) => name.startsWith('likeness-practice-'))).toEqual([])
  expect(existsSync(folder)).toBe(true)
}, 60_000)
