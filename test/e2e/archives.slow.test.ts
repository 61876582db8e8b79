import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cookieHeader } from '../../scripts/browser-fetch.ts'
import { groupPhoto, portrait } from '../../scripts/sample-photos.ts'
import { createCollection } from '../../src/collections/create-collection.ts'
import { localOperator } from '../../src/actor/actor.ts'
import { addressOf } from '../../src/contract/client/address-of.ts'
import { recordWarc, serveSite, siteOf, written } from '../support/archived-pages.ts'
import { anonymousSigner, waczByTool, waczOf } from '../support/wacz-files.ts'
import { accessibilityFaults, openBrowser, openWindow } from './browser.ts'
import { openBureau, PROBE_FACE, type Bureau } from './bureau.ts'
import { importPhotos } from './web-service.ts'

// From an archived page to the picture, the page it stood on, and what erasing leaves. The site is gone when it is looked at.

const VIDEO = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom'), Buffer.alloc(4000, 7)])
const SHOTS = process.env['ARCHIVE_SHOTS']

let bureau: Bureau
let browser: Browser
let folder: string
let origin: string
let warc: Buffer
let tool: string

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'likeness-archives-'))
  const site = siteOf(
    {
      img: readFileSync(groupPhoto(2)),
      set: readFileSync(groupPhoto(3)),
      css: readFileSync(portrait('audrey.jpg')),
      inline: readFileSync(portrait('cage.jpg')),
      poster: readFileSync(groupPhoto(6)),
    },
    VIDEO,
  )
  const served = await serveSite(site)
  origin = served.origin
  warc = await recordWarc(origin, Object.keys(site))
  tool = await waczByTool(folder, warc)
  await served.close()
  bureau = await openBureau()
  browser = await openBrowser()
}, 180_000)
afterAll(async () => {
  await browser.close()
  await bureau.web.remove()
  rmSync(folder, { recursive: true, force: true })
})

async function shot(page: Page, name: string): Promise<void> {
  if (SHOTS !== undefined) await page.screenshot({ path: path.join(SHOTS, `${name}.png`) })
}

async function newCollection(title: string, sensitivity: 'ordinary' | 'sensitive'): Promise<string> {
  const made = await bureau.curator.client.call('createCollection', {
    body: { title, lawfulBasis: 'Order 12', sensitivity },
  })
  return made.id
}

async function mediaOf(collectionId: string) {
  const { items } = await bureau.curator.client.call('browseCollection', { params: { id: collectionId } })
  return items
}

/** Last part of the address of the picture -> the photo with its capture. */
async function capturedIn(collectionId: string) {
  const items = await mediaOf(collectionId)
  return new Map(
    items.flatMap((media) =>
      media.sources.flatMap((source) =>
        source.capture === null
          ? []
          : [
              [
                source.capture.resourceUrl?.split('/').at(-1) ?? '',
                { media, source, capture: source.capture },
              ] as const,
            ],
      ),
    ),
  )
}

test('a WACZ is sent from the browser, checked and taken in; each picture names its page, which is shown with the network cut', async () => {
  const id = await newCollection('Archived posts', 'ordinary')
  const { page, context } = await openWindow(browser, bureau.web.url, bureau.curator)
  const asked: string[] = []
  context.on('request', (request) => void asked.push(request.url()))
  await page.goto(`/collections/${id}?tab=import`)
  await page.locator('input[type=file]').setInputFiles(tool)
  await page
    .getByText(/crawl.wacz: pictures and videos: 6, pages: \d; hashes: valid, signature: absent/)
    .waitFor({ timeout: 60_000 })
  await page.getByText('6 of 6 files were sent; not taken in: 1.').waitFor({ timeout: 120_000 })
  await shot(page, 'import')
  const found = await capturedIn(id)
  expect(
    [...found]
      .map(([name, { capture }]) => [
        name,
        capture.pages[0]?.url.slice(origin.length),
        capture.digest.verdict,
      ])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ).toEqual([
    ['css.jpg', '/post', 'valid'],
    ['first.jpg', '/post', 'valid'],
    ['inline.jpg', '/post', 'valid'],
    ['poster.jpg', '/post', 'valid'],
    ['set.jpg', '/post', 'valid'],
  ])
  await page.goto(`/collections/${id}/media/${found.get('set.jpg')!.media.id}`)
  const source = page.getByRole('region', { name: 'Source' })
  await source.getByText('Звіт зі станції').waitFor()
  await shot(page, 'media')
  expect(await accessibilityFaults(page)).toEqual([])
  asked.length = 0
  await source.getByRole('button', { name: 'Show the page as archived' }).click()
  const frame = page.frameLocator('iframe[title="Archived page"]')
  await frame.getByRole('heading', { name: 'Station report' }).waitFor()
  const shown = await frame
    .locator('img')
    .evaluateAll((pictures) =>
      (pictures as unknown as { id: string; naturalWidth: number }[]).map(({ id, naturalWidth }) => [
        id,
        naturalWidth > 100,
      ]),
    )
  expect(shown).toEqual([
    ['first', true],
    ['likeness-picture', true],
    ['', true],
  ])
  const banner = await frame.locator('.banner').evaluate((element) =>
    JSON.stringify(
      (
        element as unknown as {
          ownerDocument: { defaultView: { getComputedStyle(one: unknown): { backgroundImage: string } } }
        }
      ).ownerDocument.defaultView
        .getComputedStyle(element)
        .backgroundImage.slice(0, 16),
    ),
  )
  expect(banner).toBe(JSON.stringify('url("data:image/'))
  await shot(page, 'replay')
  await frame.getByText('away').click()
  // Nothing was asked of the site, of the tracker in its script, or of anybody but the service.
  expect(asked.filter((url) => !url.startsWith(`${bureau.web.url}/`) && !url.startsWith('data:'))).toEqual([])
  await context.close()
})

