import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { portrait } from '../../scripts/sample-photos.ts'
import { openBrowser, openWindow } from './browser.ts'
import { openBureau, type Bureau } from './bureau.ts'
import { fakeCamera } from './fake-camera.ts'

// What people hold in their hands: a camera, and a key that signs them in.

let bureau: Bureau
let browser: Browser
const folder = mkdtempSync(path.join(tmpdir(), 'likeness-camera-'))

beforeAll(async () => {
  bureau = await openBureau()
  browser = await openBrowser(await fakeCamera(portrait('audrey.jpg'), path.join(folder, 'face.mjpeg')))
}, 120_000)
afterAll(async () => {
  await browser.close()
  await bureau.web.remove()
  rmSync(folder, { recursive: true })
})

test('a photo taken with the camera is a probe, and its face is found', async () => {
  const { page } = await openWindow(browser, bureau.web.url, bureau.examiner, { permissions: ['camera'] })
  await page.goto(`/cases/${bureau.caseId}/search`)
  await page.getByRole('button', { name: 'Take a photo' }).click()
  const take = page.getByRole('button', { name: 'Take the photo' })
  await expect.poll(() => take.isEnabled(), { timeout: 20_000 }).toBe(true)
  await take.click()
  await page.getByText('Quality of face 1').waitFor()
  const { items } = await bureau.examiner.client.call('listProbes', { params: { id: bureau.caseId } })
  expect(items[0]).toMatchObject({ label: 'Camera.jpg', widthPx: 1280, heightPx: 720 })
  expect(items[0].faces).toHaveLength(1)
})

test('without a camera, the page says so and another way stays', async () => {
  const { page } = await openWindow(browser, bureau.web.url, bureau.examiner)
  await page.addInitScript(
    `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotFoundError'))`,
  )
  await page.goto(`/cases/${bureau.caseId}/search`)
  await page.getByRole('button', { name: 'Take a photo' }).click()
  await expect.poll(() => page.getByText('The camera cannot be used.').count()).toBe(1)
})

test('a passkey is made, and signs in without password and code', async () => {
  const { context, page } = await openWindow(browser, bureau.web.url, bureau.colleague)
  const session = await context.newCDPSession(page)
  await session.send('WebAuthn.enable')
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  await page.goto('/account')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await expect
    .poll(async () => (await bureau.colleague.client.call('listPasskeys', {})).length, { timeout: 10_000 })
    .toBe(1)
  await context.clearCookies()
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByRole('heading', { level: 1, name: 'Good day, Oleh Examiner' }).waitFor()
})