test('the page comes under a policy that allows nothing; only who may see the photo gets it, and the look is written down', async () => {
  const id = await newCollection('Signed archive', 'sensitive')
  const signed = await waczOf({ 'data.warc.gz': warc }, { signer: anonymousSigner() })
  await importPhotos(bureau.web.ctx, 'Signed archive', written(folder, 'signed.wacz', signed))
  const found = await capturedIn(id)
  const { media, source, capture } = found.get('first.jpg')!
  expect(capture.archive).toMatchObject({
    signatureVerdict: 'valid',
    packageVerdict: 'valid',
    isKept: true,
    signedBy: expect.stringMatching(/^anonymous key /),
  })
  const address = `${bureau.web.url}${addressOf('replayMediaPage', { params: { id, mediaId: media.id }, query: { source: source.id } })}`
  const cookie = cookieHeader(bureau.curator.client.cookies)
  const reply = await fetch(address, { headers: { cookie } })
  expect(reply.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'; img-src data:;/)
  const html = await reply.text()
  // Sensitive: without pictures until asked for.
  expect(html).toContain('Station report')
  expect(html).not.toMatch(/<script|onload=|evil\.example\/track|data:image/)
  const revealed = await (await fetch(`${address}&reveal=yes`, { headers: { cookie } })).text()
  expect(revealed).toContain('data:image/jpeg;base64,')
  expect((await fetch(address, { headers: { cookie: '' } })).status).toBe(401)
  const { rows } = await bureau.web.ctx.store.db
    .selectFrom('audit_event')
    .select('action')
    .where('action', 'in', ['archive.replay', 'media.reveal'])
    .where('subject', '=', `media ${media.id}`)
    .orderBy('seq')
    .execute()
    .then((rows) => ({ rows: rows.map(({ action }) => action) }))
  expect(rows).toEqual(['archive.replay', 'media.reveal'])
})

test('an examiner is shown the page beside the candidate', async () => {
  const { client } = bureau.examiner
  const { items } = await client.call('listProbes', { params: { id: bureau.caseId } })
  const search = await client.call('searchInCase', {
    params: { id: bureau.caseId },
    body: { faces: [items[0].faces[PROBE_FACE].id], limit: 20, threshold: 0.05 },
  })
  const candidate = search.candidates.find(({ media }) =>
    media?.sources.some(({ capture }) => capture?.canReplay === true),
  )!
  const source = candidate.media!.sources.find(({ capture }) => capture?.canReplay === true)!
  const { page, context } = await openWindow(browser, bureau.web.url, bureau.examiner)
  await page.goto(`/searches/${search.id}/compare/${candidate.rank}`)
  await page.getByRole('button', { name: 'Show the page as archived' }).first().click()
  await page
    .frameLocator('iframe[title="Archived page"]')
    .getByRole('heading', { name: 'Station report' })
    .waitFor()
  await shot(page, 'candidate')
  await context.close()
  await expect(
    client.call('replayCandidatePage', {
      params: { id: search.id, rank: String(candidate.rank) },
      query: { source: '00000000-0000-7000-8000-000000000000' },
    }),
  ).rejects.toMatchObject({ code: 'not_found' })
  expect(source.sourceUrl).toBe(`${origin}/post`)
})

test('a changed record is marked, never silently good; erasing takes the archive with the photo', async () => {
  const { ctx } = bureau.web
  await createCollection(ctx, localOperator('operator'), {
    title: 'Changed',
    lawfulBasis: 'test',
    agency: 'Kyiv bureau',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  const plain = await recordPlain(warc)
  await importPhotos(ctx, 'Changed', written(folder, 'changed.warc', plain))
  const { id } = (await bureau.curator.client.call('listCollections', {})).find(
    ({ title }) => title === 'Changed',
  )!
  const [{ id: importId }] = await bureau.curator.client.call('listImports', { params: { id } })
  const items = await bureau.curator.client.call('listImportItems', { params: { id: importId }, query: {} })
  expect(items.filter(({ reason }) => reason === 'digest_differs')).toMatchObject([
    {
      name: `${origin}/img/set.jpg`,
      detail: expect.stringMatching(/^The record's content was changed: it should have sha256:/),
    },
  ])
  const { media, capture } = (await capturedIn(id)).get('set.jpg')!
  expect(capture.digest).toMatchObject({
    verdict: 'invalid',
    claimed: expect.stringMatching(/^sha256:/),
    observed: expect.stringMatching(/^sha256:/),
  })
  const file = ctx.store.vault.fileOf(capture.archive!.sha256)
  expect(existsSync(file)).toBe(true)
  await bureau.curator.client.call('eraseFromCollection', {
    params: { id },
    body: { media: [media.id], reason: 'asked for' },
  })
  expect(existsSync(file)).toBe(false)
  const left = (await capturedIn(id)).get('first.jpg')!
  expect(left.capture).toMatchObject({ canReplay: false, archive: { isKept: false } })
})

/** The same records uncompressed, with a byte of one picture changed. */
async function recordPlain(compressed: Buffer): Promise<Buffer> {
  const { gunzipSync } = await import('node:zlib')
  const plain = gunzipSync(compressed)
  const record = plain.indexOf(`WARC-Target-URI: ${origin}/img/set.jpg`)
  const picture = plain.indexOf(Buffer.from([0xff, 0xd8, 0xff]), record)
  // Far inside the picture's data, so that it is still a picture.
  plain[picture + 100_000] ^= 1
  return plain
}
